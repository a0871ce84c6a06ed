import type { CreateApiKeyInput, Scope } from "../generated/operations.js";

/** What somebody entered for a new key. */
export interface KeyDraft {
  readonly name: string;
  readonly scopes: Scope[];
  /** The last day on which it is good, as `2026-12-31`; empty: it does not end. */
  readonly lastDay: string;
}

type Problems = {
  readonly [Field in keyof KeyDraft]?: "nameNeeded" | "scopesNeeded" | "expiresPast";
};

/** What is missing, by field; each names the sentence that says so. */
export function problemsOf({ name, scopes, lastDay }: KeyDraft, now: Date): Problems {
  return {
    ...(name.trim() === "" ? { name: "nameNeeded" } : {}),
    ...(scopes.length === 0 ? { scopes: "scopesNeeded" } : {}),
    ...(lastDay !== "" && endOf(lastDay) <= now ? { lastDay: "expiresPast" } : {}),
  };
}

export function keyInput({ name, scopes, lastDay }: KeyDraft): CreateApiKeyInput {
  return {
    name: name.trim(),
    scopes,
    expiresAt: lastDay === "" ? null : endOf(lastDay).toISOString(),
  };
}

/** The end of a day where the person is. @param day as `2026-12-31` */
export function endOf(day: string): Date {
  return new Date(`${day}T23:59:59`);
}
