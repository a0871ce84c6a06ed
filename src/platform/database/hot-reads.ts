import { setTimeout as delay } from "node:timers/promises";
import DataLoader from "dataloader";
import { Prisma, type Agent, type Widget } from "./generated/client.js";
import { readPage, whereAll, type Page, type PageRequest } from "./paging.js";
import type { Argument, Statements } from "./prepared.js";

/*
 * What owners read most. PostgreSQL writes the rows of an answer as one JSON text, which costs less to
 * read than a value for each column. What is asked for at the same moment, by whomever, is one statement
 * where it can be, and the same question is asked once: it begins after all of them have asked, so
 * nobody is shown what is older. Rows may be several requests', so nobody changes one.
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
/** How long the next statement waits for the one under way. */
const PATIENCE_MS = 5;

export function createHotReads(db: Statements): HotReads {
  const widgets = together<Owned, Widget | undefined>(
    ({ id, organizationId }) => `${id} ${organizationId}`,
    async (asked) => {
      const rows = await rowsOf<Widget>(db, WIDGETS, [askedFor(asked)]);
      return new Map(rows.map((row) => [`${row.id} ${row.organizationId}`, toWidget(row)]));
    },
  );
  const agents = together<string, Agent | undefined>(
    (id) => id,
    async (asked) => {
      const rows = await rowsOf<Agent>(db, AGENTS, [`{${[...asked.keys()].join(",")}}`]);
      return new Map(rows.map((row) => [row.id, toAgent(row)]));
    },
  );
  const pages = together<Question, readonly Widget[] | undefined>(
    ({ sql, args }) => JSON.stringify([sql, args]),
    async (asked) => {
      const answers = [...asked].map(async ([key, { sql, args }]) => {
        const rows = await rowsOf<Widget>(db, sql, args);
        return [key, rows.map(toWidget)] as const;
      });
      return new Map(await Promise.all(answers));
    },
  );
  return {
    widget: (asked) => widgets.load(asked),
    agent: (id) => agents.load(id),
    widgets: async (conditions, request) => {
      const where = whereAll([...conditions, ...readPage(request)]);
      const { text, values } = Prisma.sql`
        SELECT json_agg(page ORDER BY "createdAt" DESC, id DESC) AS rows FROM (
          SELECT ${WIDGET} FROM widgets ${where} ORDER BY created_at DESC, id DESC LIMIT ${request.first + 1}
        ) AS page`;
      const rows = (await pages.load({ sql: text, args: values.map(toArgument) })) ?? [];
      return { items: rows.slice(0, request.first), hasNextPage: rows.length > request.first };
    },
  };
}

function askedFor(asked: ReadonlyMap<string, Owned>): string {
  const rows = [...asked.values()].map(({ id, organizationId }) => ({
    askedId: id,
    askedBy: organizationId,
  }));
  return JSON.stringify(rows);
}

interface Question {
  readonly sql: string;
  readonly args: readonly Argument[];
}

/**
 * Loads at once what is asked for in one turn of the event loop, or while the statement before is under
 * way: the busier, the more of them. Remembers nothing.
 *
 * @param load gets each key once, by its text.
 */
function together<K, V>(
  textOf: (key: K) => string,
  load: (asked: ReadonlyMap<string, K>) => Promise<ReadonlyMap<string, V>>,
): DataLoader<K, V | undefined> {
  let before: Promise<unknown> = Promise.resolve();
  return new DataLoader(
    async (keys) => {
      const texts = keys.map(textOf);
      const loading = load(new Map(keys.map((key, at) => [texts[at] ?? "", key])));
      before = loading.catch(() => {});
      const found = await loading;
      return texts.map((text) => found.get(text));
    },
    {
      cache: false,
      maxBatchSize: MOST_AT_ONCE,
      batchScheduleFn: (begin) => {
        // One that gets no answer holds nobody up.
        const patience = delay(PATIENCE_MS, undefined, { ref: false });
        void Promise.race([before, patience]).then(() => setImmediate(begin));
      },
    },
  );
}

const WIDGET = Prisma.raw(`
  id, organization_id AS "organizationId", agent_id AS "agentId", agent_version_id AS "agentVersionId",
  domains, published, config, strict, limits, identity, identity_secret AS "identitySecret",
  identity_secret_previous AS "identitySecretPrevious",
  identity_secret_previous_until AS "identitySecretPreviousUntil",
  token_generation AS "tokenGeneration", created_at AS "createdAt", updated_at AS "updatedAt",
  deleted_at AS "deletedAt"`);

const WIDGETS = `
  SELECT json_agg(own) AS rows FROM (
    SELECT ${WIDGET.text} FROM widgets
    JOIN json_to_recordset($1::json) AS asked("askedId" uuid, "askedBy" text)
      ON "askedId" = id AND "askedBy" = organization_id
    WHERE deleted_at IS NULL
  ) AS own`;

const AGENTS = `
  SELECT json_agg(asked) AS rows FROM (
    SELECT id, organization_id AS "organizationId", name, description, active,
      is_demo AS "isDemo", metadata, created_at AS "createdAt", updated_at AS "updatedAt",
      deleted_at AS "deletedAt"
    FROM agents WHERE id = ANY($1::uuid[])
  ) AS asked`;

/** A row as PostgreSQL writes it in JSON, which knows neither instants nor bytes. */
type Written<Row> = { readonly [K in keyof Row]: WrittenValue<Row[K]> };
type WrittenValue<T> = T extends Date | Uint8Array ? string : T;

async function rowsOf<Row>(
  db: Statements,
  sql: string,
  args: readonly Argument[],
): Promise<readonly Written<Row>[]> {
  const [answer] = await db.query<{ rows: string | null }>(sql, args);
  // The statement's own columns say what its rows are; of none there is no list.
  return answer?.rows ? (JSON.parse(answer.rows) as Written<Row>[]) : [];
}

/** What a condition of a list compares with. */
function toArgument(value: unknown): Argument {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  if (value instanceof Date) return value;
  throw new TypeError("a condition that no statement takes");
}

function toWidget(row: Written<Widget>): Widget {
  return Object.assign(row, {
    identitySecret: toBytes(row.identitySecret),
    identitySecretPrevious: toBytes(row.identitySecretPrevious),
    identitySecretPreviousUntil: toInstant(row.identitySecretPreviousUntil),
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    deletedAt: toInstant(row.deletedAt),
  });
}

function toAgent(row: Written<Agent>): Agent {
  return Object.assign(row, {
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    deletedAt: toInstant(row.deletedAt),
  });
}

/** As PostgreSQL writes bytes: `\x`, and two digits for each. */
function toBytes(text: string | null): Uint8Array<ArrayBuffer> | null {
  return text === null ? null : new Uint8Array(Buffer.from(text.slice(2), "hex"));
}

function toInstant(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
