import { errorCode } from "../errors.js";

/** Prisma's: away, busy, a deadlock or a transaction that took too long; and the system's own. */
const PASSING = new Set([
  "P1001",
  "P1002",
  "P1008",
  "P1017",
  "P2024",
  "P2028",
  "P2034",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
]);

/** Whether the failure is transient, so that a retry may succeed. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (PASSING.has(errorCode(error) ?? "")) return true;
  if (
    /Connection terminated|timeout exceeded when trying to connect|Can't reach database/i.test(
      error.message,
    )
  )
    return true;
  return isSessionRefused(error) || isDatabaseUnavailable(error.cause);
}

/** Whether another row has the same value already: in `column`, or in any one that is unique. */
export function isUniqueViolation(error: unknown, column?: string): boolean {
  if (errorCode(error) !== "P2002") return false;
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

/** PostgreSQL itself ended or refused the session: it restarts, is full, or takes nobody now. */
function isSessionRefused(error: Error): boolean {
  return adapterCause(error, "severity") === "FATAL";
}

/** What the database said, from where Prisma keeps it. */
function adapterCause(error: unknown, ...keys: readonly string[]): unknown {
  let value = error;
  for (const key of ["meta", "driverAdapterError", "cause", ...keys]) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}
