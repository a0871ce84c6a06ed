import type { Logger } from "pino";
import { SafeFetcher, type FetchEvent } from "../../process/web/safe-fetch.js";
import type { BrandReader } from "./brand-reader.js";

const USER_AGENT = "ParleyBrandReader/1.0 (reads the public home page to suggest widget colours)";

/**
 * Loaded by the first who asks: most never do, and it brings a decoder of pictures.
 *
 * @param fetcher absent: one that tells the log whom it asked.
 */
export function lazyBrandReader(
  log: Logger,
  fetcher = new SafeFetcher({ userAgent: USER_AGENT, onEvent: traceFetch(log) }),
): Pick<BrandReader, "read"> {
  let loaded: Promise<BrandReader> | undefined;
  return {
    read: async (domain) => {
      loaded ??= import("./brand-reader.js").then((module) => new module.BrandReader(fetcher));
      return (await loaded).read(domain);
    },
  };
}

/** The only trace of what auto-brand asked strangers for: who was asked, and what was refused. */
function traceFetch(log: Logger): (event: FetchEvent) => void {
  return ({ url, outcome, status }) => {
    const host = URL.canParse(url) ? new URL(url).host : undefined;
    log.info({ host, outcome, status }, "auto-brand fetch");
  };
}
