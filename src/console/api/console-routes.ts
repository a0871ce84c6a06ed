import {
  CONSOLE_API,
  CONSOLE_HEADER,
  CONSOLE_HEADER_VALUE,
  type ConfirmRequest,
  type LinkAnswer,
  type LinkRequest,
  type PasskeyOptionsRequest,
  type PasskeyRequest,
  type OidcStartAnswer,
  type OidcStartRequest,
  type SecondFactorRequest,
  type SignInAnswer,
  type SignInOptions,
  type SignInRequest,
  type UseLinkRequest,
} from "../../protocol/console-api.js";
import { readFields, readText } from "../../protocol/read.js";
import { PUBLIC_PATH } from "../html-facts.js";
import { readRefused, type RefusedField } from "./say-refusal.js";

/** What each of the console's own routes takes and answers. */
interface Routes {
  "sign-in": { takes: SignInRequest; answers: SignInAnswer };
  "second-factor": { takes: SecondFactorRequest; answers: SignInAnswer };
  "passkey/options": {
    takes: PasskeyOptionsRequest;
    answers: PublicKeyCredentialRequestOptionsJSON;
  };
  passkey: { takes: PasskeyRequest; answers: SignInAnswer };
  link: { takes: LinkRequest; answers: LinkAnswer };
  "link/use": { takes: UseLinkRequest; answers: SignInAnswer };
  "oidc/start": { takes: OidcStartRequest; answers: OidcStartAnswer };
  "oidc/disconnect": { takes: Record<string, never>; answers: undefined };
  confirm: { takes: ConfirmRequest; answers: undefined };
  "sign-out": { takes: Record<string, never>; answers: undefined };
}

/** A refusal of one of the console's own routes. */
export class RouteError extends Error {
  /**
   * @param status of HTTP; 0 where the server was not reached.
   * @param refused whose values were refused.
   */
  constructor(
    readonly status: number,
    detail: string,
    readonly refused: readonly RefusedField[] = [],
  ) {
    super(detail);
  }

  /** Whether the value of a field was refused. */
  isAbout(path: string): boolean {
    return this.refused.some((field) => field.path === path);
  }
}

/**
 * Calls one of the console's own routes. The header that goes with each is what a form on another site cannot send.
 *
 * @throws RouteError
 */
export async function callRoute<Name extends keyof Routes>(
  name: Name,
  body: Routes[Name]["takes"],
): Promise<Routes[Name]["answers"]> {
  // The routes and this file are of one build.
  return (await call(name, {
    method: "POST",
    body: JSON.stringify(body),
  })) as Routes[Name]["answers"];
}

/** How one can sign in here. @throws RouteError */
export async function readOptions(): Promise<SignInOptions> {
  return (await call("options", { method: "GET" })) as SignInOptions;
}

async function call(name: string, init: { method: string; body?: string }): Promise<unknown> {
  const response = await fetch(`${PUBLIC_PATH}${CONSOLE_API}/${name}`, {
    ...init,
    headers: { "Content-Type": "application/json", [CONSOLE_HEADER]: CONSOLE_HEADER_VALUE },
  }).catch(() => {
    throw new RouteError(0, "The server cannot be reached.");
  });
  const answer = (await response.json().catch(() => undefined)) as unknown;
  if (response.ok) return answer;
  // As REST refuses.
  const { detail, errors } = readFields(answer);
  throw new RouteError(response.status, readText(detail) ?? "", readRefused(errors));
}
