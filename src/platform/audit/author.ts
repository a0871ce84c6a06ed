import type { Actor } from "../auth/actor.js";
import type { RequestContext } from "../auth/context.js";
import type { AuditActorKind, AuditVia } from "../database/enums.js";

/** On whose behalf something is written, as the audit log keeps it: ids alone, no names. */
export interface Author {
  /** In which organization; null where it concerns the whole installation. */
  readonly organizationId: string | null;
  readonly actorKind: AuditActorKind;
  /** The key, or the user of a token; null at the command line. */
  readonly actorId: string | null;
  /** The key or token itself. */
  readonly credentialId: string | null;
  readonly via: AuditVia;
  readonly requestId: string | null;
}

/** Within an organization. */
export interface OrganizationAuthor extends Author {
  readonly organizationId: string;
}

/** Who has sent a request. */
export function authorOf(ctx: RequestContext, actor: Actor): OrganizationAuthor {
  return {
    organizationId: actor.organizationId,
    actorKind: actor.kind,
    actorId: actor.userId ?? actor.id,
    credentialId: actor.id,
    via: ctx.door,
    requestId: ctx.requestId,
  };
}

/** A person who is signed in to the console, also where it is about no organization. */
export function personOf<T extends string | null>(
  { requestId }: { readonly requestId: string },
  session: { readonly id: string; readonly userId: string },
  organizationId: T,
): Author & { readonly organizationId: T } {
  return {
    organizationId,
    actorKind: "console_session",
    actorId: session.userId,
    credentialId: session.id,
    via: "console",
    requestId,
  };
}

/** The person at the server's command line, of whom nothing is known. */
export function atCommandLine<T extends string | null>(
  organizationId: T,
): Author & { readonly organizationId: T } {
  return {
    organizationId,
    actorKind: "command_line",
    actorId: null,
    credentialId: null,
    via: "command_line",
    requestId: null,
  };
}
