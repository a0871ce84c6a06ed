import type { Database } from "./client.js";
import type { AuditActorKind } from "./enums.js";

/** Who did something, as it is kept: an id and no name, so that none outlives its owner. */
export interface ActorRef {
  readonly actorKind: AuditActorKind;
  readonly actorId: string | null;
}

/** @returns what keys and people are called now, by id; nothing of those that are no more. */
export async function actorNames(
  db: Database,
  actors: readonly ActorRef[],
): Promise<ReadonlyMap<string, string>> {
  const idsOf = (isKey: boolean): string[] => {
    const own = actors.filter((actor) => (actor.actorKind === "api_key") === isKey);
    return [...new Set(own.flatMap(({ actorId }) => actorId ?? []))];
  };
  const [keyIds, userIds] = [idsOf(true), idsOf(false)];
  const [keys, users] = await Promise.all([
    keyIds.length > 0 ? db.apiKey.findMany({ where: { id: { in: keyIds } } }) : [],
    userIds.length > 0 ? db.user.findMany({ where: { id: { in: userIds } } }) : [],
  ]);
  return new Map([
    ...keys.map(({ id, name }) => [id, name] as const),
    ...users.map(({ id, name, email }) => [id, name === "" ? email : name] as const),
  ]);
}
