import { invalid } from "../errors.js";

/** @throws AppError `invalid` when the text is longer than allowed, or shorter without its spaces; absent passes. */
export function checkText(
  path: string,
  text: string | null | undefined,
  limits: { min?: number; max: number },
): void {
  if (text === null || text === undefined) return;
  if ([...text.trim()].length < (limits.min ?? 0) || [...text].length > limits.max) {
    const range = limits.min ? `${limits.min} to ${limits.max}` : `at most ${limits.max}`;
    throw invalid({ path, message: `Must be ${range} characters.`, rule: "length", ...limits });
  }
}

/** `null` for a field that cannot be null is an error, not "absent" (contract section 3). */
export function requireNotNull<T extends object>(
  input: T,
  fields: readonly (keyof T & string)[],
): void {
  const wrong = fields.filter((field) => input[field] === null);
  if (wrong.length === 0) return;
  throw invalid(
    ...wrong.map((path) => ({ path, message: "Cannot be null.", rule: "required" as const })),
  );
}
