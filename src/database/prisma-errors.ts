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

/** Whether the database did not do it now, so that trying again later makes sense. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && PASSING.has(error.code)) return true;
  if (
    /Connection terminated|timeout exceeded when trying to connect|Can't reach database/i.test(
      error.message,
    )
  )
    return true;
  return isSessionRefused(error) || isDatabaseUnavailable(error.cause);
}

/** PostgreSQL itself ended or refused the session: it restarts, is full, or takes nobody now. */
function isSessionRefused(error: Error): boolean {
  let value: unknown = error;
  for (const key of ["meta", "driverAdapterError", "cause", "severity"]) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value === "FATAL";
}
