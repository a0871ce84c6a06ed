import { ArgsType, Field, Int, ObjectType, type ClassType } from "type-graphql";
import { DEFAULT_PAGE, encodeCursor, MAX_PAGE, type Page } from "../database/paging.js";

/** Relay's page information; only forward paging is offered. */
@ObjectType({
  description: "Where a page begins and ends in its list (Relay).",
  simpleResolvers: true,
})
class PageInfo {
  @Field(() => Boolean, { description: "Whether more items follow." })
  hasNextPage: boolean;

  @Field(() => Boolean, { description: "Always false: lists are paged forward only." })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: "Cursor of the first item." })
  startCursor: string | null;

  @Field(() => String, { nullable: true, description: "Cursor of the last item, for `after`." })
  endCursor: string | null;
}

export interface ConnectionOf<T> {
  readonly nodes: readonly T[];
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly pageInfo: PageInfo;
}

/** Makes the two Relay classes of a list. */
export function connectionType<T extends object>(
  name: string,
  node: ClassType<T>,
): ClassType<ConnectionOf<T>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list.`, simpleResolvers: true })
  class Edge {
    @Field(() => node, { description: "The item." })
    node: T;

    @Field(() => String, { description: "An opaque cursor for `after`." })
    cursor: string;
  }

  @ObjectType(`${name}Connection`, {
    description: `A page of ${name}, newest first (Relay).`,
    simpleResolvers: true,
  })
  class Connection implements ConnectionOf<T> {
    @Field(() => [node], { description: "The items without their cursors." })
    nodes: T[];

    @Field(() => [Edge], { description: "The items with their cursors." })
    edges: Edge[];

    @Field(() => PageInfo, { description: "Information about this page." })
    pageInfo: PageInfo;
  }
  return Connection;
}

/** Arguments of every list. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    defaultValue: DEFAULT_PAGE,
    description: `How many items, 1 to ${MAX_PAGE}.`,
  })
  first: number;

  @Field(() => String, { nullable: true, description: "Return items after this cursor." })
  after?: string | null;
}

/** A page as a Relay connection. */
export function toConnection<T extends { id: string; createdAt: Date }>(
  page: Page<T>,
): ConnectionOf<T> {
  const { items, hasNextPage } = page;
  const [first, last] = [items[0], items.at(-1)];
  return {
    nodes: items,
    // Made for who asks for them: most ask for the items alone.
    get edges() {
      return items.map((node) => ({ node, cursor: encodeCursor(node) }));
    },
    pageInfo: {
      hasNextPage,
      hasPreviousPage: false,
      startCursor: first ? encodeCursor(first) : null,
      endCursor: last ? encodeCursor(last) : null,
    },
  };
}

/** Query cost of a list: its items times what each costs. */
export function listComplexity(options: {
  args: Record<string, unknown>;
  childComplexity: number;
}): number {
  const first = typeof options.args["first"] === "number" ? options.args["first"] : DEFAULT_PAGE;
  return 1 + Math.max(1, Math.min(first, MAX_PAGE)) * options.childComplexity;
}
