import { randomUUID } from "node:crypto";
import type { TurnError } from "../protocol/worker-api.js";
import type { Job } from "./platform-client.js";
import type { TurnMode } from "./turn.js";

const ANSWER = ".a";
const GREETING = "greeting.";
/** Between two pages of a website, and from an agent that died to the next one, nobody was away. */
const AWAY_MS = 5 * 60 * 1000;

type PastTurn = Pick<Job["transcript"][number], "id" | "role" | "cut_off" | "created_at">;

/** One thing that the agent says, from the moment when it is decided on. */
export interface Saying {
  /** Its turn's, and its captions'. */
  id: string;
  readonly mode: TurnMode;
  /** What is said after a tool has run is a turn of its own. */
  steps: number;
  /** When its first word went out. */
  begunAt?: Date;
  /** When the visitor wrote what it answers. */
  askedAt?: Date;
  /** What went wrong with the models. */
  error?: TurnError;
}

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

/**
 * How an agent begins where nothing is open (contract section 7).
 *
 * @returns `greet` a visitor who has heard nothing yet, `welcome` one who comes back, or go on without a word.
 */
export function opening(
  { resumed, transcript }: { readonly resumed: boolean; readonly transcript: readonly PastTurn[] },
  nowMs: number,
): "greet" | "welcome" | "go_on" {
  const last = transcript.findLast(({ cut_off }) => !cut_off);
  // What was said may be kept from an agent whose visitor came back by a name alone.
  if (!last) return resumed && transcript.length === 0 ? "go_on" : "greet";
  const isGreeted = last.role === "agent" && last.id.startsWith(GREETING);
  const wasAway = nowMs - Date.parse(last.created_at) > AWAY_MS;
  return wasAway && !isGreeted ? "welcome" : "go_on";
}

/** Question ids are UUIDs, or what an earlier panel chose: an id has at most 64 characters. */
export function answerId({ id }: { readonly id: string }): string {
  return id.slice(0, 64 - ANSWER.length) + ANSWER;
}

/** @returns what a saying's words are called, in the transcript and in captions. */
export function turnId(saying: Saying): string {
  return saying.steps === 0 ? saying.id : `${saying.id}${saying.steps}`;
}
