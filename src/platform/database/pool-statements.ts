import { createHash } from "node:crypto";
import { DriverAdapterError } from "@prisma/driver-adapter-utils";
import pg from "pg";
import { isUnanswered } from "./idle-connections.js";
import type { Argument, Prepared } from "./prepared.js";

export interface PoolStatementsOptions {
  /** Whether a statement is prepared once on its connection; behind a pooler none can be. */
  readonly isNamed: boolean;
  /** Gets the SQLSTATE of what PostgreSQL refused. */
  readonly onRefusal: (sqlState: string) => void;
  /** Hears of each statement without an answer. */
  readonly onLost: () => void;
}

/**
 * The statements of `prepared.ts` straight on the pool that Prisma's adapter holds, with the answers
 * and the failures of the adapter: what it does for any statement costs half of what ours do.
 */
export function poolStatements(
  pool: pg.Pool,
  { isNamed, onRefusal, onLost }: PoolStatementsOptions,
): Prepared {
  const failed = (error: unknown): unknown => {
    const failure = toFailure(error, onRefusal);
    if (isUnanswered(failure)) onLost();
    return failure;
  };
  const run = <Row extends object>(
    on: pg.Pool | pg.PoolClient,
    sql: string,
    args: readonly Argument[],
  ): Promise<Row[]> =>
    new Promise((resolve, reject) => {
      const config = {
        name: isNamed ? statementName(sql) : undefined,
        text: sql,
        values: args.map(toText),
        types: TYPES,
      };
      on.query<Row>(config, (error: Error | undefined, result) => {
        if (error) reject(failed(error));
        else resolve(result.rows);
      });
    });
  return {
    query: (sql, args) => run(pool, sql, args),
    transaction: async (work) => {
      const client = await pool.connect().catch((error: unknown) => {
        throw failed(error);
      });
      // The statement under way tells of it.
      const ignore = (): void => {};
      client.on("error", ignore);
      const say = async (sql: string): Promise<void> => {
        await client.query(sql).catch((error: unknown) => {
          throw failed(error);
        });
      };
      let isLost = false;
      try {
        await say("BEGIN");
        const result = await work({ query: (sql, args) => run(client, sql, args) });
        await say("COMMIT");
        return result;
      } catch (error) {
        // Of a connection that gave no answer the server ends the transaction.
        isLost = isUnanswered(error);
        if (!isLost) await say("ROLLBACK").catch(() => {});
        throw error;
      } finally {
        client.off("error", ignore);
        client.release(isLost);
      }
    },
  };
}

/** Instants with their zone, so that it is nobody's guess; what is text or bytes is sent as it is. */
function toText(value: Argument): Argument {
  return value instanceof Date ? value.toISOString() : value;
}

const { TIMESTAMPTZ, JSON: JSON_TYPE, JSONB } = pg.types.builtins;
const asText = (text: string): string => text;
const PARSERS = new Map<number, (text: string) => unknown>([
  [JSON_TYPE, asText],
  [JSONB, asText],
  // Every session is in UTC.
  [TIMESTAMPTZ, (text) => `${text.slice(0, 10)}T${text.slice(11)}:00`],
]);
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => PARSERS.get(oid) ?? pg.types.getTypeParser(oid, "text"),
};

/** A failure as the adapter tells of it: with PostgreSQL's code, or as a connection that was lost. */
function toFailure(error: unknown, onRefusal: (sqlState: string) => void): unknown {
  // A value that cannot be sent is a fault of ours.
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const originalMessage = error instanceof Error ? error.message : String(error);
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) {
    return new DriverAdapterError({ kind: "ConnectionClosed", originalMessage });
  }
  const { code, severity = "ERROR", message, detail, column, hint, constraint } = error;
  onRefusal(code);
  const said = { originalCode: code, originalMessage };
  if (code === UNIQUE_VIOLATION && constraint !== undefined) {
    const of = { index: constraint };
    return new DriverAdapterError({ kind: "UniqueConstraintViolation", constraint: of, ...said });
  }
  const told = { code, severity, message, detail, column, hint };
  return new DriverAdapterError({ kind: "postgres", ...told, ...said });
}

const UNIQUE_VIOLATION = "23505";

/** Names of texts that come again and again; of others a client of GraphQL may think of any number. */
const statementNames = new Map<string, string>();
const MOST_NAMES = 1_000;

/** Without a name pg prepares a statement anew at every call; the text's hash names it. */
export function statementName(sql: string): string {
  const known = statementNames.get(sql);
  if (known !== undefined) return known;
  const name = createHash("sha1").update(sql).digest("base64url");
  if (statementNames.size === MOST_NAMES) statementNames.clear();
  statementNames.set(sql, name);
  return name;
}
