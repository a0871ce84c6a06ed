const UNREACHABLE = new Set([
  "P1001",
  "P1002",
  "P1008",
  "P1017",
  "P2024",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
]);

/** Whether an error means that the database is away, so that trying again later makes sense. */
export function isDatabaseUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && UNREACHABLE.has(error.code)) return true;
  if (
    /Connection terminated|timeout exceeded when trying to connect|Can't reach database/i.test(
      error.message,
    )
  )
    return true;
  return isSessionRefused(error) || isDatabaseUnreachable(error.cause);
}

/** PostgreSQL itself ended or refused the session: it restarts, is full, or takes nobody now. */
function isSessionRefused(error: Error): boolean {
  let value: unknown = error;
  for (const key of ["meta", "driverAdapterError", "cause", "severity"]) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value === "FATAL";
}
