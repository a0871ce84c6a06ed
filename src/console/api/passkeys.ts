import type { SignInOptions } from "../../protocol/console-api.js";
import { callRoute } from "./console-routes.js";

/** Whether this browser can ask an authenticator, and takes what it is to ask as it came. */
export function knowsPasskeys(): boolean {
  return "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

/** Whether there are passkeys at the address that the page was opened by. */
export function hasPasskeysHere(options: SignInOptions | undefined): boolean {
  return options?.passkeyOrigin === location.origin && knowsPasskeys();
}

/**
 * Has the person show a passkey, and sends the answer to where it counts.
 *
 * @throws RouteError; DOMException when they showed none
 */
export async function showPasskey(purpose: "sign_in" | "confirm"): Promise<void> {
  const options = await callRoute("passkey/options", { for: purpose });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const response = answerOf(await navigator.credentials.get({ publicKey }));
  if (purpose === "sign_in") await callRoute("passkey", { response });
  else await callRoute("confirm", { passkey: response });
}

/**
 * Has an authenticator make a passkey.
 *
 * @param options as the platform gave them
 * @returns its answer, for the platform
 * @throws DOMException when the person made none
 */
export async function makePasskey(options: object): Promise<Record<string, unknown>> {
  // The platform and this file are of one build.
  const json = options as PublicKeyCredentialCreationOptionsJSON;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return answerOf(await navigator.credentials.create({ publicKey }));
}

function answerOf(credential: Credential | null): Record<string, unknown> {
  if (credential instanceof PublicKeyCredential) return { ...credential.toJSON() };
  throw new DOMException("There is no passkey.", "NotAllowedError");
}
