import MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";
import { safeLink } from "./link-address.js";
import { closeOpenMarks } from "./open-marks.js";

/**
 * What agents write, as data: CommonMark with GitHub's tables, strikethrough, addresses and task lists. There is no
 * HTML anywhere on the way: the view makes elements from these nodes, so that nothing in a message becomes markup.
 */
export type Inline =
  | { type: "text"; text: string }
  | { type: "code"; text: string }
  | { type: "break" }
  | { type: "strong" | "emphasis" | "strike"; children: Inline[] }
  | { type: "link"; href: string; children: Inline[] };

/** How the cells of a column are aligned. */
type Alignment = "start" | "center" | "end";

export type Block =
  | { type: "paragraph"; children: Inline[] }
  | { type: "heading"; level: number; children: Inline[] }
  | { type: "code"; text: string; language: string }
  | { type: "quote"; children: Block[] }
  | { type: "list"; start: number | undefined; items: Block[][] }
  | { type: "table"; columns: Alignment[]; head: Inline[][]; rows: Inline[][][] }
  | { type: "rule" };

export interface MarkdownOptions {
  /** The text is still arriving: a mark that is open at its end is taken as if it were closed. */
  streaming?: boolean;
}

/** Longer texts stay as they are written: no agent means such a one to be read. */
const LONGEST = 50_000;

// Without HTML a tag is the text that it is.
const parser = new MarkdownIt("default", { html: false, linkify: true });
// The link policy is `safeLink`, which sees every address; the parser's own would leave the marks of a refused one.
parser.validateLink = () => true;
parser.normalizeLinkText = (text) => text;
parser.linkify.set({ fuzzyLink: true, fuzzyEmail: true });
// Any ending, such as ".example" or one that is new, may be a site's or a mailbox's.
parser.linkify.tlds(["[a-z\\d-]{2,63}"]);
// Texts are joined by `joinTexts`: the parser's own joining would forget which of them a backslash protects.
parser.core.ruler.disable("text_join");

/** @param source what the agent wrote, or the part of it that has come. */
export function parseMarkdown(source: string, options: MarkdownOptions = {}): Block[] {
  const text = options.streaming === true ? closeOpenMarks(source) : source;
  if (text.length > LONGEST) return [{ type: "paragraph", children: lines(text) }];
  return new TokenReader(parser.parse(text, {})).blocks();
}

/** The parser answers a flat list of tokens, in which each opening one has its closing one. */
class TokenReader {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** The blocks up to the token `end`, which is passed over. */
  blocks(end?: string): Block[] {
    const blocks: Block[] = [];
    for (let token = this.#next(); token && token.type !== end; token = this.#next()) {
      blocks.push(...this.#block(token));
    }
    return blocks;
  }

  #next(): Token | undefined {
    return this.tokens[this.#at++];
  }

  #block(token: Token): Block[] {
    switch (token.type) {
      case "paragraph_open":
        return [{ type: "paragraph", children: this.#inline("paragraph_close") }];
      case "heading_open": {
        const level = Number(token.tag.slice(1));
        return [{ type: "heading", level, children: this.#inline("heading_close") }];
      }
      case "code_block":
        return [{ type: "code", text: withoutNewline(token.content), language: "" }];
      case "fence": {
        const [language = ""] = parser.utils.unescapeAll(token.info).trim().split(/\s/);
        return [{ type: "code", text: withoutNewline(token.content), language }];
      }
      case "blockquote_open":
        return [{ type: "quote", children: this.blocks("blockquote_close") }];
      case "bullet_list_open":
        return [{ type: "list", start: undefined, items: this.#items("bullet_list_close") }];
      case "ordered_list_open": {
        const start = Number(token.attrGet("start") ?? 1);
        return [{ type: "list", start, items: this.#items("ordered_list_close") }];
      }
      case "table_open":
        return [this.#table()];
      case "hr":
        return [{ type: "rule" }];
      default:
        return [];
    }
  }

  #items(end: string): Block[][] {
    const items: Block[][] = [];
    for (let token = this.#next(); token && token.type !== end; token = this.#next()) {
      items.push(withCheckbox(this.blocks("list_item_close")));
    }
    return items;
  }

  #table(): Block {
    const columns: Alignment[] = [];
    const rows: Inline[][][] = [];
    for (let token = this.#next(); token && token.type !== "table_close"; token = this.#next()) {
      if (token.type === "tr_open") rows.push([]);
      if (token.type !== "th_open" && token.type !== "td_open") continue;
      if (token.type === "th_open") columns.push(alignment(token));
      rows.at(-1)?.push(this.#inline(token.type.replace("open", "close")));
    }
    const [head = [], ...body] = rows;
    return { type: "table", columns, head, rows: body };
  }

  /** What stands in a paragraph, heading or cell, up to its end. */
  #inline(end: string): Inline[] {
    const nodes: Inline[] = [];
    for (let token = this.#next(); token && token.type !== end; token = this.#next()) {
      nodes.push(...readInline(token.children ?? []));
    }
    return nodes;
  }
}

const MARKS = { strong_open: "strong", em_open: "emphasis", s_open: "strike" } as const;

function readInline(tokens: readonly Token[]): Inline[] {
  let at = 0;
  const until = (end?: string): Inline[] => {
    const nodes: Inline[] = [];
    for (let token = tokens[at++]; token && token.type !== end; token = tokens[at++]) {
      nodes.push(...read(token));
    }
    return joinTexts(nodes);
  };
  const read = (token: Token): Inline[] => {
    switch (token.type) {
      case "text":
        return lines(token.content);
      case "code_inline":
        return [{ type: "code", text: token.content }];
      // A line break that somebody wrote is one that they meant, as in every chat.
      case "softbreak":
      case "hardbreak":
        return [{ type: "break" }];
      case "strong_open":
      case "em_open":
      case "s_open":
        return [
          {
            type: MARKS[token.type],
            children: until(token.type.replace("open", "close")),
          },
        ];
      case "link_open": {
        const children = until("link_close");
        if (token.markup === "linkify") return toBareLink(children);
        return toLink(attribute(token, "href"), children);
      }
      case "image": {
        // Shown as a link: loading it would tell a stranger's server that the message was read.
        const address = attribute(token, "src");
        return toLink(address, lines(token.content || address));
      }
      default:
        return [{ type: "text", text: token.content }];
    }
  };
  return until();
}

/** What is no safe address is its words alone. */
function toLink(address: string, children: Inline[]): Inline[] {
  const href = safeLink(address);
  return href === undefined ? children : [{ type: "link", href, children: unlinked(children) }];
}

/** Chinese and Japanese put no space between an address and the punctuation behind it. */
const CJK_PUNCTUATION = /[\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/;

/** An address without brackets. A bare name such as "readme.md" is none: a protocol, `www.` or an `@` says that it is. */
function toBareLink(children: Inline[]): Inline[] {
  const text = textOf(children);
  const protocol = [/^[a-z][a-z\d+.-]*:/i, /^www\./i, /@/].findIndex((sign) => sign.test(text));
  if (protocol === -1) return children;
  const end = text.search(CJK_PUNCTUATION);
  const shown = end === -1 ? text : text.slice(0, end);
  const address = `${["", "http://", "mailto:"][protocol] ?? ""}${shown}`;
  const link = toLink(address, [{ type: "text", text: shown }]);
  return end === -1 ? link : [...link, { type: "text", text: text.slice(end) }];
}

function textOf(nodes: readonly Inline[]): string {
  return nodes.map((node) => ("text" in node ? node.text : "")).join("");
}

/** A link in a link has no meaning in HTML. */
function unlinked(nodes: Inline[]): Inline[] {
  return nodes.flatMap((node) => {
    if (node.type === "link") return unlinked(node.children);
    return "children" in node ? [{ ...node, children: unlinked(node.children) }] : [node];
  });
}

/** The one tag that models write where Markdown has no mark of its own: a new line in a table's cell. */
function lines(text: string): Inline[] {
  return text
    .split(/<br\s{0,9}\/?>|\n/i)
    .flatMap((line, index): Inline[] => [
      ...(index > 0 ? [{ type: "break" } as const] : []),
      ...(line === "" ? [] : [{ type: "text", text: line } as const]),
    ]);
}

function joinTexts(nodes: readonly Inline[]): Inline[] {
  const joined: Inline[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (node.type === "text" && last?.type === "text") {
      joined[joined.length - 1] = { type: "text", text: last.text + node.text };
    } else joined.push(node);
  }
  return joined;
}

function withCheckbox(blocks: Block[]): Block[] {
  const [first, ...rest] = blocks;
  const [text, ...more] = first?.type === "paragraph" ? first.children : [];
  const box = text?.type === "text" ? /^\[([ xX])\]\s/.exec(text.text) : null;
  if (text?.type !== "text" || box === null) return blocks;
  const mark = box[1] === " " ? "☐" : "☑";
  const checked: Inline = { type: "text", text: `${mark} ${text.text.slice(box[0].length)}` };
  return [{ type: "paragraph", children: [checked, ...more] }, ...rest];
}

function alignment(cell: Token): Alignment {
  const style = attribute(cell, "style");
  if (style.endsWith("right")) return "end";
  return style.endsWith("center") ? "center" : "start";
}

function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? "");
}
