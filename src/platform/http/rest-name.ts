/** Paging has words of its own in REST [documented]. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["first", "limit"],
  ["after", "cursor"],
]);

/** An argument's or input field's name in paths, queries, bodies and errors. */
export function restName(name: string): string {
  return RENAMED.get(name) ?? snakeCase(name);
}

/** `agentVersionId` → `agent_version_id`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
