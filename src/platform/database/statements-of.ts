import type { Transaction } from "./client.js";
import type { Statements } from "./prepared.js";

/** Statements in a transaction of Prisma's client, for what is asked in both kinds of transaction. */
export function statementsOf(tx: Transaction): Statements {
  return { query: (sql, args) => tx.$queryRawUnsafe(sql, ...args) };
}
