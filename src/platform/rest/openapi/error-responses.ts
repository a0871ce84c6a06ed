import { RULES } from "../../../protocol/refusal.js";
import { ERROR_MAPPING, type ErrorCode } from "../../errors.js";
import type { CompiledRoute } from "../compile-route.js";
import { reference, type Components } from "./json-schema.js";

/** No session of the console counts by REST. */
type RestErrorCode = Exclude<ErrorCode, "confirmation_required">;

/** What each status means (contract section 3). */
const ERRORS: Readonly<Record<RestErrorCode, string>> = {
  bad_request: "Not understood, or cannot be done.",
  unauthenticated: "The token is missing, unknown, expired or revoked.",
  forbidden:
    "The token is valid but lacks the scope that this needs, or the caller's origin is not allowed.",
  not_found: "It does not exist, or it belongs to another organization.",
  method_not_allowed: "The path does not have this method; `Allow` names those that it has.",
  conflict: "The current state does not allow it.",
  payload_too_large: "Too large.",
  unsupported_media_type: "The body is not JSON in UTF-8, or packed in a way that is not known.",
  invalid: "A field is wrong; `errors` names it.",
  rate_limited: "Too many requests; try again after `Retry-After` seconds.",
  internal: "An internal error; `detail` has the request id.",
  unavailable: "Something that we depend on is down; try again after `Retry-After` seconds.",
};

/** The error answers of an operation, by status. */
export function errorReferences(compiled: CompiledRoute): object {
  const hasBody = (compiled.body?.fields.length ?? 0) > 0;
  const codes = (Object.keys(ERRORS) as RestErrorCode[]).filter(
    (code) =>
      code !== "method_not_allowed" &&
      (hasBody || (code !== "payload_too_large" && code !== "unsupported_media_type")),
  );
  return Object.fromEntries(
    codes.map((code) => [ERROR_MAPPING[code].status, { $ref: `#/components/responses/${code}` }]),
  );
}

/** The answers that operations refer to. */
export function errorResponses(): object {
  return Object.fromEntries(
    (Object.keys(ERRORS) as RestErrorCode[]).map((code) => [
      code,
      {
        description: ERRORS[code],
        headers: {
          "X-Request-Id": { $ref: "#/components/headers/RequestId" },
          ...(code === "rate_limited" || code === "unavailable"
            ? { "Retry-After": { $ref: "#/components/headers/RetryAfter" } }
            : {}),
        },
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/Error" },
            example:
              code === "invalid"
                ? {
                    detail: "name: Is required.",
                    errors: [{ path: "name", message: "Is required.", rule: "required" }],
                  }
                : { detail: ERRORS[code] },
          },
        },
      },
    ]),
  );
}

/** The two components that errors are made of. */
export function addErrors(components: Components): void {
  components.set("FieldError", {
    type: "object",
    description: "One wrong field.",
    properties: {
      path: { type: "string", description: "`config.v1.theme`" },
      message: { type: "string", description: "What is wrong with it." },
      rule: {
        type: "string",
        description:
          "What the message says, for a program; absent where it has no name. There may be others later.",
        examples: [...RULES],
      },
      min: { type: "number", description: "The least that the rule allows." },
      max: { type: "number", description: "The most that the rule allows." },
    },
    required: ["path", "message"],
  });
  components.set("Error", {
    type: "object",
    description: "Every error.",
    properties: {
      detail: { type: "string", description: "One sentence." },
      code: {
        type: "string",
        description:
          "With the 409 of a start, why: `version_unpublished`, `strict_without_domains` or `consent_required`. With its 401, where it is about the identity token: `identity_required` or `identity_refused`.",
      },
      errors: {
        type: "array",
        description: "With 422: the wrong fields.",
        items: reference("FieldError"),
      },
    },
    required: ["detail"],
  });
}
