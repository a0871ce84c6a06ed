import { randomUUID } from "node:crypto";
import type { Job } from "./platform-client.js";

const ANSWER = ".a";
const GREETING = "greeting.";

type PastTurn = Pick<Job["transcript"][number], "id" | "role" | "cut_off">;

export function newGreetingId(): string {
  return GREETING + randomUUID();
}

/** @returns the last thing that the visitor said, if no agent has answered it to the end. */
export function unanswered<T extends PastTurn>(transcript: readonly T[]): T | undefined {
  const at = transcript.findLastIndex(({ role }) => role === "user");
  const question = transcript[at];
  if (question === undefined) return undefined;
  // A first question is often there before the greeting, which does not answer it.
  const isAnswered = transcript
    .slice(at + 1)
    .some(({ id, role, cut_off }) => role === "agent" && !cut_off && !id.startsWith(GREETING));
  return isAnswered ? undefined : question;
}

/** Question ids are UUIDs, or what an earlier panel chose: an id has at most 64 characters. */
export function answerId({ id }: { readonly id: string }): string {
  return id.slice(0, 64 - ANSWER.length) + ANSWER;
}
