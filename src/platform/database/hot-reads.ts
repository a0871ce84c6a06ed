import DataLoader from "dataloader";
import { Prisma, type Agent, type Widget } from "./generated/client.js";
import { readPage, whereAll, type Page, type PageRequest } from "./paging.js";
import type { Argument, Statements } from "./prepared.js";

/*
 * What owners read most. PostgreSQL writes the rows of an answer as one JSON text, which costs less to
 * read than a value for each column. Those that are asked for at the same moment, by whomever, are one
 * statement: it begins after all of them have asked, so nobody is shown what is older.
 */

/** A widget's id, and whose it must be. */
type Owned = Pick<Widget, "id" | "organizationId">;

export interface HotReads {
  /** @returns undefined for one that is deleted, unknown or another's. */
  widget(asked: Owned): Promise<Widget | undefined>;
  /** Newest first. @throws AppError `invalid` as `readPage`. */
  widgets(conditions: readonly Prisma.Sql[], request: PageRequest): Promise<Page<Widget>>;
  /** Deleted ones too, as what belongs to them still names them. */
  agent(id: string): Promise<Agent | undefined>;
}

const MOST_AT_ONCE = 100;

export function createHotReads(db: Statements): HotReads {
  const widgets = together<Owned, Widget>(async (asked) => {
    const rows = await rowsOf<StoredWidget>(db, WIDGETS, [JSON.stringify(asked)]);
    const found = new Map(rows.map((row) => [`${row.id} ${row.organization_id}`, row]));
    return asked.map(({ id, organizationId }) => {
      const row = found.get(`${id} ${organizationId}`);
      return row && toWidget(row);
    });
  });
  const agents = together<string, Agent>(async (ids) => {
    const rows = await rowsOf<StoredAgent>(db, AGENTS, [`{${[...new Set(ids)].join(",")}}`]);
    const found = new Map(rows.map((row) => [row.id, toAgent(row)]));
    return ids.map((id) => found.get(id));
  });
  return {
    widget: (asked) => widgets.load(asked),
    agent: (id) => agents.load(id),
    widgets: async (conditions, request) => {
      const where = whereAll([...conditions, ...readPage(request)]);
      const { text, values } = Prisma.sql`
        SELECT json_agg(page ORDER BY created_at DESC, id DESC) AS rows FROM (
          SELECT * FROM widgets ${where} ORDER BY created_at DESC, id DESC LIMIT ${request.first + 1}
        ) AS page`;
      const rows = await rowsOf<StoredWidget>(db, text, values.map(toArgument));
      const items = rows.slice(0, request.first).map(toWidget);
      return { items, hasNextPage: rows.length > items.length };
    },
  };
}

/** Loads what is asked for in one turn of the event loop at once, and remembers nothing. */
function together<K, V>(
  load: (keys: readonly K[]) => Promise<(V | undefined)[]>,
): DataLoader<K, V | undefined> {
  return new DataLoader(load, {
    cache: false,
    maxBatchSize: MOST_AT_ONCE,
    batchScheduleFn: (begin) => void setImmediate(begin),
  });
}

const WIDGETS = `
  SELECT json_agg(widgets) AS rows FROM widgets
  JOIN json_to_recordset($1::json) AS asked(id uuid, "organizationId" text)
    ON asked.id = widgets.id AND asked."organizationId" = widgets.organization_id
  WHERE deleted_at IS NULL`;

const AGENTS = `SELECT json_agg(agents) AS rows FROM agents WHERE id = ANY($1::uuid[])`;

async function rowsOf<Row>(
  db: Statements,
  sql: string,
  args: readonly Argument[],
): Promise<readonly Row[]> {
  const [answer] = await db.query<{ rows: string | null }>(sql, args);
  // The statement's own table says what its rows are; of none there is no list.
  return answer?.rows ? (JSON.parse(answer.rows) as Row[]) : [];
}

/** What a condition of a list compares with. */
function toArgument(value: unknown): Argument {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  if (value instanceof Date) return value;
  throw new TypeError("a condition that no statement takes");
}

/** A row of `widgets`, as PostgreSQL writes it in JSON. */
interface StoredWidget {
  readonly id: string;
  readonly organization_id: string;
  readonly agent_id: string;
  readonly agent_version_id: string;
  readonly domains: string[];
  readonly published: boolean;
  readonly config: Prisma.JsonValue;
  readonly strict: boolean;
  readonly limits: Prisma.JsonValue;
  readonly identity: Widget["identity"];
  readonly identity_secret: string | null;
  readonly identity_secret_previous: string | null;
  readonly identity_secret_previous_until: string | null;
  readonly token_generation: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
}

function toWidget(row: StoredWidget): Widget {
  return {
    id: row.id,
    organizationId: row.organization_id,
    agentId: row.agent_id,
    agentVersionId: row.agent_version_id,
    domains: row.domains,
    published: row.published,
    config: row.config,
    strict: row.strict,
    limits: row.limits,
    identity: row.identity,
    identitySecret: toBytes(row.identity_secret),
    identitySecretPrevious: toBytes(row.identity_secret_previous),
    identitySecretPreviousUntil: toInstant(row.identity_secret_previous_until),
    tokenGeneration: row.token_generation,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    deletedAt: toInstant(row.deleted_at),
  };
}

/** A row of `agents`. */
interface StoredAgent {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly active: boolean;
  readonly is_demo: boolean;
  readonly metadata: Prisma.JsonValue;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
}

function toAgent(row: StoredAgent): Agent {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    description: row.description,
    active: row.active,
    isDemo: row.is_demo,
    metadata: row.metadata,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    deletedAt: toInstant(row.deleted_at),
  };
}

/** As PostgreSQL writes bytes: `\x`, and two digits for each. */
function toBytes(text: string | null): Uint8Array<ArrayBuffer> | null {
  return text === null ? null : new Uint8Array(Buffer.from(text.slice(2), "hex"));
}

function toInstant(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
