import type { Scope } from "./scopes.js";

/** What a caller can be known by. */
type ActorKind = "api_key" | "personal_token";

/** Who calls: one token in one organization. */
export interface Actor {
  readonly kind: ActorKind;
  /** The token's public id; never its secret. */
  readonly id: string;
  /** Whose token it is; undefined for a key, which is the organization's own. */
  readonly userId: string | undefined;
  readonly organizationId: string;
  readonly scopes: ReadonlySet<Scope>;
}
