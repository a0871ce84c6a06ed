import { CombinedGraphQLErrors } from "@apollo/client";
import { CONFIRMATION_REQUIRED } from "../../protocol/console-api.js";
import type { Words } from "../words/console-words.js";
import { RouteError } from "./console-routes.js";
import { hasCode, isForbidden } from "./graphql-client.js";

/** Why something did not work, in a sentence for the person. What the server says of a wrong value is in English. */
export function explain(error: unknown, { troubles }: Words): string {
  if (error instanceof RouteError) return explainStatus(error, troubles);
  if (isForbidden(error)) return troubles.forbidden;
  if (hasCode(error, CONFIRMATION_REQUIRED, 0)) return troubles.notConfirmed;
  if (hasCode(error, "RATE_LIMITED", 429)) return troubles.tooMany;
  if (hasCode(error, "SERVICE_UNAVAILABLE", 503)) return troubles.unavailable;
  if (CombinedGraphQLErrors.is(error)) {
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

function explainStatus({ status, message }: RouteError, troubles: Words["troubles"]): string {
  if (status === 0) return troubles.offline;
  if (status === 403) return troubles.forbidden;
  if (status === 429) return troubles.tooMany;
  if (status === 503) return troubles.unavailable;
  return (status < 500 && message) || troubles.unknown;
}
