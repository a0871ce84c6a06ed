import type { z } from "zod";

/**
 * Why a value is refused, for a program: it says so in its own words, where ours are English (contract section 3). `length`
 * counts characters, `count` the entries of a list, `bytes` those of a document as JSON.
 */
export const RULES = [
  "required",
  "length",
  "range",
  "count",
  "bytes",
  "number",
  "whole_number",
  "type",
  "choice",
  "color",
  "url",
  "asset_url",
  "link",
  "origin",
  "host",
  "language",
  "email",
  "future",
  "unknown_id",
  "unknown_field",
  "characters",
  "password",
  "code",
  "used_twice",
  "below_min",
  "options",
] as const;
export type Rule = (typeof RULES)[number];

/** A rule with its bounds, of which either may be absent. */
export interface BrokenRule {
  readonly rule: Rule;
  /** The least that is taken. */
  readonly min?: number;
  /** The most that is taken. */
  readonly max?: number;
}

/** What a check of our own says beside its sentence: `z.string().refine(isCssColor, broken("color", "must be a colour"))`. */
export function broken(
  rule: Rule,
  message: string,
): { readonly message: string; readonly params: BrokenRule } {
  return { message, params: { rule } };
}

/**
 * Which rule an issue of zod's is about.
 *
 * @param checked the whole value that was checked: what is absent there is required.
 * @returns undefined for a rule that has no name.
 */
export function brokenRule(issue: z.core.$ZodIssue, checked: unknown): BrokenRule | undefined {
  switch (issue.code) {
    case "invalid_type":
      return { rule: isAbsent(checked, issue.path) ? "required" : typeRule(issue.expected) };
    case "invalid_value":
      return { rule: isAbsent(checked, issue.path) ? "required" : "choice" };
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return { rule: "required" };
      return bounded(issue.origin, { min: Number(issue.minimum) });
    case "too_big":
      return bounded(issue.origin, { max: Number(issue.maximum) });
    case "custom":
      return namedRule(issue.params?.["rule"]);
    default:
      return undefined;
  }
}

function typeRule(expected: string): Rule {
  if (expected === "int") return "whole_number";
  return expected === "number" ? "number" : "type";
}

function bounded(origin: string, bounds: { min?: number; max?: number }): BrokenRule | undefined {
  if (origin === "string") return { rule: "length", ...bounds };
  if (origin === "number" || origin === "int") return { rule: "range", ...bounds };
  return origin === "array" ? { rule: "count", ...bounds } : undefined;
}

function namedRule(name: unknown): BrokenRule | undefined {
  const rule = RULES.find((one) => one === name);
  return rule && { rule };
}

function isAbsent(checked: unknown, path: readonly PropertyKey[]): boolean {
  const value = path.reduce<unknown>((outer, key) => Reflect.get(Object(outer), key), checked);
  return value === undefined;
}
