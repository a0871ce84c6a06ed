import { LINK_PATH } from "../../protocol/console-api.js";
import { PUBLIC_PATH } from "../html-facts.js";

/**
 * Takes a link's token out of the address: from there it would go on into the history, bookmarks and pictures of the
 * screen. It is held in memory alone; whoever loads the page again opens the link again.
 *
 * @returns empty where there is none
 */
export function takeLinkToken(): string {
  const isLink = location.pathname === `${PUBLIC_PATH}${LINK_PATH}`;
  const token = isLink ? location.hash.slice(1) : "";
  if (token !== "") history.replaceState(history.state, "", location.pathname);
  return token;
}

/** Of the address that the page was loaded with, before anything else is done; empty where it is no link. */
export const OPENED_WITH = takeLinkToken();
