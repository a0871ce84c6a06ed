import { isDriverAdapterError } from "@prisma/driver-adapter-utils";
import { errorCode } from "../errors.js";

/** Prisma's own: no connection, none free, a deadlock, a transaction that took too long. */
const PRISMA_CODES = new Set([
  "P1000",
  "P1001",
  "P1002",
  "P1003",
  "P1008",
  "P1010",
  "P1011",
  "P1017",
  "P2024",
  "P2028",
  "P2034",
  "P2037",
]);

/** What an adapter calls the same. */
const ADAPTER_KINDS = new Set([
  "AuthenticationFailed",
  "ConnectionClosed",
  "DatabaseAccessDenied",
  "DatabaseDoesNotExist",
  "DatabaseNotReachable",
  "SocketTimeout",
  "TlsConnectionError",
  "TooManyConnections",
  "TransactionWriteConflict",
]);

/**
 * PostgreSQL's: connections (08), who may connect (28), resources such as the disk (53), an
 * operator's intervention, our bounds among them (57), the system around it (58), deadlocks and
 * serialization (40), a bounded transaction (25P03, 25P04), a database that takes no sessions (55000)
 * or is not there (3D000), a lock (55P03), a standby (25006), prepared statements that a pooler lost
 * or has twice (26000, 42P05).
 */
const SQL_STATES =
  /^(08|28|53|57|58)|^(25006|25P03|25P04|26000|3D000|40001|40P01|42P05|55000|55P03)$/;

/** Whether it is the database's fault and not the request's, so that a retry may succeed. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (PRISMA_CODES.has(errorCode(error) ?? "")) return true;
  const kind = adapterCause(error, "kind");
  if (typeof kind === "string" && ADAPTER_KINDS.has(kind)) return true;
  return SQL_STATES.test(sqlState(error) ?? "") || isDatabaseUnavailable(error.cause);
}

/** Whether another row has the same value already: in `column`, or in any one that is unique. */
export function isUniqueViolation(error: unknown, column?: string): boolean {
  const isOne =
    errorCode(error) === "P2002" || adapterCause(error, "kind") === "UniqueConstraintViolation";
  if (!isOne) return false;
  if (column === undefined) return true;
  const fields = adapterCause(error, "constraint", "fields");
  if (Array.isArray(fields)) return fields.includes(column);
  // The adapter for pg names the index instead.
  return String(adapterCause(error, "constraint", "index")).endsWith(`_${column}_key`);
}

/** PostgreSQL's own five characters for what went wrong. */
export function sqlState(error: unknown): string | undefined {
  const code = adapterCause(error, "originalCode");
  return typeof code === "string" ? code : undefined;
}

/** What the database said, from where Prisma keeps it, or in the adapter's own error. */
function adapterCause(error: unknown, ...keys: readonly string[]): unknown {
  let value = error;
  for (const key of [
    ...(isDriverAdapterError(error) ? [] : ["meta", "driverAdapterError"]),
    "cause",
    ...keys,
  ]) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}
