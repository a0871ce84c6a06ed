/**
 * Takes a link's token out of the address at once: from there it would go on into the history, bookmarks and pictures
 * of the screen. It is held in memory alone; whoever loads the page again opens the link again.
 *
 * @returns empty where there is none
 */
export function takeLinkToken(): string {
  const token = location.hash.slice(1);
  if (token !== "") history.replaceState(history.state, "", location.pathname);
  return token;
}
