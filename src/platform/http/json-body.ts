import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
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

/** Whether a body is what most are: of a known length, JSON in UTF-8, not packed. */
export function isPlainJson({ headers }: IncomingMessage, mostBytes: number): boolean {
  const length = Number(headers["content-length"]);
  return (
    length > 0 &&
    length <= mostBytes &&
    headers["content-encoding"] === undefined &&
    /^application\/json(; ?charset=utf-8)?$/i.test(headers["content-type"] ?? "")
  );
}

/**
 * Reads a body that `isPlainJson`, as `jsonBody` does. `node:http` holds it to its length.
 *
 * @throws AppError `bad_request` for what is no JSON or no UTF-8, or breaks off.
 */
export async function readPlainJson(req: IncomingMessage): Promise<unknown> {
  const body = parsed(await bytesOf(req));
  if (body instanceof AppError) throw body;
  return body;
}

function bytesOf(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => void chunks.push(chunk));
    req.once("end", () =>
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
    );
    req.once("error", () => reject(new AppError("bad_request", "The request could not be read.")));
  });
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
