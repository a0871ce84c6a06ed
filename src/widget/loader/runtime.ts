import { openV1 } from "../read-config.js";
import { readFields, readTexts } from "../../protocol/read.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";

/**
 * The one request before anybody acts.
 *
 * @returns the `config.v1` of the live widget
 * @throws a word for the log, when there is nothing to show on this page; anything else may be another time
 */
export async function fetchWidget(runtime: string): Promise<UnreadConfig> {
  const response = await fetch(runtime, { credentials: "omit" });
  const { ok, status } = response;
  const widget = ok ? readFields(await response.json()) : {};
  const domains = readTexts(widget["domains"]);
  const isElsewhere = domains[0] && !domains.includes(self.origin);
  if (status === 403 || isElsewhere) throw `not allowed on ${self.origin}`;
  if (!ok) throw status === 404 ? "unknown or not published" : status;
  return openV1(widget["config"]);
}
