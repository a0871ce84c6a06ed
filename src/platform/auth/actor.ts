import type { Scope } from "./scopes.js";

/** Who calls: one token in one organization. */
export interface Actor {
  /** The token's public id; never its secret. */
  readonly id: string;
  readonly organizationId: string;
  readonly scopes: ReadonlySet<Scope>;
}
