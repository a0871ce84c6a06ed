import { z } from "zod";
import { OperatorError } from "./operator-error.js";

// What the environments of two programs have in common. The variables' own names stand in each one's `config.ts`.

export interface LiveKitKey {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Where LiveKit is, and the key to it. */
export interface LiveKitAccess extends LiveKitKey {
  readonly url: string;
}

/** The path is written into pages and headers as it is. */
const URL_PATH = /^(\/[\w.~-]+)*\/?$/;
export const secret = z.string().min(32, "must have at least 32 characters");

export const agentName = z
  .string()
  .regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, '.', '_' or '-'")
  .default("parley-agent");
export const maxTalks = z.coerce
  .number("must be a number from 1 to 100000")
  .int("must be a whole number")
  .min(1, "must be from 1 to 100000")
  .max(100_000, "must be from 1 to 100000")
  .optional();
export const livekitUrl = z
  .string()
  .refine(
    (text) => /^(wss?|https?):\/\/[^/]+/.test(text) && URL.canParse(text),
    "must be a URL that starts with ws://, wss://, http:// or https://",
  );
export const baseUrl = z
  .string()
  .refine(isBaseUrl, "must be an http(s) URL without a user, a query or a fragment")
  .transform((text) => new URL(text).href.replace(/\/+$/, ""))
  .refine(
    (text) => URL_PATH.test(new URL(text).pathname),
    "must have a path of letters, digits, '.', '_', '~' and '-' alone",
  );
/** Where traces go. OpenTelemetry's SDK reads it too, with the other `OTEL_*` variables. */
export const collectorUrl = z
  .string()
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), "must be an http(s) URL")
  .optional();
export const logLevel = z
  .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
  .default("info");

/** A configuration error. Its message lists every problem and is shown to the operator as is. */
export class ConfigError extends OperatorError {
  override name = "ConfigError";
}

/**
 * Reads an environment: an empty variable counts as unset.
 *
 * @param env the environment, usually `process.env`.
 * @param together says what is wrong only together. It looks at the texts, so that it also speaks when one of them is
 *   wrong by itself: zod leaves out a refinement of the whole then.
 * @throws ConfigError naming every wrong variable at once, never its value.
 */
export function readEnvironment<T>(
  wanted: z.ZodType<T>,
  env: Record<string, string | undefined>,
  together: (
    env: Readonly<Record<string, string | undefined>>,
    fail: (name: string, message: string) => void,
  ) => void = () => {},
): T {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const problems = new Map<string, string>();
  const parsed = wanted.safeParse(set);
  for (const issue of parsed.error?.issues ?? []) {
    const missing = issue.code === "invalid_type" && !(String(issue.path[0]) in set);
    problems.set(issue.path.join("."), missing ? "is required" : issue.message);
  }
  together(set, (name, message) => {
    if (!problems.has(name)) problems.set(name, message);
  });
  if (parsed.success && problems.size === 0) return parsed.data;
  const lines = [...problems].map(([name, message]) => `  ${name} ${message}`);
  throw new ConfigError(`The environment is not usable:\n${lines.join("\n")}`);
}

/** A URL that paths are appended to. */
function isBaseUrl(text: string): boolean {
  if (!/^https?:\/\/[^?#]+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}
