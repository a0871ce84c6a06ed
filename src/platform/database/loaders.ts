import DataLoader, { type BatchLoadFn } from "dataloader";
import { actorNames, type ActorRef } from "./actor-names.js";
import type { Database } from "./client.js";
import { NOT_DELETED } from "./filters.js";
import type { HotReads } from "./hot-reads.js";
import type { TalkUsage } from "./talk-usage.js";
import { readPage, type Page, type PagedTable } from "./paging.js";
import {
  Prisma,
  type Agent,
  type AgentVersion,
  type Conversation,
  type Turn,
  type Widget,
  type WidgetDraft,
  type WidgetRevision,
} from "./generated/client.js";

/** One request's batching: nested fields load once per level, never per row. */
export interface Loaders {
  readonly agent: DataLoader<string, Agent | undefined>;
  readonly agentVersion: DataLoader<string, AgentVersion | undefined>;
  readonly versionsOfAgent: DataLoader<NestedPage, Page<AgentVersion>, string>;
  /** The newest published version of an agent, or its newest draft. */
  readonly newestVersion: DataLoader<VersionOfAgent, AgentVersion | undefined, string>;
  readonly widgetsOfAgent: DataLoader<NestedPage, Page<Widget>, string>;
  /** Undefined for a widget that was deleted. */
  readonly widget: DataLoader<string, Widget | undefined>;
  readonly revisionsOfWidget: DataLoader<NestedPage, Page<WidgetRevision>, string>;
  readonly draftOfWidget: DataLoader<string, WidgetDraft | undefined>;
  /** What a key or a person is called now; undefined for one that is no more. */
  readonly actorName: DataLoader<ActorRef, string | undefined, string>;
  readonly statusCountsOfAgent: DataLoader<string, Readonly<Record<string, number>>>;
  readonly conversationsOfWidget: DataLoader<NestedPage, Page<Conversation>, string>;
  /** A conversation's turns, oldest first. */
  readonly turns: DataLoader<string, readonly Turn[]>;
  /** Of a widget's talks; undefined for none of this id. */
  readonly usageOfWidget: DataLoader<string, TalkUsage | undefined>;
}

/** What loaders ask. */
export interface LoaderSources {
  readonly db: Database;
  readonly reads: HotReads;
  readonly usageOf: (widgetIds: readonly string[]) => Promise<TalkUsage[]>;
}

/** A page of something that belongs to a parent. */
interface NestedPage {
  readonly parentId: string;
  readonly first: number;
  readonly after: string | undefined;
}

interface VersionOfAgent {
  readonly agentId: string;
  readonly published: boolean;
}

/** Each is made when it is asked for first: most requests need none or one. */
class RequestLoaders implements Loaders {
  private readonly made: { -readonly [K in keyof Loaders]?: Loaders[K] } = {};

  constructor(
    private readonly deps: LoaderSources,
    private readonly options: { readonly cache: boolean },
  ) {}

  get agent(): Loaders["agent"] {
    return (this.made.agent ??= this.batched((ids) =>
      Promise.all(ids.map((id) => this.deps.reads.agent(id))),
    ));
  }

  get agentVersion(): Loaders["agentVersion"] {
    return (this.made.agentVersion ??= this.batched(async (ids) =>
      byId(ids, await this.deps.db.agentVersion.findMany({ where: { id: { in: [...ids] } } })),
    ));
  }

  get versionsOfAgent(): Loaders["versionsOfAgent"] {
    return (this.made.versionsOfAgent ??= this.paged((pages) =>
      pagesPerParent(this.deps.db, pages, {
        table: "agent_versions",
        parentColumn: "agent_id",
        load: (ids) => this.deps.db.agentVersion.findMany({ where: { id: { in: ids } } }),
        parentOf: (row) => row.agentId,
      }),
    ));
  }

  get newestVersion(): Loaders["newestVersion"] {
    return (this.made.newestVersion ??= new DataLoader<
      VersionOfAgent,
      AgentVersion | undefined,
      string
    >(
      async (wanted) => {
        const agentIds = [...new Set(wanted.map(({ agentId }) => agentId))];
        const rows = await newestVersions(this.deps.db, agentIds);
        return wanted.map(({ agentId, published }) =>
          rows.find((row) => row.agentId === agentId && row.published === published),
        );
      },
      { ...this.options, cacheKeyFn: ({ agentId, published }) => `${agentId} ${published}` },
    ));
  }

  get widgetsOfAgent(): Loaders["widgetsOfAgent"] {
    return (this.made.widgetsOfAgent ??= this.paged((pages) =>
      pagesPerParent(this.deps.db, pages, {
        table: "widgets",
        parentColumn: "agent_id",
        conditions: [NOT_DELETED],
        load: (ids) => this.deps.db.widget.findMany({ where: { id: { in: ids } } }),
        parentOf: (row) => row.agentId,
      }),
    ));
  }

  get widget(): Loaders["widget"] {
    return (this.made.widget ??= this.batched(async (ids) =>
      byId(
        ids,
        await this.deps.db.widget.findMany({ where: { id: { in: [...ids] }, deletedAt: null } }),
      ),
    ));
  }

  get revisionsOfWidget(): Loaders["revisionsOfWidget"] {
    return (this.made.revisionsOfWidget ??= this.paged((pages) =>
      pagesPerParent(this.deps.db, pages, {
        table: "widget_revisions",
        parentColumn: "widget_id",
        load: (ids) => this.deps.db.widgetRevision.findMany({ where: { id: { in: ids } } }),
        parentOf: (row) => row.widgetId,
      }),
    ));
  }

  get draftOfWidget(): Loaders["draftOfWidget"] {
    return (this.made.draftOfWidget ??= this.batched(async (ids) => {
      const rows = await this.deps.db.widgetDraft.findMany({
        where: { widgetId: { in: [...ids] } },
      });
      return ids.map((id) => rows.find(({ widgetId }) => widgetId === id));
    }));
  }

  get actorName(): Loaders["actorName"] {
    return (this.made.actorName ??= new DataLoader<ActorRef, string | undefined, string>(
      async (actors) => {
        const names = await actorNames(this.deps.db, actors);
        return actors.map(({ actorId }) => (actorId === null ? undefined : names.get(actorId)));
      },
      { ...this.options, cacheKeyFn: ({ actorKind, actorId }) => `${actorKind} ${actorId}` },
    ));
  }

  get statusCountsOfAgent(): Loaders["statusCountsOfAgent"] {
    return (this.made.statusCountsOfAgent ??= this.batched(async (agentIds) => {
      const rows = await statusCounts(this.deps.db, agentIds);
      return agentIds.map((agentId) =>
        Object.fromEntries(
          rows.filter((row) => row.agent_id === agentId).map((row) => [row.status, row.count]),
        ),
      );
    }));
  }

  get conversationsOfWidget(): Loaders["conversationsOfWidget"] {
    return (this.made.conversationsOfWidget ??= this.paged((pages) =>
      pagesPerParent(this.deps.db, pages, {
        table: "conversations",
        parentColumn: "web_widget_id",
        load: (ids) => this.deps.db.conversation.findMany({ where: { id: { in: ids } } }),
        parentOf: (row) => row.webWidgetId ?? "",
      }),
    ));
  }

  get turns(): Loaders["turns"] {
    return (this.made.turns ??= this.batched(async (ids) => {
      const rows = await this.deps.db.turn.findMany({
        where: { conversationId: { in: [...ids] } },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      });
      return ids.map((id) => rows.filter((row) => row.conversationId === id));
    }));
  }

  get usageOfWidget(): Loaders["usageOfWidget"] {
    return (this.made.usageOfWidget ??= this.batched(async (ids) => {
      const usages = await this.deps.usageOf(ids);
      return ids.map((id) => usages.find(({ widgetId }) => widgetId === id));
    }));
  }

  private batched<K, V>(load: BatchLoadFn<K, V>): DataLoader<K, V> {
    return new DataLoader(load, this.options);
  }

  private paged<V>(
    load: BatchLoadFn<NestedPage, Page<V>>,
  ): DataLoader<NestedPage, Page<V>, string> {
    return new DataLoader(load, { ...this.options, cacheKeyFn: pageKey });
  }
}

/** @param options.cache whether what was loaded once is remembered. */
export function createLoaders(deps: LoaderSources, options = { cache: true }): Loaders {
  return new RequestLoaders(deps, options);
}

/** Of each agent the newest draft and the newest published version. */
async function newestVersions(db: Database, agentIds: readonly string[]): Promise<AgentVersion[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT ON (agent_id, published) id::text FROM agent_versions
    WHERE agent_id = ANY(${[...agentIds]}::uuid[]) ORDER BY agent_id, published, version DESC`;
  return db.agentVersion.findMany({ where: { id: { in: rows.map(({ id }) => id) } } });
}

/** Sums and the changes since, in one statement: a roll-up meanwhile is seen as a whole or not at all. */
function statusCounts(
  db: Database,
  agentIds: readonly string[],
): Promise<{ agent_id: string; status: string; count: number }[]> {
  const ids = Prisma.sql`${[...agentIds]}::uuid[]`;
  return db.$queryRaw`
    SELECT agent_id::text, status::text, sum(count)::int AS count FROM (
      SELECT agent_id, status, count FROM conversation_counts WHERE agent_id = ANY(${ids})
      UNION ALL
      SELECT agent_id, status, change FROM conversation_count_changes WHERE agent_id = ANY(${ids})
    ) AS counts GROUP BY agent_id, status HAVING sum(count) > 0`;
}

/** Pages that begin at the same place are one query with a LATERAL per parent. */
async function pagesPerParent<T extends { id: string; createdAt: Date }>(
  db: Database,
  pages: readonly NestedPage[],
  list: {
    table: PagedTable;
    parentColumn: string;
    conditions?: readonly Prisma.Sql[];
    load: (ids: string[]) => Promise<T[]>;
    parentOf: (row: T) => string;
  },
): Promise<Page<T>[]> {
  const found = new Map<string, T[]>();
  const starts = new Map(pages.map((page) => [startKey(page), page]));
  for (const [key, { first, after }] of starts) {
    const parents = pages.filter((page) => startKey(page) === key).map((page) => page.parentId);
    const ids = await newestPerParent(db, {
      table: list.table,
      parentColumn: list.parentColumn,
      parentIds: parents,
      conditions: [...(list.conditions ?? []), ...readPage({ first, after })],
      limit: first + 1,
    });
    const lists = grouped(parents, await list.load(ids), list.parentOf);
    for (const [index, parent] of parents.entries())
      found.set(`${parent} ${key}`, lists[index] ?? []);
  }
  return pages.map((page) => {
    const rows = found.get(`${page.parentId} ${startKey(page)}`) ?? [];
    return { items: rows.slice(0, page.first), hasNextPage: rows.length > page.first };
  });
}

async function newestPerParent(
  db: Database,
  list: {
    table: PagedTable;
    parentColumn: string;
    parentIds: readonly string[];
    conditions?: readonly Prisma.Sql[];
    limit: number;
  },
): Promise<string[]> {
  const ofParent = Prisma.sql`${Prisma.raw(list.parentColumn)} = parent.id`;
  const where = Prisma.join([ofParent, ...(list.conditions ?? [])], " AND ");
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT newest.id::text AS id FROM unnest(${[...list.parentIds]}::uuid[]) AS parent(id)
    CROSS JOIN LATERAL (
      SELECT id FROM ${Prisma.raw(list.table)} WHERE ${where}
      ORDER BY created_at DESC, id DESC LIMIT ${list.limit}
    ) AS newest`;
  return rows.map((row) => row.id);
}

function byId<T extends { id: string }>(
  ids: readonly string[],
  rows: readonly T[],
): (T | undefined)[] {
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => found.get(id));
}

function grouped<T extends { id: string; createdAt: Date }>(
  parents: readonly string[],
  rows: readonly T[],
  parentOf: (row: T) => string,
): T[][] {
  const lists = new Map<string, T[]>(parents.map((parent) => [parent, []]));
  for (const row of rows) lists.get(parentOf(row))?.push(row);
  for (const list of lists.values()) list.sort(newestFirst);
  return parents.map((parent) => lists.get(parent) ?? []);
}

function newestFirst(
  a: { id: string; createdAt: Date },
  b: { id: string; createdAt: Date },
): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1);
}

function startKey({ first, after }: NestedPage): string {
  return `${first} ${after ?? ""}`;
}

function pageKey(page: NestedPage): string {
  return `${page.parentId} ${startKey(page)}`;
}
