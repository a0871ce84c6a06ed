import { resolve } from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { ConnectionUrlError, parseConnectionUrl, type ConnectionUrl } from "./connection-url.js";
import { errorCode } from "./errors.js";
import {
  checkConsolePlaces,
  consolePlaceVariables,
  readConsolePlaces,
  type PreviewPlace,
} from "./input/console-places.js";
import { checkOidc, oidcVariables, readOidc, type OidcSettings } from "./input/oidc-settings.js";
import {
  NO_USAGE_LIMITS,
  SAFE_USAGE_LIMITS,
  usageLimitDefaults,
  type UsageLimitDefaults,
} from "./input/usage-limits.js";
import {
  agentName,
  baseUrl,
  collectorUrl,
  ConfigError,
  livekitUrl,
  logLevel,
  maxTalks,
  readEnvironment,
  secret,
  type LiveKitAccess,
  type LiveKitKey,
} from "../process/environment.js";
import {
  checkModels,
  modelVariables,
  readModels,
  type ModelSettings,
} from "../process/model-settings.js";

/** What the platform is told by its environment. `.env.example` and the README's table list the variables. */
export interface Config {
  readonly isProduction: boolean;
  readonly host: string;
  readonly port: number;
  /** Where the metrics are, for operators alone; undefined: nowhere, and nothing is counted. */
  readonly ops: { readonly host: string; readonly port: number } | undefined;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** What stands before `/console`, without a trailing slash: the same, unless it has an origin of its own. */
  readonly consoleUrl: string;
  /** Where what is tried there has an origin; undefined: nowhere. */
  readonly preview: PreviewPlace | undefined;
  readonly dataDir: string;
  /** Undefined: the embedded database, in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** The same database without a pooler; undefined: there is none. */
  readonly databaseDirectUrl: string | undefined;
  /** Undefined: made and kept in `dataDir`. */
  readonly appSecret: string | undefined;
  readonly agentName: string;
  /** Undefined: made and kept in `dataDir`. */
  readonly agentSecret: string | undefined;
  /** Whether this process also runs an agent worker: with its own LiveKit yes, otherwise only if asked. */
  readonly runsAgent: boolean;
  /** How many talks one worker holds at a time; undefined: what its machine allows. */
  readonly maxTalks: number | undefined;
  /** What agents think and speak with; undefined: the demo answers, and nothing costs money. */
  readonly models: ModelSettings | undefined;
  /** What talks may use up of a widget and an organization that name no limits. */
  readonly usageLimits: UsageLimitDefaults;
  /** Undefined: the platform brings its own, for development. */
  readonly livekit: LiveKitAccess | undefined;
  /** Where its own listens, and the key to give it; without one: made and kept in `dataDir`. */
  readonly embeddedLivekit: { readonly port: number; readonly key: LiveKitKey | undefined };
  /** Without an organization it is the demo's key. */
  readonly bootstrap:
    | { readonly key: string; readonly organizationId: string | undefined }
    | undefined;
  /** How long the audit log is kept. */
  readonly auditRetentionDays: number;
  /** Where limits are counted for all instances together; undefined: in each one's memory. */
  readonly redisUrl: string | undefined;
  /** A number of proxies, or their addresses; false: nobody's word is taken for the client's address. */
  readonly trustProxy: number | string | false;
  /** Whether the owners' console is served at `/console`. */
  readonly hasConsole: boolean;
  /** Whether who signed in to it by a password alone manages no organization. */
  readonly requiresSecondFactor: boolean;
  /** Where people sign in to it beside a password; undefined: nowhere. */
  readonly oidc: OidcSettings | undefined;
  /** How long everything is still served after a request to stop, for load balancers to notice. */
  readonly shutdownGraceSeconds: number;
  readonly logLevel: z.infer<typeof logLevel>;
  /** Where traces go; undefined: there are none. */
  readonly collectorUrl: string | undefined;
}

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 4000;
/** LiveKit's own published development pair (`livekit-server --dev`), never good in production. */
const DEV_LIVEKIT = { key: "devkey", secret: "secret" };
/** What the platform's own paths begin with: after one of them a proxy's prefix could not be told apart. */
const OWN_PATH = /^\/(core|console|graphql|public|livekit|demo|healthz|readyz)(\/|$)/;
/** Load balancers ask for readiness every few seconds; a second is enough for clients that keep connections. */
const SHUTDOWN_GRACE_SECONDS = { production: 10, development: 1, test: 1 };
const BOOTSTRAP_KEY = /^ak_([A-Za-z0-9]{4,64})\.([A-Za-z0-9_-]{8,256})$/;

const port = z.coerce
  .number("must be a number from 1 to 65535")
  .int("must be a whole number")
  .min(1, "must be from 1 to 65535")
  .max(65535, "must be from 1 to 65535");
const listenHost = z
  .string()
  // As a URL has it, an address of IPv6 stands in brackets.
  .transform((text) => text.replace(/^\[(.*:.*)\]$/, "$1"))
  .refine(isHost, "must be an address or a host's name")
  .default(DEFAULT_HOST);
const nodeEnv = z.enum(["development", "production", "test"]).default("development");
const databaseUrl = z.string().superRefine((text, context) => {
  try {
    parseConnectionUrl(text);
  } catch (error) {
    if (!(error instanceof ConnectionUrlError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
});
const redisUrl = z
  .string()
  .regex(/^rediss?:\/\//i, {
    error: "must be a URL that starts with redis:// or rediss://",
    abort: true,
  })
  .refine(
    isRedisUrl,
    "must name a host and nothing more than a user, a password, a port and a database's number: redis://:password@host:6379/0, with @ as %40, / as %2F, ? as %3F, # as %23, % as %25",
  );
// Nothing else reads the environment; the variables' own names do not leave this file.
const schema = z.object({
  NODE_ENV: nodeEnv,
  HOST: listenHost,
  PORT: port.default(DEFAULT_PORT),
  OPS_HOST: listenHost,
  OPS_PORT: port.optional(),
  PUBLIC_URL: baseUrl
    .refine(
      (text) => !OWN_PATH.test(new URL(text).pathname),
      "must not begin with a path of Parley's own, such as /core or /public",
    )
    .optional(),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_DIRECT_URL: databaseUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  APP_SECRET: secret.optional(),
  AGENT_NAME: agentName,
  AGENT_SECRET: secret.optional(),
  RUN_AGENT: z.enum(["true", "false"]).optional(),
  AGENT_MAX_TALKS: maxTalks,
  ...modelVariables,
  USAGE_LIMITS: usageLimitDefaults.optional(),
  AUDIT_RETENTION_DAYS: z.coerce
    .number("must be a whole number of days from 1 to 36500")
    .int("must be a whole number of days")
    .min(1, "must be from 1 to 36500")
    .max(36_500, "must be from 1 to 36500")
    .default(400),
  LIVEKIT_URL: livekitUrl.optional(),
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
    .refine(isTrustProxy, "must be a number of proxies or a list of addresses")
    .transform((text) => (isWholeNumber(text) ? Number(text) : text))
    .optional(),
  CONSOLE: z.enum(["on", "off"]).default("on"),
  ...consolePlaceVariables,
  CONSOLE_REQUIRE_SECOND_FACTOR: z.enum(["true", "false"]).default("false"),
  ...oidcVariables,
  SHUTDOWN_GRACE_SECONDS: z.coerce
    .number("must be a number from 0 to 300")
    .min(0, "must be from 0 to 300")
    .max(300, "must be from 0 to 300")
    .optional(),
  LOG_LEVEL: logLevel,
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
});

/**
 * What is wrong only together. Looks at the texts, so that it also speaks when one of them is wrong
 * by itself: zod leaves out a refinement of the whole then.
 */
function checkTogether(
  env: Readonly<Record<string, string | undefined>>,
  fail: (name: string, message: string) => void,
): void {
  if (env.DATABASE_URL && !env.APP_SECRET) {
    fail("APP_SECRET", "is required with DATABASE_URL (at least 32 random characters)");
  }
  checkModels(env, fail);
  checkOidc(env, fail);
  const listensOn = listenHost.safeParse(env.HOST).data ?? DEFAULT_HOST;
  checkConsolePlaces(env, env.PUBLIC_URL ?? ownUrl(listensOn, DEFAULT_PORT), fail);
  checkDirectUrl(env.DATABASE_URL, env.DATABASE_DIRECT_URL, (message) =>
    fail("DATABASE_DIRECT_URL", message),
  );
  if (env.OPS_PORT && Number(env.OPS_PORT) === Number(env.PORT ?? DEFAULT_PORT)) {
    fail("OPS_PORT", "must be another port than PORT: metrics are for operators alone");
  }
  const isHalfKey = !env.LIVEKIT_API_KEY !== !env.LIVEKIT_API_SECRET;
  if (isHalfKey || (env.LIVEKIT_URL && !env.LIVEKIT_API_KEY)) {
    fail("LIVEKIT_API_KEY", "and LIVEKIT_API_SECRET go together, and with LIVEKIT_URL");
  }
  if (env.NODE_ENV !== "production") return;
  if (!env.PUBLIC_URL) fail("PUBLIC_URL", "is required in production");
  if (!env.LIVEKIT_URL) fail("LIVEKIT_URL", "is required in production");
  if (!env.AGENT_SECRET) {
    fail("AGENT_SECRET", "is required in production (at least 32 random characters)");
  }
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
}

/** Of a URL that is wrong by itself this says nothing. */
function checkDirectUrl(
  url: string | undefined,
  directUrl: string | undefined,
  fail: (message: string) => void,
): void {
  const database = readUrl(url);
  const direct = readUrl(directUrl);
  if (directUrl && !url) fail("goes together with DATABASE_URL");
  if (database?.hasPooler && !directUrl) {
    fail("is required with pgbouncer=true: the same database without the pooler, for migrations");
  }
  if (direct?.hasPooler) fail("is for what needs no pooler: it cannot have pgbouncer=true");
  if (database && direct && database.schema !== direct.schema) {
    fail("must name the schema that DATABASE_URL names");
  }
}

function readUrl(text: string | undefined): ConnectionUrl | undefined {
  return text && databaseUrl.safeParse(text).success ? parseConnectionUrl(text) : undefined;
}

/** A file or directory that the system refuses. */
export function unusable(what: string, path: string, error: unknown): ConfigError {
  const code = errorCode(error);
  const reason = code === undefined ? "" : ` (${code})`;
  return new ConfigError(`${what} cannot be used: ${resolve(path)}${reason}.`, { cause: error });
}

/** The names that the platform reads, for the test that compares them with the documentation. */
export const PLATFORM_VARIABLES: readonly string[] = Object.keys(schema.shape);

/**
 * Reads the environment of the platform: an empty variable counts as unset.
 *
 * @param env the environment, usually `process.env`.
 * @throws ConfigError naming every wrong variable at once, never its value.
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const values = readEnvironment(schema, env, checkTogether);
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = values;
  const key = apiKey !== undefined && apiSecret !== undefined ? { apiKey, apiSecret } : undefined;
  const livekit = url !== undefined && key ? { url, ...key } : undefined;
  const models = readModels(values);
  const isProduction = values.NODE_ENV === "production";
  const address = ownUrl(values.HOST, values.PORT);
  const publicUrl = values.PUBLIC_URL ?? address;
  return {
    isProduction,
    host: values.HOST,
    port: values.PORT,
    ops:
      values.OPS_PORT === undefined ? undefined : { host: values.OPS_HOST, port: values.OPS_PORT },
    publicUrl,
    ...readConsolePlaces(values, { publicUrl, address, isProduction }),
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL,
    appSecret: values.APP_SECRET,
    agentName: values.AGENT_NAME,
    agentSecret: values.AGENT_SECRET,
    runsAgent: values.RUN_AGENT === undefined ? !livekit : values.RUN_AGENT === "true",
    maxTalks: values.AGENT_MAX_TALKS,
    models,
    usageLimits: values.USAGE_LIMITS ?? (models ? SAFE_USAGE_LIMITS : NO_USAGE_LIMITS),
    auditRetentionDays: values.AUDIT_RETENTION_DAYS,
    livekit,
    embeddedLivekit: { port: values.LIVEKIT_PORT, key },
    bootstrap:
      values.BOOTSTRAP_API_KEY === undefined
        ? undefined
        : { key: values.BOOTSTRAP_API_KEY, organizationId: values.BOOTSTRAP_ORG },
    redisUrl: values.REDIS_URL,
    trustProxy: values.TRUST_PROXY ?? false,
    requiresSecondFactor: values.CONSOLE_REQUIRE_SECOND_FACTOR === "true",
    hasConsole: values.CONSOLE === "on",
    oidc: readOidc(values),
    shutdownGraceSeconds: values.SHUTDOWN_GRACE_SECONDS ?? SHUTDOWN_GRACE_SECONDS[values.NODE_ENV],
    logLevel: values.LOG_LEVEL,
    collectorUrl: values.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

function isHost(text: string): boolean {
  return !/[/?#@\\]/.test(text) && URL.canParse(`http://${inUrl(text)}`);
}

/** Whether a listener is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}

/** Where a listener is reached from this machine: one on every address is one on our own as well. */
export function ownUrl(host: string, onPort: number): string {
  const { hostname } = new URL(`http://${inUrl(host)}`);
  return `http://${{ "0.0.0.0": "127.0.0.1", "[::]": "[::1]" }[hostname] ?? hostname}:${onPort}`;
}

function isRedisUrl(text: string): boolean {
  const isWhole = /^rediss?:\/\/([^/?#@]*@)?[^/?#@]+(\/\d{0,4})?$/i.test(text);
  if (!isWhole || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  // The client reads them so.
  return !/%(?![\da-f]{2})/i.test(username + password);
}

function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function isWholeNumber(text: string): boolean {
  return /^\d{1,3}$/.test(text);
}

/** What Express takes for "trust proxy", `true` aside: that would believe anybody. */
function isTrustProxy(text: string): boolean {
  if (isWholeNumber(text)) return true;
  return text.split(",").every((part) => {
    const name = part.trim();
    if (["loopback", "linklocal", "uniquelocal"].includes(name)) return true;
    return ipaddr.isValid(name) || ipaddr.isValidCIDR(name);
  });
}
