import { z } from "zod";

/** The provider of OpenID Connect by which people sign in to the console. */
export interface OidcSettings {
  /** As the provider writes itself, to the letter. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the console calls it. */
  readonly name: string;
  /** With blanks between them. */
  readonly scopes: string;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const WITHOUT_BLANKS = /^[\x21-\x7e]+$/;

/** The variables, for the schema of the environment. */
export const oidcVariables = {
  OIDC_ISSUER: z
    .string()
    .refine(
      isIssuer,
      "must be an https:// URL without a user, a query or a fragment; http:// on this machine alone",
    )
    .optional(),
  OIDC_CLIENT_ID: z
    .string()
    .max(500)
    .regex(WITHOUT_BLANKS, "must be visible ASCII characters without blanks")
    .optional(),
  OIDC_CLIENT_SECRET: z.string().max(2_000).optional(),
  OIDC_NAME: z
    .string()
    .trim()
    .min(1, "must be 1 to 60 characters")
    .max(60, "must be 1 to 60 characters")
    .optional(),
  OIDC_SCOPES: z
    .string()
    .refine(
      (text) => text.split(" ").includes("openid") && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(text),
      "must be scopes with a blank between them, and openid one of them",
    )
    .default("openid email profile"),
};

type OidcVariables = z.infer<z.ZodObject<typeof oidcVariables>>;

/** What is wrong only together, as `readEnvironment` asks it. */
export function checkOidc(
  env: Readonly<Record<string, string | undefined>>,
  fail: (name: string, message: string) => void,
): void {
  const needed = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"];
  if (!Object.keys(oidcVariables).some((name) => env[name])) return;
  for (const name of needed.filter((one) => !env[one])) {
    fail(name, "is required with any other OIDC_ setting");
  }
}

/** @returns undefined where there is no provider. */
export function readOidc(values: OidcVariables): OidcSettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = values;
  const { OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: name, OIDC_SCOPES: scopes } = values;
  if (!issuer || !clientId || !clientSecret) return undefined;
  return { issuer, clientId, clientSecret, name: name ?? new URL(issuer).hostname, scopes };
}

/** Codes and tokens go there: never in the clear, except to this machine itself. */
function isIssuer(text: string): boolean {
  if (!/^https?:\/\/[^?#\s]+$/i.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || LOOPBACK.test(hostname);
}
