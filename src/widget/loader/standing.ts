import { logError } from "../log-error.js";

/** Where the open panel and the talk in it stand among the page's own things. */

/** Newer than TypeScript's library: it moves a frame that lives on. */
type Movable = Element & { moveBefore?(node: Node, before: Node | null): void };

let openings = 0;

/** Before whatever was opened earlier. A page that lets nobody near the panel reads why. */
export function standOut(host: HTMLElement, box: HTMLElement): void {
  box.style.setProperty("--o", `${++openings}`);
  const reason = findObstacle(host);
  if (reason) logError("The panel is open, but nobody can use it yet:", reason);
}

/** Out of the body, which the page may swap, with the talk that has begun; other browsers move no living frame. */
export function stepAside(host: HTMLElement): void {
  const root: Movable = document.documentElement;
  const isSettled =
    document.readyState === "complete" && host.isConnected && host.parentNode !== root;
  if (isSettled) root.moveBefore?.(host, null);
}

/** What makes a browser let nobody use the rest of a page: nothing that is outside can do anything about it. */
function findObstacle(host: HTMLElement): string | undefined {
  if (document.fullscreenElement?.contains(host) === false)
    return "a part of the page fills the screen";
  if (host.closest("[inert]")) return "the page is inert";
  try {
    return document.querySelector("dialog:modal") ? "a modal dialog is open" : undefined;
  } catch {
    // A browser that does not know the word.
    return undefined;
  }
}
