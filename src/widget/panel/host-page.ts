import { readList } from "../../protocol/read.js";

/** The website's page, for the agent (contract section 5). */
export interface HostPage {
  url: string;
  title: string;
  language: string;
}

/** Together within what the platform takes, whatever characters a title is made of. */
const MOST_CHARACTERS = { url: 1000, title: 200, language: 35 };

/** @param told its path, title and language. What the platform would refuse stops no conversation. */
export function readHostPage(origin: string, told: unknown): HostPage | undefined {
  const [path, title, language] = readList(told);
  if (typeof path !== "string" || !origin.startsWith("http")) return undefined;
  return {
    // A frame of a document that was written into its page has no path.
    url: clean(origin + (path.startsWith("/") ? path : "/"), MOST_CHARACTERS.url),
    title: clean(title, MOST_CHARACTERS.title),
    language: clean(language, MOST_CHARACTERS.language),
  };
}

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]+/g;

/** Half characters, as a title may be cut to, no database takes. */
function clean(text: unknown, mostCharacters: number): string {
  if (typeof text !== "string") return "";
  const characters = [...text.replaceAll(CONTROL_CHARACTERS, " ")].slice(0, mostCharacters);
  return characters.map((one) => (/^[\ud800-\udfff]$/.test(one) ? "\ufffd" : one)).join("");
}
