/**
 * The closed set of things that can go wrong. It knows no transport: `ERROR_MAPPING` gives each
 * code its HTTP status and its GraphQL `extensions.code`, so a new code does not compile until mapped.
 */
export type ErrorCode =
  | "bad_request"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "payload_too_large"
  | "invalid"
  | "rate_limited"
  | "internal"
  | "unavailable";

/** One wrong field. `path` is dotted, in the caller's own spelling (`config.v1.theme`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export const ERROR_MAPPING: Record<ErrorCode, { status: number; graphql: string }> = {
  bad_request: { status: 400, graphql: "BAD_REQUEST" },
  unauthenticated: { status: 401, graphql: "UNAUTHENTICATED" },
  forbidden: { status: 403, graphql: "FORBIDDEN" },
  not_found: { status: 404, graphql: "NOT_FOUND" },
  conflict: { status: 409, graphql: "CONFLICT" },
  payload_too_large: { status: 413, graphql: "PAYLOAD_TOO_LARGE" },
  invalid: { status: 422, graphql: "BAD_USER_INPUT" },
  rate_limited: { status: 429, graphql: "RATE_LIMITED" },
  internal: { status: 500, graphql: "INTERNAL_SERVER_ERROR" },
  unavailable: { status: 503, graphql: "SERVICE_UNAVAILABLE" },
};

interface AppErrorDetails {
  /** Only with `invalid`: the wrong fields. */
  readonly fields?: readonly FieldError[];
  /** Only with `rate_limited` and `unavailable`: seconds until a retry makes sense. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** An error whose message is meant for the caller: one sentence, without the caller's own input. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "AppError";
    this.code = code;
    this.fields = details.fields;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** 422 naming the wrong fields, in the spelling of the GraphQL schema; REST respells them. */
export function invalid(...fields: FieldError[]): AppError {
  const [first] = fields;
  const where = first && first.path !== "" ? `${first.path}: ` : "";
  return new AppError("invalid", first ? `${where}${first.message}` : "A field is wrong.", {
    fields,
  });
}

/** The error in snake_case: `agentId` → `agent_id`. Only the first step of a path is a name of ours. */
export function respellFields(error: AppError): AppError {
  if (!error.fields) return error;
  return invalid(
    ...error.fields.map(({ path, message }) => {
      const [first = "", ...rest] = path.split(".");
      return { path: [snakeCase(first), ...rest].join("."), message };
    }),
  );
}

/** `agentVersionId` → `agent_version_id`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What another organization owns answers exactly like what does not exist: one sentence for both. */
export function notFound(what: string): AppError {
  return new AppError("not_found", `${what} not found.`);
}

/** The fixed sentence for everything unforeseen; the cause is logged under the same request id. */
export function internalErrorMessage(requestId: string): string {
  return `Something went wrong on our side. Request id: ${requestId}`;
}
