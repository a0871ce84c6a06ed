/** The only door to the console, so that a site's developers know at once who speaks. */
export function logError(message: string, cause: unknown = ""): void {
  // oxlint-disable-next-line no-console
  console.error(`[Parley] ${message}`, cause);
}
