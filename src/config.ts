import { z } from "zod";

/**
 * The only reader of the environment. An empty variable counts as unset; every problem is printed
 * at once. `.env.example` and the README's table list the same names.
 */
export interface Config extends Readonly<z.infer<typeof schema>> {
  readonly LIVEKIT_API_KEY: string;
  readonly LIVEKIT_API_SECRET: string;
  /** Without a trailing slash. */
  readonly publicUrl: string;
}

/** LiveKit's own published development pair (`livekit-server --dev`), never good in production. */
const DEV_LIVEKIT = { url: "ws://127.0.0.1:7880", key: "devkey", secret: "secret" };
const BOOTSTRAP_KEY = /^ak_([A-Za-z0-9]{4,64})\.([A-Za-z0-9_-]{8,256})$/;

const port = z.coerce.number().int().min(0).max(65535);
const secret = z.string().min(32, "must have at least 32 characters");

const schema = z
  .object({
    NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
    HOST: z.string().default("127.0.0.1"),
    PORT: port.default(4000),
    PUBLIC_URL: z.url({ protocol: /^https?$/, message: "must be an http(s) URL" }).optional(),
    DATA_DIR: z.string().default(".data"),
    DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\//, "must start with postgresql://")
      .optional(),
    APP_SECRET: secret.optional(),
    AGENT_NAME: z
      .string()
      .regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, '.', '_' or '-'")
      .default("parley-agent"),
    AGENT_SECRET: secret.optional(),
    LIVEKIT_URL: z
      .string()
      .regex(/^(wss?|https?):\/\/[^/]+/, "must start with ws://, wss://, http:// or https://")
      .optional(),
    LIVEKIT_API_KEY: z.string().optional(),
    LIVEKIT_API_SECRET: z.string().optional(),
    LIVEKIT_PORT: port.default(7880),
    BOOTSTRAP_API_KEY: z
      .string()
      .regex(BOOTSTRAP_KEY, "must have the form ak_<id>.<secret>")
      .optional(),
    BOOTSTRAP_ORG: z
      .string()
      .regex(/^[\w-]{1,64}$/, "must be 1 to 64 letters, digits, '_' or '-'")
      .optional(),
    TRUST_PROXY: z
      .string()
      .regex(
        /^(\d+|[\da-fA-F.:/, ]+|loopback|linklocal|uniquelocal)$/,
        "must be a number of proxies or a list of addresses",
      )
      .optional(),
    LOG_LEVEL: z
      .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
      .default("info"),
  })
  .superRefine((env, ctx) => {
    const fail = (name: string, message: string): void => {
      ctx.addIssue({ code: "custom", path: [name], message });
    };
    if (env.DATABASE_URL && !env.APP_SECRET) {
      fail("APP_SECRET", "is required with DATABASE_URL (at least 32 random characters)");
    }
    if (env.LIVEKIT_URL && (!env.LIVEKIT_API_KEY || !env.LIVEKIT_API_SECRET)) {
      fail("LIVEKIT_API_KEY", "and LIVEKIT_API_SECRET are required with LIVEKIT_URL");
    }
    if (env.NODE_ENV !== "production") return;
    if (!env.PUBLIC_URL) fail("PUBLIC_URL", "is required in production");
    if (!env.LIVEKIT_URL) fail("LIVEKIT_URL", "is required in production");
    if (env.LIVEKIT_API_KEY === DEV_LIVEKIT.key || env.LIVEKIT_API_SECRET === DEV_LIVEKIT.secret) {
      fail("LIVEKIT_API_KEY", "is LiveKit's development key, which everybody knows");
    }
    const bootstrapSecret = env.BOOTSTRAP_API_KEY?.split(".")[1];
    if (bootstrapSecret !== undefined && bootstrapSecret.length < 32) {
      fail("BOOTSTRAP_API_KEY", "needs a secret of at least 32 characters in production");
    }
    if (env.BOOTSTRAP_API_KEY && !env.BOOTSTRAP_ORG) {
      fail("BOOTSTRAP_ORG", "is required with BOOTSTRAP_API_KEY in production, which has no demo");
    }
  });

/** All problems of an environment in one message. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * @param env the environment, usually `process.env`.
 * @throws ConfigError naming every wrong variable, never its value.
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(set);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".")} ${issue.message}`);
    throw new ConfigError(`The environment is not usable:\n${lines.join("\n")}`);
  }
  const values = parsed.data;
  return {
    ...values,
    LIVEKIT_API_KEY: values.LIVEKIT_API_KEY ?? DEV_LIVEKIT.key,
    LIVEKIT_API_SECRET: values.LIVEKIT_API_SECRET ?? DEV_LIVEKIT.secret,
    publicUrl: (values.PUBLIC_URL ?? `http://127.0.0.1:${values.PORT}`).replace(/\/+$/, ""),
  };
}

/** The names that `loadConfig` reads, for the test that compares them with the documentation. */
export const CONFIG_NAMES: readonly string[] = Object.keys(schema.shape);
export { DEV_LIVEKIT };
