import { PGlite } from "@electric-sql/pglite";
import pg from "pg";

/** SQL as the database received it. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/**
 * Everything that `work` sends to the database, seen where it leaves our process: at the drivers
 * themselves, so that nothing in `src` has to know of it.
 */
export async function recordStatements<T>(
  work: () => Promise<T>,
): Promise<{ result: T; statements: Statement[] }> {
  const statements: Statement[] = [];
  const restore = [spy(pg.Client.prototype, statements), spy(PGlite.prototype, statements)];
  try {
    return { result: await work(), statements };
  } finally {
    for (const undo of restore) undo();
  }
}

/** Both drivers have `query`, with the text, or an object with it, first. */
function spy(prototype: object, statements: Statement[]): () => void {
  const original: unknown = Reflect.get(prototype, "query");
  if (typeof original !== "function") throw new Error("the driver has no query()");
  const own = Object.hasOwn(prototype, "query");
  function query(this: unknown, ...args: unknown[]): unknown {
    const [first, second] = args;
    const config = typeof first === "object" && first !== null ? first : undefined;
    const sql: unknown = config ? Reflect.get(config, "text") : first;
    const values: unknown = config ? (Reflect.get(config, "values") ?? second) : second;
    // What a new connection sets is no statement of the work.
    if (typeof sql === "string" && !sql.startsWith("SET TimeZone ")) {
      statements.push({ sql, parameters: Array.isArray(values) ? values : [] });
    }
    return Reflect.apply(original as (...all: unknown[]) => unknown, this, args);
  }
  Reflect.set(prototype, "query", query);
  return () => {
    if (own) Reflect.set(prototype, "query", original);
    else Reflect.deleteProperty(prototype, "query");
  };
}
