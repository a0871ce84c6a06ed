import { CONFIRMATION_REQUIRED } from "../protocol/console-api.js";
import type { BrokenRule } from "../protocol/refusal.js";

/**
 * The closed set of things that can go wrong. It knows no transport: `ERROR_MAPPING` gives each
 * code its HTTP status and its GraphQL `extensions.code`, so a new code does not compile until mapped.
 */
export type ErrorCode =
  | "bad_request"
  | "unauthenticated"
  | "forbidden"
  /** Of a session of the console alone: its person proves themselves once more first. */
  | "confirmation_required"
  | "not_found"
  | "method_not_allowed"
  | "conflict"
  | "payload_too_large"
  | "unsupported_media_type"
  | "invalid"
  | "rate_limited"
  | "internal"
  | "unavailable";

/**
 * One wrong field. `path` is dotted, in the caller's own spelling (`config.v1.theme`). The rule says what `message` says, where
 * it has a name.
 */
export interface FieldError extends Partial<BrokenRule> {
  readonly path: string;
  readonly message: string;
}

export const ERROR_MAPPING: Record<ErrorCode, { status: number; graphql: string }> = {
  bad_request: { status: 400, graphql: "BAD_REQUEST" },
  unauthenticated: { status: 401, graphql: "UNAUTHENTICATED" },
  forbidden: { status: 403, graphql: "FORBIDDEN" },
  confirmation_required: { status: 403, graphql: CONFIRMATION_REQUIRED },
  not_found: { status: 404, graphql: "NOT_FOUND" },
  method_not_allowed: { status: 405, graphql: "METHOD_NOT_ALLOWED" },
  conflict: { status: 409, graphql: "CONFLICT" },
  payload_too_large: { status: 413, graphql: "PAYLOAD_TOO_LARGE" },
  unsupported_media_type: { status: 415, graphql: "UNSUPPORTED_MEDIA_TYPE" },
  invalid: { status: 422, graphql: "BAD_USER_INPUT" },
  rate_limited: { status: 429, graphql: "RATE_LIMITED" },
  internal: { status: 500, graphql: "INTERNAL_SERVER_ERROR" },
  unavailable: { status: 503, graphql: "SERVICE_UNAVAILABLE" },
};

/**
 * Why a start is refused, for a program: the first three with `conflict`, those of identity with `unauthenticated`, the
 * last two with `rate_limited`.
 */
export type StartRefusal =
  | "version_unpublished"
  | "strict_without_domains"
  | "consent_required"
  | "identity_required"
  | "identity_refused"
  | "too_many_talks"
  | "day_used_up";

interface AppErrorDetails {
  /** Only with `invalid`: the wrong fields. */
  readonly fields?: readonly FieldError[];
  /** Only of a start. */
  readonly reason?: StartRefusal;
  /** Only with `rate_limited` and `unavailable`: seconds until a retry makes sense. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** An error whose message is meant for the caller: one sentence, without the caller's own input. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[] | undefined;
  readonly reason: StartRefusal | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "AppError";
    this.code = code;
    this.fields = details.fields;
    this.reason = details.reason;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** 422 naming the wrong fields, in the spelling of the GraphQL schema; REST respells them. */
export function invalid(...fields: FieldError[]): AppError {
  const [first] = fields;
  return new AppError("invalid", first ? fieldSentence(first) : "A field is wrong.", { fields });
}

/** `config.v1.theme: Must be …`; without a path the message alone. */
export function fieldSentence({ path, message }: FieldError): string {
  return path === "" ? message : `${path}: ${message}`;
}

/** What another organization owns answers exactly like what does not exist: one sentence for both. */
export function notFound(what: string): AppError {
  return new AppError("not_found", `${what} not found.`);
}

/** The `code` of the system's and of libraries' errors: `ENOENT`, `P2002`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The fixed sentence for everything unforeseen; the cause is logged under the same request id. */
export function internalErrorMessage(requestId: string): string {
  return `Something went wrong on our side. Request id: ${requestId}`;
}
