// What the console's pages and the platform agree on, beside GraphQL (contract section 2).

/** Below the public path; its sub-paths are the constants that follow. */
export const CONSOLE_API = "/console/api";

/** Said by the console's own scripts alone: a form of another site cannot. */
export const CONSOLE_HEADER = "X-Parley-Console";
export const CONSOLE_HEADER_VALUE = "1";

/** The organization that a request is about, by GraphQL. */
export const ORGANIZATION_HEADER = "X-Anyreach-Org";

/** Where a link leads; its token stands in the fragment, which no server and no log sees. */
export const LINK_PATH = "/console/link";

/** `GET options`: how one can sign in here. */
export interface SignInOptions {
  /** Whether a link of development's is good still. */
  readonly development: boolean;
  /** Where there are passkeys: at this origin and no other. Absent: there are none. */
  readonly passkeyOrigin?: string;
  /** What the provider of OpenID Connect is called; absent without one. */
  readonly provider?: string;
}

/** `POST sign-in`; a wrong one is 401 with one sentence for all causes. */
export interface SignInRequest {
  readonly email: string;
  readonly password: string;
}

/** What a sign-in answers, by whichever way. */
export interface SignInAnswer {
  /** `second_factor`: a password was right, and `POST second-factor` follows within ten minutes. */
  readonly state: "signed_in" | "second_factor";
}

/** `POST second-factor`. */
export interface SecondFactorRequest {
  /** Of the authenticator app, or a recovery code. */
  readonly code: string;
}

/** `POST passkey/options`, answered by what `PublicKeyCredential.parseRequestOptionsFromJSON` takes. */
export interface PasskeyOptionsRequest {
  readonly for: "sign_in" | "confirm";
}

/** `POST passkey`; one that is not good is 401 with one sentence for all causes. */
export interface PasskeyRequest {
  /** The authenticator's answer: `PublicKeyCredential.toJSON()`. */
  readonly response: object;
}

/** `POST link`: looks at a link and uses nothing up. */
export interface LinkRequest {
  readonly token: string;
}

export interface LinkAnswer {
  /** That of an unknown one is the first. */
  readonly kind: "development" | "invitation" | "reset";
  readonly state: "good" | "over";
  /** Who signs in by it; only of one that is good. */
  readonly email?: string;
  readonly organization?: string;
  /** What `POST link/use` has to be given beside the token. */
  readonly needs: readonly "password"[];
  /** Whether that is the present password of an account that is there; otherwise it is a new one. */
  readonly hasPassword?: boolean;
}

/** `POST link/use`. */
export interface UseLinkRequest extends LinkRequest {
  readonly password?: string | undefined;
  /** Of a new account. */
  readonly name?: string | undefined;
}

/** `POST confirm`, answered by 204: for 15 minutes secrets may be made and shown, as after a sign-in. */
export type ConfirmRequest = { readonly password: string } | { readonly passkey: object };

/** `POST oidc/start`: the browser goes to the provider, and comes back to `OIDC_CALLBACK`. */
export interface OidcStartRequest {
  readonly purpose: OidcPurpose;
  /** Where the console goes on then: a path below it, with its query. */
  readonly returnTo: string;
}

/**
 * What for: to sign in; to connect the account of who is signed in, or to prove once more that it is they who sit there.
 */
export const OIDC_PURPOSES = ["sign_in", "connect", "confirm"] as const;
export type OidcPurpose = (typeof OIDC_PURPOSES)[number];

export interface OidcStartAnswer {
  /** The provider's. */
  readonly url: string;
}

/** Where the provider sends browsers back to, below the public path: what is registered there. */
export const OIDC_CALLBACK = `${CONSOLE_API}/oidc/callback`;

/** The query's name for what came of it, on the page that the console goes on with. */
export const OIDC_RESULT = "oidc";

/** What came of it: the first four are good, the others are why not. */
export const OIDC_RESULTS = [
  "connected",
  "confirmed",
  "second_factor",
  "already_connected",
  "cancelled",
  "start_again",
  "unavailable",
  "refused",
  "not_invited",
  "email_not_verified",
  "account_exists",
  "taken",
  "another_person",
  "not_asked_again",
  "too_many",
] as const;
export type OidcResult = (typeof OIDC_RESULTS)[number];

/** GraphQL's `extensions.code` where a secret is asked for without that; then ask, confirm, try again. */
export const CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED";

/** Characters of a password. */
export const PASSWORD_LENGTH = { min: 12, max: 200 } as const;
