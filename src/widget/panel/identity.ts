import { logError } from "../log-error.js";
import { VISITOR_LIMITS } from "../../protocol/limits.js";
import { parseIdentity, type Identity } from "../../protocol/panel-messages.js";
import type { Fields } from "../../protocol/read.js";
import { readClaims } from "./identity-token.js";
import { jsonBytes } from "../../protocol/json-bytes.js";

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

/** By the platform's rules: what it would refuse stops no conversation, and the site's developers learn why. */
export function readIdentity(value: Fields): Identity | undefined {
  let identity = parseIdentity(value);
  if (identity === undefined || CONTROL_CHARACTERS.test(identity.userId)) {
    logError("identify takes a userId of 1 to 255 characters, none of them a control character.");
    return undefined;
  }
  const { token } = identity;
  const isFitting = token !== undefined && readClaims(token)?.userId === identity.userId;
  if (value["token"] !== undefined && !isFitting) {
    logError("identify takes as token a JWT with an exp, and the userId as its sub: left out.");
    identity = { ...identity, token: undefined };
  }
  if (jsonBytes(identity.metadata) <= VISITOR_LIMITS.metadataBytes) return identity;
  logError(
    `identify takes metadata of at most ${VISITOR_LIMITS.metadataBytes} bytes of JSON: left out.`,
  );
  return { ...identity, metadata: {} };
}
