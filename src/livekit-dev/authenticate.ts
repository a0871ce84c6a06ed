import type { IncomingMessage } from "node:http";
import type { Claims, TokenAuthority } from "./tokens.js";

const PREFIX = "Bearer ";

/** A refusal before anything else is looked at: status and plain text, as the real server answers. */
export interface Refusal {
  readonly ok: false;
  readonly status: number;
  readonly message: string;
}

/** `claims` is undefined when the request carries no token at all. */
export type Authentication = { readonly ok: true; readonly claims: Claims | undefined } | Refusal;

/** Reads the token of a request from its header, or else from `queryToken` where that is allowed. */
export async function authenticate(
  request: IncomingMessage,
  tokens: TokenAuthority,
  queryToken?: string | null,
): Promise<Authentication> {
  const header = request.headers.authorization;
  if (header !== undefined && !header.startsWith(PREFIX)) {
    const message = "invalid authorization header. Must start with Bearer ";
    return { ok: false, status: 401, message };
  }
  const token = header === undefined ? (queryToken ?? "") : header.slice(PREFIX.length);
  if (token === "") return { ok: true, claims: undefined };
  const check = await tokens.verify(token);
  if (!check.ok) return { ok: false, status: 401, message: check.reason };
  return { ok: true, claims: check.claims };
}
