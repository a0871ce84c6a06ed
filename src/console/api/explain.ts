import { CombinedGraphQLErrors } from "@apollo/client";
import { CONFIRMATION_REQUIRED } from "../../protocol/console-api.js";
import type { SpokenWords } from "../say.js";
import { RouteError } from "./console-routes.js";
import { hasCode, isForbidden } from "./graphql-client.js";
import { refusedFields, sayRefusal, type RefusedField } from "./say-refusal.js";

/**
 * Why something did not work, in a sentence for the person. What the server says of a wrong value by no rule that is known here
 * is in English.
 */
export function explain(error: unknown, speech: Pick<SpokenWords, "words" | "say">): string {
  const { troubles } = speech.words;
  if (error instanceof RouteError) return explainStatus(error, speech);
  if (isForbidden(error)) return troubles.forbidden;
  if (hasCode(error, CONFIRMATION_REQUIRED, 0)) return troubles.notConfirmed;
  if (hasCode(error, "RATE_LIMITED", 429)) return troubles.tooMany;
  if (hasCode(error, "SERVICE_UNAVAILABLE", 503)) return troubles.unavailable;
  if (hasCode(error, "NOT_FOUND", 404)) return troubles.gone;
  if (CombinedGraphQLErrors.is(error)) {
    const [refused] = refusedFields(error);
    if (refused?.rule !== undefined) return sayWhere(refused, speech);
    const isTold = ["BAD_USER_INPUT", "CONFLICT"].some((code) => hasCode(error, code, 0));
    return (isTold ? error.errors[0]?.message : undefined) ?? troubles.unknown;
  }
  if (error instanceof DOMException) {
    if (error.name === "NotAllowedError") return troubles.noPasskey;
    if (error.name === "InvalidStateError") return troubles.passkeyThere;
  }
  // What `fetch` itself throws.
  return error instanceof TypeError ? troubles.offline : troubles.unknown;
}

function explainStatus(
  { status, message, refused: [first] }: RouteError,
  speech: Pick<SpokenWords, "words" | "say">,
): string {
  const { troubles } = speech.words;
  if (status === 0) return troubles.offline;
  if (status === 403) return troubles.forbidden;
  if (status === 429) return troubles.tooMany;
  if (status === 503) return troubles.unavailable;
  if (first?.rule !== undefined) return sayWhere(first, speech);
  return (status < 500 && message) || troubles.unknown;
}

/** The server's own sentence names the field as well. */
function sayWhere(refused: RefusedField, speech: Pick<SpokenWords, "words" | "say">): string {
  const sentence = sayRefusal(refused, speech);
  return refused.path === "" ? sentence : `${refused.path}: ${sentence}`;
}
