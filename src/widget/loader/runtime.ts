import { openV1 } from "../read-config.js";
import { readFields, readText, readTexts } from "../../protocol/read.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";

/** The two public routes that the page itself asks. */

/**
 * @returns the `config.v1` of the live widget
 * @throws a word for the log, when there is nothing to show on this page
 */
export async function fetchWidget(runtime: string): Promise<UnreadConfig> {
  const response = await fetch(runtime, { credentials: "omit" });
  const { ok, status } = response;
  const widget = ok ? readFields(await response.json()) : {};
  const domains = readTexts(widget["domains"]);
  const isElsewhere = domains[0] && !domains.includes(location.origin);
  if (status === 403 || isElsewhere) throw `not allowed on ${location.origin}`;
  if (!ok) throw status === 404 ? "unknown or not published" : status;
  return openV1(widget["config"]);
}

/**
 * The embed ticket, asked for in the page, because only here the browser sends the page's true origin.
 * @returns `status`: 0 when the platform was not reached
 */
export async function fetchTicket(
  runtime: string,
): Promise<{ ticket: string | undefined; status: number }> {
  let ticket: string | undefined;
  let status = 0;
  try {
    const response = await fetch(`${runtime}/embed-ticket`, {
      credentials: "omit",
      method: "POST",
    });
    status = response.status;
    ticket = readText(readFields(await response.json())["ticket"]);
  } catch {
    // The status says what there is to say.
  }
  return { ticket, status };
}
