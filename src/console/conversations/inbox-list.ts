import type { ConversationsQuery } from "../generated/operations.js";

export type ConversationList = NonNullable<ConversationsQuery["conversations"]>;
export type ConversationRow = ConversationList["nodes"][number];

/** The list with its first page as it is now: that page decides about all that is as new as what it holds. */
export function withHead(list: ConversationList, head: ConversationList): ConversationList {
  const oldest = head.nodes.at(-1);
  const known = new Set(head.nodes.map(({ id }) => id));
  // With more that is new than a page holds there would be a gap.
  const meets = list.nodes.some(({ id }) => known.has(id));
  if (!oldest || !head.pageInfo.hasNextPage || !meets) return head;
  const older = list.nodes.filter(
    ({ id, createdAt }) => createdAt <= oldest.createdAt && !known.has(id),
  );
  return older.length === 0 ? head : { ...list, nodes: [...head.nodes, ...older] };
}

/** The list with its next page behind it. */
export function withNext(list: ConversationList, next: ConversationList): ConversationList {
  const known = new Set(list.nodes.map(({ id }) => id));
  return { ...next, nodes: [...list.nodes, ...next.nodes.filter(({ id }) => !known.has(id))] };
}

/** How many of a first page are not in the list. */
export function newsIn(list: ConversationList, head: ConversationList): number {
  const known = new Set(list.nodes.map(({ id }) => id));
  return head.nodes.filter(({ id }) => !known.has(id)).length;
}
