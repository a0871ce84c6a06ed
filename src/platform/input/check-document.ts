import type { z } from "zod";
import { invalid } from "../errors.js";
import { jsonBytes } from "../../protocol/json-bytes.js";
import { brokenRule } from "../../protocol/refusal.js";
import { joinPath } from "./forbidden-text.js";

/**
 * Checks a stored JSON document against its known keys; unknown keys pass and the document is kept
 * as it was sent. `null` means absent (contract section 3).
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
      rule: "bytes",
      max: options.maxBytes,
    });
  }
  const checked = withoutNulls(document);
  const parsed = schema.safeParse(checked);
  if (parsed.success) return;
  throw invalid(
    ...parsed.error.issues.slice(0, 50).map((issue) => ({
      path: issue.path.reduce<string>((path, key) => joinPath(path, String(key)), options.path),
      message: sentence(issue.message),
      ...brokenRule(issue, checked),
    })),
  );
}

/** A copy without the keys that are null. */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
