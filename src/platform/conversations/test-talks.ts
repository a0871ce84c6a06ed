import type { Actor } from "../auth/actor.js";

/** A condition on conversations. */
interface Seen {
  readonly organizationId: string;
  readonly testerId?: null;
  OR?: { testerId: string | null }[];
}

/** The conversations that somebody may know by their ids: those of their organization, and of its tests their own. */
export function seenBy({ organizationId, userId }: Actor): Seen {
  if (userId === undefined) return { organizationId, testerId: null };
  return { organizationId, OR: [{ testerId: null }, { testerId: userId }] };
}
