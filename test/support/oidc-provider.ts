import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, decodeJwt, type CryptoKey, type JWK } from "jose";
import { Provider, type Configuration } from "oidc-provider";

/** Somebody whom the provider knows. */
export interface ProviderPerson {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  /** How they have proved themselves. */
  readonly amr?: readonly string[];
  /** When; now unless it is said. */
  readonly at?: Date;
}

export const CLIENT = { id: "parley", secret: "a-client-secret-for-tests-only-0123456789" };
const KEY_ID = "test";
const MOST_STEPS = 12;

/**
 * A company's provider of OpenID Connect, on loopback: the real thing (`oidc-provider`), whose people sign in without a
 * question, or on a page of its own for who has a browser.
 */
export class TestProvider {
  /** Who signs in next. Undefined: whoever it is says no. */
  person: ProviderPerson | undefined;
  /** Whether it shows a page to sign in on. */
  hasPage = false;
  /** What it makes of what its ID tokens say. Undefined: what is true. */
  tampers: ((claims: Record<string, unknown>) => Record<string, unknown>) | undefined;
  /** Whether they are signed by a key that nobody knows. */
  hasForeignKey = false;
  /** Of the last request for a page. */
  asked = new URLSearchParams();

  private constructor(
    readonly issuer: string,
    private readonly provider: Provider,
    private readonly server: Server,
  ) {}

  /** @param redirectUri that is registered. @param host by which browsers name it. */
  static async start(redirectUri: string, host = "127.0.0.1"): Promise<TestProvider> {
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    const foreign = await generateKeyPair("RS256");
    const jwk: JWK = { ...(await exportJWK(privateKey)), kid: KEY_ID, alg: "RS256", use: "sig" };
    const parts: { test?: TestProvider } = {};
    const server = createServer((req, res) => void parts.test?.handle(req, res));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const issuer = `http://${host}:${port}`;
    const people = new Map<string, ProviderPerson>();
    const provider = new Provider(issuer, configuration(redirectUri, jwk, people));
    const test = new TestProvider(issuer, provider, server);
    test.people = people;
    provider.use(async (ctx, next) => {
      await next();
      const body = ctx.body as { id_token?: string } | undefined;
      if (ctx.path !== "/token" || !body?.id_token) return;
      if (!test.tampers && !test.hasForeignKey) return;
      const claims = decodeJwt(body.id_token);
      const key = test.hasForeignKey ? foreign.privateKey : privateKey;
      body.id_token = await signed(test.tampers?.(claims) ?? claims, key);
    });
    parts.test = test;
    return test;
  }

  private people = new Map<string, ProviderPerson>();

  /** What the platform is told of it. */
  get config(): Record<string, string> {
    return {
      OIDC_ISSUER: this.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_NAME: "Acme",
    };
  }

  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /**
   * A browser goes there, signs in, and is sent back.
   *
   * @param cookies of the browser for the provider: who has been there before is not asked again.
   * @returns the address that it is sent back to.
   */
  async visit(url: string, cookies = new Map<string, string>()): Promise<URL> {
    let next = new URL(url);
    for (let step = 0; step < MOST_STEPS; step++) {
      if (next.origin !== this.issuer) return next;
      const answer = await fetch(next, {
        redirect: "manual",
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      });
      for (const set of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        cookies.set(name, value);
      }
      const location = answer.headers.get("location");
      if (location === null) {
        throw new Error(`The provider answered ${answer.status}: ${await answer.text()}`);
      }
      next = new URL(location, next);
    }
    throw new Error("The provider sent the browser around.");
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? "/", this.issuer);
    if (pathname === "/auth") this.asked = searchParams;
    if (!pathname.startsWith("/interaction/")) return void this.provider.callback()(req, res);
    if (this.hasPage && req.method === "GET") return void res.end(PAGE);
    const { person } = this;
    if (!person) {
      const error = { error: "access_denied", error_description: "They said no." };
      return this.provider.interactionFinished(req, res, error);
    }
    this.people.set(person.sub, person);
    const { sub: accountId, amr, at } = person;
    const ts = Math.floor((at ?? new Date()).getTime() / 1000);
    const login = { accountId, ts, ...(amr ? { amr: [...amr] } : {}) };
    await this.provider.interactionFinished(req, res, { login });
  }
}

/** In the language of the tests. */
const PAGE = `<!doctype html><html lang="en"><title>Acme</title><main><h1>Acme</h1>
<form method="post"><button>Sign in at Acme</button></form></main></html>`;

function configuration(
  redirectUri: string,
  jwk: JWK,
  people: ReadonlyMap<string, ProviderPerson>,
): Configuration {
  const client = {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "client_secret_post" as const,
  };
  return {
    clients: [
      { ...client, client_id: CLIENT.id, client_secret: CLIENT.secret },
      { ...client, client_id: "another", client_secret: CLIENT.secret },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: ["a key for cookies of tests"] },
    claims: {
      openid: ["sub", "amr", "auth_time"],
      email: ["email", "email_verified"],
      profile: ["name"],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => {
        const { sub: id, email, email_verified, name } = people.get(sub) ?? { sub };
        return Object.fromEntries(
          Object.entries({ sub: id, email, email_verified, name }).filter(
            ([, value]) => value !== undefined,
          ),
        ) as { sub: string };
      },
    }),
    // Nobody is asked what the platform may know: it is the company's own.
    loadExistingGrant: async (ctx) => {
      const { client: asking, session, provider, params } = ctx.oidc;
      const clientId = asking?.clientId;
      const accountId = session?.accountId;
      if (clientId === undefined || accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId, accountId });
      grant.addOIDCScope(String(params?.["scope"] ?? "openid"));
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 3600,
    },
  };
}

function signed(claims: Record<string, unknown>, key: CryptoKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: KEY_ID }).sign(key);
}
