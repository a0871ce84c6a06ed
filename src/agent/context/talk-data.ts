import { randomBytes } from "node:crypto";

/** What the platform knows about a talk, beside what was said in it. */
export interface TalkFacts {
  readonly userId: string | undefined;
  /** Whether the website has signed for whoever is in this room. */
  readonly isVerified: boolean;
  /** What it has signed about them. */
  readonly identityMetadata: unknown;
  /** What the visitor filled in, or their browser said. */
  readonly formValues: unknown;
  /** Where on the website they are. */
  readonly page: unknown;
}

/** Marks the message that holds the data among those that were said. */
export const TALK_DATA = "talk_data";

const MAX_CHARACTERS = 8_000;

/** Random, so that nothing a visitor writes can pass for data of ours. */
export function newDataTag(): string {
  return `data-${randomBytes(6).toString("hex")}`;
}

/**
 * What is known about a talk as data for a model, each part marked trusted or not. It belongs in a message of the role
 * `user`: a system message is obeyed (contract section 7).
 */
export function talkData(facts: TalkFacts, tag: string): string[] {
  const { isVerified, userId, identityMetadata, formValues, page } = facts;
  const isNamed = userId !== undefined && !userId.startsWith("guest_");
  const identity = isVerified ? { user_id: userId, metadata: identityMetadata ?? undefined } : {};
  return [
    isVerified ? block(tag, "the visitor, as the website signed", identity, true) : "",
    !isVerified && isNamed ? block(tag, "what the visitor is called", { user_id: userId }) : "",
    isEmpty(formValues) ? "" : block(tag, "what the visitor has filled in", formValues),
    isEmpty(page) ? "" : block(tag, "the page that the visitor is on", page),
  ].filter((text) => text !== "");
}

/** One piece of data between marks that it cannot close. */
export function block(tag: string, about: string, data: unknown, isTrusted = false): string {
  const json = (JSON.stringify(data) ?? "null").replaceAll("<", String.raw`\u003c`);
  const kept = json.length > MAX_CHARACTERS ? `${json.slice(0, MAX_CHARACTERS)}… (cut)` : json;
  const trusted = isTrusted ? "yes" : "no";
  return `<${tag} about="${about}" trusted="${trusted}">\n${kept.toWellFormed()}\n</${tag}>`;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
