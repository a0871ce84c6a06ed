import { Parser } from "htmlparser2";

/** Nesting beyond this is no page but an attack on the parser, whose stack costs per level. */
const MAX_DEPTH = 512;
const CHUNK_CHARACTERS = 16_384;

/** What a reader does not see. */
const UNSEEN = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "svg",
  "math",
  "iframe",
  "head",
]);
const BLOCKS =
  /^(?:address|article|aside|blockquote|br|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|td|th|tr|ul)$/;

interface PageText {
  readonly title: string;
  readonly text: string;
}

/** The words of an HTML page, a line for each block. Broken markup is read as far as it goes. */
export function pageText(html: string): PageText {
  const found = { title: "", text: "", depth: 0, unseenAt: 0, isTitle: false };
  const parser = new Parser({
    onopentag(name, attributes) {
      found.depth += 1;
      found.isTitle = name === "title" && found.title === "";
      const isUnseen = UNSEEN.has(name) || "hidden" in attributes;
      if (isUnseen && found.unseenAt === 0) found.unseenAt = found.depth;
      if (BLOCKS.test(name)) found.text += "\n";
    },
    ontext(text) {
      if (found.isTitle) found.title += text;
      else if (found.unseenAt === 0) found.text += text;
    },
    onclosetag(name) {
      found.isTitle = false;
      if (found.unseenAt === found.depth) found.unseenAt = 0;
      found.depth -= 1;
      if (BLOCKS.test(name)) found.text += "\n";
    },
  });
  for (let at = 0; at < html.length && found.depth <= MAX_DEPTH; at += CHUNK_CHARACTERS)
    parser.write(html.slice(at, at + CHUNK_CHARACTERS));
  parser.end();
  return { title: oneLine(found.title), text: inLines(found.text) };
}

function inLines(text: string): string {
  const lines = text.split("\n").map(oneLine);
  return lines.filter((line) => line !== "").join("\n");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
