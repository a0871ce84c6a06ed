/** PostgreSQL's own five characters for what went wrong, from where Prisma keeps them. */
export function sqlState(error: unknown): string | undefined {
  let value = error;
  for (const key of ["meta", "driverAdapterError", "cause", "originalCode"]) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return typeof value === "string" ? value : undefined;
}
