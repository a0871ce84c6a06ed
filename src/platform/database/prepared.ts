import type {
  ArgType,
  SqlDriverAdapter,
  SqlQuery,
  SqlQueryable,
} from "@prisma/driver-adapter-utils";

/** What a statement can be given. JSON goes as its text, an instant as a Date. */
export type Argument = string | number | boolean | Date | Uint8Array | null;

/** Runs single statements, each prepared once on its connection; behind a pooler none is named. */
export interface Statements {
  /**
   * @param args of `$1` and so on; the text casts what is no text.
   * @returns rows by column, as the adapter gives them: an instant is ISO 8601 text, JSON its text.
   */
  query<Row extends object>(sql: string, args: readonly Argument[]): Promise<Row[]>;
}

/** Statements of their own, and several in one transaction. */
export interface Prepared extends Statements {
  /** Commits when `work` is done; when it fails nothing of it is left. */
  transaction<T>(work: (tx: Statements) => Promise<T>): Promise<T>;
}

/**
 * Statements past Prisma's client, by the same driver adapter: what it costs to compile a query, and to
 * map its answer, is paid by nobody. For what every visitor calls, no more. On a pool there is a shorter
 * way, see pool-statements.ts.
 *
 * @param connect gives the adapter, whose failures have PostgreSQL's codes.
 */
export function createPrepared(connect: () => Promise<SqlDriverAdapter>): Prepared {
  let connected: Promise<SqlDriverAdapter> | undefined;
  const adapter = (): Promise<SqlDriverAdapter> => (connected ??= connect());
  return {
    query: async (sql, args) => run(await adapter(), sql, args),
    transaction: async (work) => {
      const tx = await (await adapter()).startTransaction();
      // Some drivers end a transaction by themselves, others leave the statement to their caller.
      const say = async (sql: string): Promise<void> => {
        if (!tx.options.usePhantomQuery) await tx.executeRaw(toQuery(sql, []));
      };
      try {
        const result = await work({ query: (sql, args) => run(tx, sql, args) });
        await say("COMMIT");
        await tx.commit();
        return result;
      } catch (error) {
        // Of a connection that is lost the server ends the transaction, and the pool the connection.
        await say("ROLLBACK").catch(() => {});
        await tx.rollback().catch(() => {});
        throw error;
      }
    },
  };
}

async function run<Row extends object>(
  queryable: SqlQueryable,
  sql: string,
  args: readonly Argument[],
): Promise<Row[]> {
  const { columnNames, rows } = await queryable.queryRaw(toQuery(sql, args));
  return rows.map((row) => named<Row>(columnNames, row));
}

/** The statement's own columns say what the row is, and its caller knows them. */
function named<Row extends object>(columns: readonly string[], values: readonly unknown[]): Row {
  return Object.fromEntries(columns.map((column, index) => [column, values[index]])) as Row;
}

/** Says nothing of the arguments' types: the statement casts them. */
const ANY_TYPE: ArgType = { scalarType: "unknown", arity: "scalar" };

function toQuery(sql: string, args: readonly Argument[]): SqlQuery {
  return { sql, args: [...args], argTypes: args.map(() => ANY_TYPE) };
}
