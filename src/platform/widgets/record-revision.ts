import { randomUUID } from "node:crypto";
import type { Author } from "../audit/author.js";
import type { PathChange } from "../audit/changes.js";
import type { Transaction } from "../database/client.js";
import { jsonColumn, jsonObject } from "../database/json-column.js";

/** So many of a widget's saves are kept. */
export const MAX_REVISIONS = 200;

/** What a revision keeps of a widget. */
export interface Saved {
  readonly id: string;
  readonly agentId: string;
  readonly agentVersionId: string;
  readonly domains: string[];
  readonly published: boolean;
  readonly config: unknown;
  readonly updatedAt: Date;
}

/**
 * Leaves what a widget is after a save, in the save's transaction, which holds the widget's lock or makes the widget. The
 * first one of a widget that is older than its revisions leaves what it was before, too.
 */
export async function recordRevision(
  tx: Transaction,
  author: Pick<Author, "actorKind" | "actorId" | "credentialId">,
  { before, after, changes }: { before?: Saved; after: Saved; changes: readonly PathChange[] },
): Promise<void> {
  const newest = await tx.widgetRevision.findFirst({
    where: { widgetId: after.id },
    orderBy: { number: "desc" },
    select: { number: true, createdAt: true },
  });
  const older = newest ?? (before && (await keep(tx, before, { number: 1, at: before.updatedAt })));
  const number = (older?.number ?? 0) + 1;
  // Pages are cut by the time: two saves within a millisecond are one after the other.
  const earliest = (older?.createdAt.getTime() ?? 0) + 1;
  const at = new Date(Math.max(after.updatedAt.getTime(), earliest));
  await keep(tx, after, { number, at, author, changes });
  const widgetId = after.id;
  await tx.widgetRevision.deleteMany({
    where: { widgetId, number: { lte: number - MAX_REVISIONS } },
  });
}

function keep(
  tx: Transaction,
  { id: widgetId, agentId, agentVersionId, domains, published, config }: Saved,
  of: {
    number: number;
    at: Date;
    author?: Pick<Author, "actorKind" | "actorId" | "credentialId">;
    changes?: readonly PathChange[];
  },
): Promise<{ number: number; createdAt: Date }> {
  return tx.widgetRevision.create({
    data: {
      id: randomUUID(),
      widgetId,
      number: of.number,
      actorKind: of.author?.actorKind ?? null,
      actorId: of.author?.actorId ?? null,
      credentialId: of.author?.credentialId ?? null,
      changes: (of.changes ?? []).map(jsonColumn),
      agentId,
      agentVersionId,
      domains,
      published,
      config: jsonColumn(jsonObject(config)),
      createdAt: of.at,
    },
    select: { number: true, createdAt: true },
  });
}
