import type { Scope } from "./scopes.js";

/** Who calls: one token, or one session of the console, in one organization. */
export interface Actor {
  /** The token's or session's public id; never its secret. */
  readonly id: string;
  readonly organizationId: string;
  readonly scopes: ReadonlySet<Scope>;
}
