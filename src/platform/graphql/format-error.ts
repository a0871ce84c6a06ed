import { GraphQLError, type DocumentNode, type GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { isDatabaseUnavailable } from "../database/prisma-errors.js";
import { AppError, ERROR_MAPPING, fieldSentence, internalErrorMessage } from "../errors.js";
import { enumName } from "./enum-literals.js";
import { pathOfLiteral, withoutLiteral } from "./check-input.js";

/**
 * The one place where an unforeseen error becomes an answer, for both doors: a fixed sentence with
 * the request id. Its cause is logged here, once.
 */
export function toAppError(error: unknown, requestId: string, log: Logger): AppError {
  const cause = original(error);
  if (cause instanceof AppError) return cause;
  log.error({ err: cause, requestId }, "unforeseen error");
  if (isDatabaseUnavailable(cause)) {
    return new AppError("unavailable", "The database does not answer. Try again in a moment.", {
      retryAfterSeconds: 5,
    });
  }
  return new AppError("internal", internalErrorMessage(requestId));
}

/** An error as GraphQL answers it: no stack, whatever NODE_ENV says. */
export function formatGraphQLError(
  error: GraphQLError,
  requestId: string,
  log: Logger,
  document?: DocumentNode,
): GraphQLFormattedError {
  const place = {
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
  };
  // Apollo wraps an error in one of its own, so it is the innermost that tells.
  const cause = original(error);
  // Whatever else ends the parser, its own stack included, is the document's fault.
  if (error.extensions["code"] === "GRAPHQL_PARSE_FAILED" && !(cause instanceof GraphQLError)) {
    return {
      message: "The document is nested too deeply.",
      extensions: { code: "GRAPHQL_PARSE_FAILED" },
    };
  }
  // What GraphQL or Apollo itself refuses is the caller's fault, and so is a literal that a scalar of ours refuses.
  const isInvalid = error.extensions["code"] === "GRAPHQL_VALIDATION_FAILED";
  if (isInvalid || cause instanceof GraphQLError) {
    const { code, errors } = error.extensions;
    const refused = withoutLiteral(error.message);
    const [literal] = error.nodes ?? [];
    if (refused !== undefined && document && literal) {
      const field = { path: pathOfLiteral(document, literal), ...refused };
      return {
        message: fieldSentence(field),
        ...place,
        extensions: { code: "BAD_USER_INPUT", errors: [field] },
      };
    }
    const isOwnCode = typeof code === "string" && code !== "INTERNAL_SERVER_ERROR";
    return {
      message: refused?.message ?? error.message,
      ...place,
      extensions: { code: isOwnCode ? code : "BAD_REQUEST", ...(errors ? { errors } : {}) },
    };
  }
  const app = toAppError(error, requestId, log);
  return {
    message: app.message,
    ...place,
    extensions: {
      code: ERROR_MAPPING[app.code].graphql,
      ...(app.fields ? { errors: app.fields } : {}),
      ...(app.reason ? { reason: enumName(app.reason) } : {}),
      ...(app.retryAfterSeconds ? { retryAfter: app.retryAfterSeconds } : {}),
      ...(app.code === "internal" ? { requestId } : {}),
    },
  };
}

/** GraphQL wraps what a resolver throws, once per level. */
function original(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && "originalError" in current && current.originalError) {
    current = current.originalError;
  }
  return current;
}
