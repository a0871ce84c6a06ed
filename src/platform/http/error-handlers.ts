import type { ErrorRequestHandler, Response } from "express";
import type { Logger } from "pino";
import { AppError, ERROR_MAPPING, invalid } from "../errors.js";
import { toAppError } from "../graphql/format-error.js";
import { restName } from "./rest-name.js";

/**
 * The last handler: every error becomes `{ "detail": … }` (contract section 3).
 *
 * @param options.challenge whether a 401 names how to authenticate; a browser's page knows it.
 */
export function restErrors(log: Logger, { challenge = true } = {}): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    const told = toAppError(fromExpress(error), String(req.id), log);
    if (told.code === "unauthenticated" && challenge) res.setHeader("WWW-Authenticate", "Bearer");
    sendError(res, told);
  };
}

/** What fails before Apollo sees it (broken JSON, a body too large), in GraphQL's form. */
export function graphqlErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    const { code, message, retryAfterSeconds } = toAppError(
      fromExpress(error),
      String(req.id),
      log,
    );
    if (retryAfterSeconds !== undefined) res.setHeader("Retry-After", String(retryAfterSeconds));
    const { status, graphql } = ERROR_MAPPING[code];
    res.status(status).json({ errors: [{ message, extensions: { code: graphql } }] });
  };
}

function sendError(res: Response, error: AppError): void {
  const spelled = respelled(error);
  if (spelled.retryAfterSeconds !== undefined)
    res.setHeader("Retry-After", String(spelled.retryAfterSeconds));
  res.status(ERROR_MAPPING[spelled.code].status).json({
    detail: spelled.message,
    ...(spelled.reason ? { code: spelled.reason } : {}),
    ...(spelled.fields ? { errors: spelled.fields } : {}),
  });
}

/** Services name fields as the GraphQL schema does. Only the first step of a path is a name of ours. */
function respelled(error: AppError): AppError {
  if (!error.fields) return error;
  return invalid(
    ...error.fields.map((field) => {
      const [first = "", ...rest] = field.path.split(".");
      return { ...field, path: [restName(first), ...rest].join(".") };
    }),
  );
}

/** What Express and its body parser throw carries a status and a type instead of our codes. */
function fromExpress(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (error instanceof URIError) return new AppError("not_found", "Not found.");
  const status: unknown = Reflect.get(error, "status");
  const type: unknown = Reflect.get(error, "type");
  if (type === "entity.too.large")
    return new AppError("payload_too_large", "The body is too large.");
  if (type === "encoding.unsupported")
    return new AppError("unsupported_media_type", "The content encoding is not known here.");
  if (typeof status === "number" && status >= 400 && status < 500) {
    return new AppError("bad_request", "The request could not be read.");
  }
  return error;
}
