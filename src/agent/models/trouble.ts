import { APIConnectionError, APIStatusError, APITimeoutError, type llm } from "@livekit/agents";
import type { TurnError } from "../../protocol/worker-api.js";

// What goes wrong with a model is told in fixed words: a server's own may show its key.

/** Where an answer keeps what went wrong with it, a `TurnError`. */
export const TROUBLE = "model_trouble";
/** Marks an answer that is nothing but our excuse. */
export const APOLOGY = "model_apology";

/** @returns what went wrong with an answer. */
export function troubleIn({ extra }: llm.ChatMessage): TurnError | undefined {
  return extra[TROUBLE] as TurnError | undefined;
}

/** @param error of the framework's client. */
export function troubleOf(error: unknown): TurnError {
  if (error instanceof APITimeoutError) return "timeout";
  if (error instanceof APIStatusError) return troubleOfStatus(error.statusCode);
  // The client says so too when what came was no answer.
  if (error instanceof APIConnectionError && /JSON|parse|Unexpected/i.test(error.message))
    return "bad_answer";
  return "server_error";
}

/** The HTTP status that a client's error has. */
export function statusOf(error: unknown): number | undefined {
  const status: unknown = error instanceof Error ? Reflect.get(error, "status") : undefined;
  return typeof status === "number" ? status : undefined;
}

export function troubleOfStatus(status: number | undefined): TurnError {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "rate_limited";
  return "server_error";
}
