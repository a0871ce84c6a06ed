import type { z } from "zod";
import { invalid } from "./errors.js";
import { jsonBytes, joinPath } from "./input-text.js";

/**
 * Checks a stored JSON document against its known keys; unknown keys pass and the document is kept
 * as it was sent.
 *
 * @throws AppError `invalid` with one entry per wrong key, without repeating the value.
 */
export function checkDocument(
  schema: z.ZodType,
  document: object,
  options: { path: string; maxBytes: number },
): void {
  if (jsonBytes(document) > options.maxBytes) {
    throw invalid({
      path: options.path,
      message: `Must be at most ${options.maxBytes} bytes of JSON.`,
    });
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return;
  throw invalid(
    ...parsed.error.issues.slice(0, 50).map((issue) => ({
      path: issue.path.reduce<string>((path, key) => joinPath(path, String(key)), options.path),
      message: sentence(issue.message),
    })),
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
