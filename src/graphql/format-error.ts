import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { isDatabaseUnreachable } from "../database/prisma-errors.js";
import { AppError, ERROR_MAPPING, internalErrorMessage } from "../errors.js";
import { withoutLiteral } from "./check-input.js";

/**
 * The one place where an unforeseen error becomes an answer, for both doors: a fixed sentence with
 * the request id. Its cause is logged here, once.
 */
export function toAppError(error: unknown, requestId: string, log: Logger): AppError {
  const cause = original(error);
  if (cause instanceof AppError) return cause;
  log.error({ err: cause, requestId }, "unforeseen error");
  if (isDatabaseUnreachable(cause)) {
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
): GraphQLFormattedError {
  const place = {
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
  };
  // Whatever ends the parser, its own stack included, is the document's fault.
  if (error.originalError && error.extensions["code"] === "GRAPHQL_PARSE_FAILED") {
    return {
      message: "The document is nested too deeply.",
      extensions: { code: "GRAPHQL_PARSE_FAILED" },
    };
  }
  // What GraphQL itself refuses (syntax, validation) carries its own code and is the caller's fault.
  // Apollo wraps such an error in one of its own, so it is the innermost that tells.
  const cause = original(error);
  if (cause instanceof GraphQLError && typeof error.extensions["code"] === "string") {
    const { code, errors } = error.extensions;
    return {
      message: withoutLiteral(error.message) ?? error.message,
      ...place,
      extensions: { code, ...(errors ? { errors } : {}) },
    };
  }
  const app = toAppError(error, requestId, log);
  return {
    message: app.message,
    ...place,
    extensions: {
      code: ERROR_MAPPING[app.code].graphql,
      ...(app.fields ? { errors: app.fields } : {}),
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
