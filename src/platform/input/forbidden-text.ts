import type { FieldError } from "../errors.js";

/** Deeper than any document of ours, shallow enough for every recursion over it. */
export const MAX_DEPTH = 64;

export const NUMBER_NOT_HELD = "The number is larger or more exact than a double can hold.";

/**
 * Finds what PostgreSQL cannot store or JavaScript would misread, anywhere in a decoded JSON value:
 * NUL, lone surrogates, `__proto__` keys, numbers that a double cannot hold, nesting beyond 64.
 *
 * @param path where `value` stands, for the answer.
 */
export function findForbiddenText(value: unknown, path: string, depth = 0): FieldError | undefined {
  if (typeof value === "string") return forbiddenString(value, path);
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : { path, message: NUMBER_NOT_HELD };
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (depth >= MAX_DEPTH) return { path, message: `Nested deeper than ${MAX_DEPTH} levels.` };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = findForbiddenText(item, joinPath(path, String(index)), depth + 1);
      if (found) return found;
    }
    return undefined;
  }
  for (const key of Object.getOwnPropertyNames(value)) {
    if (key === "__proto__")
      return { path: joinPath(path, key), message: "This key is not allowed." };
    const bad = forbiddenString(key, path);
    if (bad) return { path, message: "A key has a character that is not allowed." };
    const found = findForbiddenText(Reflect.get(value, key), joinPath(path, key), depth + 1);
    if (found) return found;
  }
  return undefined;
}

export function joinPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function forbiddenString(text: string, path: string): FieldError | undefined {
  if (text.includes("\0")) return { path, message: "NUL is not allowed.", rule: "characters" };
  if (!text.isWellFormed())
    return { path, message: "A lone surrogate is not allowed.", rule: "characters" };
  return undefined;
}
