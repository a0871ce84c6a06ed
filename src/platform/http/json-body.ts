import { isUtf8 } from "node:buffer";
import express, { type Request, type RequestHandler } from "express";
import { AppError } from "../errors.js";
import { parseJson } from "../input/exact-json.js";

/**
 * Reads a JSON body into `req.body`; one that is missing leaves it undefined. Only UTF-8 [RFC 8259].
 *
 * @param limit of the unpacked bytes, as `64kb`.
 * @throws AppError `unsupported_media_type` before anything is read, `bad_request` for what is no
 * JSON or no UTF-8.
 */
export function jsonBody(limit: string): RequestHandler {
  const read = express.raw({ limit, type: () => true });
  return (req, res, next) => {
    if (!hasContent(req)) return next();
    const refusal = wrongType(req);
    if (refusal) return next(refusal);
    read(req, res, (error?: unknown) => {
      if (error) return next(error);
      const body = parsed(req.body);
      if (body instanceof AppError) return next(body);
      req.body = body;
      next();
    });
  };
}

function hasContent(req: Request): boolean {
  return (
    req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0
  );
}

function wrongType(req: Request): AppError | undefined {
  if (!req.is(["application/json", "application/*+json"])) {
    return new AppError(
      "unsupported_media_type",
      "Send JSON with the content type application/json.",
    );
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(req.get("content-type") ?? "")?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return undefined;
  return new AppError("unsupported_media_type", "JSON is UTF-8; leave the charset out.");
}

/** An error is returned, for a parser's callback must not throw. */
function parsed(bytes: unknown): unknown {
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) return new AppError("bad_request", "The body is not valid UTF-8.");
  try {
    return parseJson(bytes.toString("utf8").replace(/^\u{feff}/u, ""));
  } catch {
    return new AppError("bad_request", "The body is not valid JSON.");
  }
}
