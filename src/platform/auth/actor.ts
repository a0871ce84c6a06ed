import type { Scope } from "./scopes.js";

/** What a caller can be known by. */
type ActorKind = "api_key" | "personal_token" | "console_session";

/** Who calls: one token, or one session of the console, in one organization. */
export interface Actor {
  readonly kind: ActorKind;
  /** The token's or session's public id; never its secret. */
  readonly id: string;
  /** Whose token or session it is; undefined for a key, which is the organization's own. */
  readonly userId: string | undefined;
  readonly organizationId: string;
  readonly scopes: ReadonlySet<Scope>;
}
