import { createHmac } from "node:crypto";
import type { ClientAuth, Configuration } from "openid-client";
import { AppError } from "../errors.js";
import type { OidcSettings } from "../input/oidc-settings.js";

/** For one answer of the provider. */
const TIMEOUT_SECONDS = 5;
/** How long what it says of itself is remembered. */
const REMEMBERED_MS = 3_600_000;
/** Of the library's errors those that say that the provider did not answer. */
const UNANSWERED = new Set(["undefined", "OAUTH_TIMEOUT", "OAUTH_ABORT"]);
/** Of what a person, or the provider for them, has said no to. */
const REFUSED = "OAUTH_AUTHORIZATION_RESPONSE_ERROR";

/** Who came back from the provider, by its word. */
export interface ProvenPerson {
  /** As `OidcClient.issuer`. */
  readonly issuer: string;
  /** Theirs for good there, unlike an address. */
  readonly subject: string;
  /** In lower case. Undefined without one. */
  readonly email: string | undefined;
  /** Whether the provider knows that the address is theirs. */
  readonly isEmailVerified: boolean;
  /** Empty without one. */
  readonly name: string;
  /** When they last proved themselves there; undefined: it does not say. */
  readonly authenticatedAt: Date | undefined;
  /** Whether that took more than one proof (`mfa` of RFC 8176). */
  readonly isMultiFactor: boolean;
}

/** The provider's answer is none that can be trusted, or a refusal. Has nothing of what was sent. */
export class OidcAnswerError extends Error {
  override name = "OidcAnswerError";

  /** @param code the library's, or `error` of a refusal: `access_denied`. */
  constructor(
    readonly code: string,
    /** Whether the person, or the provider for them, said no. */
    readonly isRefusal: boolean,
  ) {
    super(`The provider's answer was not good: ${code}`);
  }
}

/**
 * The provider of OpenID Connect: authorization code with PKCE, `state` and `nonce`. What it says of itself is read when
 * it is first needed, so that a provider that is down keeps nothing from starting.
 */
export class OidcClient {
  private known: { readonly until: number; readonly config: Promise<Configuration> } | undefined;

  /** What its people are known by beside their subject: with and without a slash it is the same one. */
  readonly issuer: string;

  /** @param redirectUri where browsers come back to, as it is registered there. */
  constructor(
    private readonly settings: OidcSettings,
    private readonly redirectUri: string,
  ) {
    this.issuer = withoutSlash(settings.issuer);
  }

  /** What the console calls it. */
  get name(): string {
    return this.settings.name;
  }

  /**
   * Where a browser is sent.
   *
   * @param secret what its cookie holds: `state`, `nonce` and the PKCE verifier are made of it.
   * @param isAgain whether its person is to prove themselves there once more, though they are signed in.
   * @throws AppError `unavailable`.
   */
  async authorizationUrl(secret: string, isAgain: boolean): Promise<string> {
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import("openid-client");
    const config = await this.configuration();
    return buildAuthorizationUrl(config, {
      redirect_uri: this.redirectUri,
      response_type: "code",
      scope: this.settings.scopes,
      state: proofOf(secret, "state"),
      nonce: proofOf(secret, "nonce"),
      code_challenge: await calculatePKCECodeChallenge(proofOf(secret, "verifier")),
      code_challenge_method: "S256",
      ...(isAgain ? { prompt: "login", max_age: "0" } : {}),
    }).href;
  }

  /**
   * @param query what the browser came back with: its `state` is of this secret.
   * @throws AppError `unavailable`; OidcAnswerError.
   */
  async personOf(secret: string, query: string): Promise<ProvenPerson> {
    const { authorizationCodeGrant, fetchUserInfo } = await import("openid-client");
    const config = await this.configuration();
    try {
      const tokens = await authorizationCodeGrant(config, new URL(`${this.redirectUri}?${query}`), {
        expectedState: proofOf(secret, "state"),
        expectedNonce: proofOf(secret, "nonce"),
        pkceCodeVerifier: proofOf(secret, "verifier"),
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      // Of one that speaks for many issuers each is to be named by itself.
      if (!claims || withoutSlash(claims.iss) !== this.issuer) {
        throw new OidcAnswerError("another issuer", false);
      }
      // Many providers have the address there alone.
      const asks = claims["email"] === undefined && config.serverMetadata().userinfo_endpoint;
      const more = asks ? await fetchUserInfo(config, tokens.access_token, claims.sub) : {};
      return { issuer: this.issuer, ...personFrom(claims, { ...more, ...claims }) };
    } catch (error) {
      throw error instanceof OidcAnswerError ? error : explained(error);
    }
  }

  private async configuration(): Promise<Configuration> {
    if (!this.known || this.known.until <= performance.now()) {
      const known = { until: performance.now() + REMEMBERED_MS, config: this.discover() };
      this.known = known;
      known.config.catch(() => {
        // The next one asks again.
        if (this.known === known) this.known = undefined;
      });
    }
    try {
      return await this.known.config;
    } catch (error) {
      throw unavailable(error);
    }
  }

  private async discover(): Promise<Configuration> {
    const { discovery, allowInsecureRequests, enableNonRepudiationChecks, ...methods } =
      await import("openid-client");
    const { issuer, clientId, clientSecret } = this.settings;
    const post = methods.ClientSecretPost(clientSecret);
    const basic = methods.ClientSecretBasic(clientSecret);
    const authenticate: ClientAuth = (server, ...rest) => {
      const offered = server.token_endpoint_auth_methods_supported;
      return (offered?.includes("client_secret_post") ? post : basic)(server, ...rest);
    };
    const insecure = issuer.startsWith("http:") ? [allowInsecureRequests] : [];
    return discovery(new URL(issuer), clientId, undefined, authenticate, {
      timeout: TIMEOUT_SECONDS,
      execute: [enableNonRepudiationChecks, ...insecure],
    });
  }
}

/** One of the values of a sign-in, which the browser's own secret gives alone: none of them is stored. */
export function proofOf(secret: string, what: "state" | "nonce" | "verifier"): string {
  return createHmac("sha256", secret).update(`oidc ${what}`).digest("base64url");
}

function personFrom(
  { sub, auth_time: authTime, amr }: Readonly<Record<string, unknown>>,
  { email, email_verified: isEmailVerified, name }: Readonly<Record<string, unknown>>,
): Omit<ProvenPerson, "issuer"> {
  return {
    subject: String(sub),
    email: typeof email === "string" ? email.trim().toLowerCase() : undefined,
    isEmailVerified: isEmailVerified === true,
    name: typeof name === "string" ? name.trim().slice(0, 200) : "",
    authenticatedAt: typeof authTime === "number" ? new Date(authTime * 1000) : undefined,
    isMultiFactor: Array.isArray(amr) && amr.includes("mfa"),
  };
}

function explained(error: unknown): Error {
  const read = (name: string): unknown => (error instanceof Error ? Reflect.get(error, name) : "");
  const [code, status] = [String(read("code")), read("status")];
  const isDown = typeof status === "number" && status >= 500;
  if (isDown || UNANSWERED.has(code)) return unavailable(error);
  if (code !== REFUSED) return new OidcAnswerError(code, false);
  return new OidcAnswerError(String(read("error")), true);
}

function unavailable(cause: unknown): AppError {
  return new AppError("unavailable", "The provider of sign-in cannot be reached now.", {
    cause,
    retryAfterSeconds: 10,
  });
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, "");
}
