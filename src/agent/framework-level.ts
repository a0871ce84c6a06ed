/** What the framework logs at "info" and "warn" is for its own developers. */
const LEVELS: Readonly<Record<string, string>> = { info: "error", warn: "error" };

/** @returns the framework's level of log for ours. */
export function frameworkLevel(level: string): string {
  return LEVELS[level] ?? level;
}
