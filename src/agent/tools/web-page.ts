import { z } from "zod";
import { decodeText } from "../../process/web/decode-text.js";
import {
  FetchError,
  type FetchedBody,
  type FetchFailure,
  type SafeFetcher,
} from "../../process/web/safe-fetch.js";
import type { AgentConfig } from "../../protocol/agent-config.js";
import { pageText } from "./page-text.js";
import { ToolRefusal, type Tool } from "./tool.js";

type WebPageTool = NonNullable<NonNullable<AgentConfig["built_in_tools"]>["retrieve_webpage"]>;

const MAX_BYTES = 1_000_000;
const MAX_CHARACTERS = 12_000;
const HTML = /^(?:text\/html|application\/xhtml\+xml)\b/i;
const TEXT = /^(?:text\/|application\/(?:\w+\+)?json\b)/i;

const parameters = z.object({
  url: z.string().min(1).max(2000).describe("The page's full address, with https://."),
});

/** `retrieve_webpage` (contract section 7): reads pages of the listed hosts, and asks no other, redirects included. */
export function webPage(webPageTool: WebPageTool, fetcher: SafeFetcher): Tool {
  const hosts = new Set(webPageTool.domains.flatMap((name) => hostOf(name) ?? []));
  const names = [...hosts].join(", ");
  return {
    name: "retrieve_webpage",
    description: `Reads the text of a web page. Only pages of these hosts can be read: ${names}.`,
    parameters,
    run: async (args, signal) => {
      const { url } = parameters.parse(args);
      const session = fetcher.open();
      const close = (): void => session.close();
      signal.addEventListener("abort", close, { once: true });
      try {
        const page = await session.page(url, {
          accept: "text/html, text/plain;q=0.9, application/json;q=0.8",
          maxBytes: MAX_BYTES,
          truncate: true,
          mayAsk: (host) => hosts.has(host),
        });
        return read(page);
      } catch (error) {
        if (error instanceof FetchError) throw new ToolRefusal(explain(error.reason, names));
        throw error;
      } finally {
        signal.removeEventListener("abort", close);
        session.close();
      }
    },
  };
}

function read({ url, status, contentType, body }: FetchedBody): { result: object; kept: object } {
  if (status !== 200) throw new ToolRefusal(`The page answered ${status}.`);
  if (!TEXT.test(contentType) && !HTML.test(contentType)) throw new ToolRefusal("This is no text.");
  const decoded = decodeText(body, contentType);
  const { title, text } = HTML.test(contentType)
    ? pageText(decoded)
    : { title: "", text: decoded.trim() };
  const kept = { url: url.href, title: title.slice(0, 300), characters: text.length };
  const isCut = text.length > MAX_CHARACTERS;
  const words = text.slice(0, MAX_CHARACTERS).toWellFormed();
  return { result: { ...kept, text: words, ...(isCut ? { cut: true } : {}) }, kept };
}

/** What a model can act on; where a name leads inside is nobody's business. */
function explain(reason: FetchFailure, hosts: string): string {
  switch (reason) {
    case "host":
    case "address":
    case "port":
    case "scheme":
    case "credentials":
    case "url":
      return `This page cannot be read. Only pages of these hosts can: ${hosts}.`;
    case "time":
      return "The page did not answer in time.";
    default:
      return "The page could not be read.";
  }
}

/** As a URL has it: lower case, international names as punycode. */
function hostOf(name: string): string | undefined {
  return URL.canParse(`https://${name}/`) ? new URL(`https://${name}/`).hostname : undefined;
}
