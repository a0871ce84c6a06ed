import { safeLink } from "./link-address.js";

/**
 * The part of Markdown that agents write, as data. There is no HTML anywhere on the way: the view makes elements
 * from these nodes, so that nothing in a message can become markup.
 */
export type Inline =
  | { type: "text"; text: string }
  | { type: "code"; text: string }
  | { type: "break" }
  | { type: "strong" | "emphasis" | "strike"; children: Inline[] }
  | { type: "link"; href: string; children: Inline[] };

/** How the cells of a column are aligned. */
export type Alignment = "start" | "center" | "end";

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

const DEEPEST = 6;

export function parseMarkdown(source: string, options: MarkdownOptions = {}): Block[] {
  const text = options.streaming === true ? closeOpenMarks(source) : source;
  return parseBlocks(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

function parseBlocks(lines: string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? "";
    if (line.trim() === "") {
      index++;
      continue;
    }
    const [block, next] = parseBlock(lines, index, depth);
    blocks.push(block);
    index = next;
  }
  return blocks;
}

function parseBlock(lines: string[], start: number, depth: number): [Block, number] {
  const line = lines[start] ?? "";
  const fence = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/.exec(line);
  if (fence !== null) return parseFence(lines, start, fence[1] ?? "```", fence[2] ?? "");
  const heading = /^ {0,3}(#{1,6})\s+(.*)/.exec(line);
  if (heading !== null) {
    const level = heading[1]?.length ?? 1;
    const text = withoutTrailing(heading[2] ?? "", "#").trimEnd();
    return [{ type: "heading", level, children: parseInline(text) }, start + 1];
  }
  if (/^ {0,3}([-*_])\s*(?:\1\s*){2,}$/.test(line)) return [{ type: "rule" }, start + 1];
  if (depth < DEEPEST && /^ {0,3}>/.test(line)) return parseQuote(lines, start, depth);
  if (depth < DEEPEST && listMarker(line) !== undefined) return parseList(lines, start, depth);
  if (isTableHead(lines, start)) return parseTable(lines, start);
  return parseParagraph(lines, start, depth);
}

function parseFence(
  lines: string[],
  start: number,
  fence: string,
  language: string,
): [Block, number] {
  let end = start + 1;
  const isClosing = (line: string): boolean =>
    line.trim().startsWith(fence) && line.trim().replaceAll(fence.charAt(0), "") === "";
  while (end < lines.length && !isClosing(lines[end] ?? "")) end++;
  return [{ type: "code", text: lines.slice(start + 1, end).join("\n"), language }, end + 1];
}

function parseQuote(lines: string[], start: number, depth: number): [Block, number] {
  let end = start;
  const inner: string[] = [];
  while (end < lines.length && /^ {0,3}>/.test(lines[end] ?? "")) {
    inner.push((lines[end] ?? "").replace(/^ {0,3}> ?/, ""));
    end++;
  }
  return [{ type: "quote", children: parseBlocks(inner, depth + 1) }, end];
}

interface ListMarker {
  indent: number;
  /** Where the item's text begins; what is indented as far belongs to it. */
  content: number;
  number: number | undefined;
}

function listMarker(line: string): ListMarker | undefined {
  const match = /^( *)([-*+]|(\d{1,9})[.)])( +|$)/.exec(line);
  if (match === null) return undefined;
  const indent = match[1]?.length ?? 0;
  const content =
    indent + (match[2]?.length ?? 1) + Math.min(4, Math.max(1, match[4]?.length ?? 1));
  return { indent, content, number: match[3] === undefined ? undefined : Number(match[3]) };
}

function parseList(lines: string[], start: number, depth: number): [Block, number] {
  const first = listMarker(lines[start] ?? "");
  const isOrdered = first?.number !== undefined;
  const items: Block[][] = [];
  let index = start;
  while (index < lines.length) {
    const marker = listMarker(lines[index] ?? "");
    if (marker === undefined || (marker.number !== undefined) !== isOrdered) break;
    if (marker.indent < (first?.indent ?? 0)) break;
    const item = [(lines[index] ?? "").slice(marker.content)];
    index++;
    while (index < lines.length) {
      const line = lines[index] ?? "";
      const indent = line.length - line.trimStart().length;
      if (line.trim() === "") {
        // A blank line ends the list unless its next line still belongs to this item.
        const next = lines[index + 1] ?? "";
        const belongs =
          next.trim() !== "" && next.length - next.trimStart().length > marker.indent + 1;
        if (!belongs && !(listMarker(next) !== undefined && next.trim() !== "")) break;
        if (!belongs) {
          index++;
          break;
        }
      } else if (listMarker(line) !== undefined && indent <= marker.indent + 1) break;
      else if (indent < marker.indent + 1 && startsBlock(line)) break;
      item.push(line.slice(Math.min(indent, marker.content)));
      index++;
    }
    items.push(parseBlocks(item, depth + 1));
  }
  return [{ type: "list", start: first?.number, items }, index];
}

function startsBlock(line: string): boolean {
  return /^ {0,3}(#{1,6}\s|>|`{3}|~{3})/.test(line);
}

/** Of the line below a table's head. */
function tableColumns(line: string): Alignment[] | undefined {
  const below = line.trim();
  if (!below.includes("|")) return undefined;
  const cells = below.replace(/^\|/, "").split("|");
  if (cells.at(-1) === "") cells.pop();
  const marks = cells.map((cell) => cell.trim());
  if (marks.length === 0 || !marks.every((mark) => /^:?-+:?$/.test(mark))) return undefined;
  return marks.map((mark) => {
    if (!mark.endsWith(":")) return "start";
    return mark.startsWith(":") ? "center" : "end";
  });
}

function isTableHead(lines: string[], start: number): boolean {
  return (lines[start] ?? "").includes("|") && tableColumns(lines[start + 1] ?? "") !== undefined;
}

function parseTable(lines: string[], start: number): [Block, number] {
  const head = tableCells(lines[start] ?? "");
  const columns = tableColumns(lines[start + 1] ?? "") ?? [];
  const rows: Inline[][][] = [];
  let index = start + 2;
  while (index < lines.length && (lines[index] ?? "").includes("|")) {
    rows.push(tableCells(lines[index] ?? "").slice(0, head.length));
    index++;
  }
  return [{ type: "table", columns, head, rows }, index];
}

function tableCells(line: string): Inline[][] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/([^\\]|^)\|$/, "$1");
  // Split at bars that no backslash takes back; a lookbehind would not parse in older browsers.
  const cells = inner.replace(/\\\|/g, "\u0000").split("|");
  return cells.map((cell) => parseInline(cell.trim().replaceAll("\u0000", "|")));
}

function parseParagraph(lines: string[], start: number, depth: number): [Block, number] {
  let end = start + 1;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    const startsList = depth < DEEPEST && listMarker(line) !== undefined;
    if (line.trim() === "" || startsBlock(line) || startsList || isTableHead(lines, end)) break;
    end++;
  }
  const text = lines
    .slice(start, end)
    .map((line) => line.trimStart())
    .join("\n");
  return [{ type: "paragraph", children: parseInline(text.trimEnd()) }, end];
}

const ADDRESS = /^(?:https?:\/\/|mailto:|tel:)[^\s<>"']+/i;

function parseInline(source: string, depth = 0): Inline[] {
  const nodes: Inline[] = [];
  /** Marks without an end from here on: looking for it again from each one would take forever. */
  const endless = new Set<string>();
  let plain = "";
  let index = 0;
  const flush = (): void => {
    if (plain !== "") nodes.push({ type: "text", text: plain });
    plain = "";
  };
  while (index < source.length) {
    const found = depth < DEEPEST ? parseMark(source, index, depth, endless) : undefined;
    if (found !== undefined) {
      if (found.node.type === "text") plain += found.node.text;
      else {
        flush();
        nodes.push(found.node);
      }
      index = found.next;
      continue;
    }
    const character = source.charAt(index);
    if (character === "\\" && /[!-/:-@[-`{-~]/.test(source.charAt(index + 1))) index++;
    plain += source.charAt(index);
    index++;
  }
  flush();
  return nodes;
}

interface Found {
  node: Inline;
  next: number;
}

function parseMark(
  source: string,
  index: number,
  depth: number,
  endless: Set<string>,
): Found | undefined {
  const character = source.charAt(index);
  switch (character) {
    case "\n":
      return { node: { type: "break" }, next: index + 1 };
    case "`":
      return parseCodeSpan(source, index, endless);
    case "*":
    case "_":
    case "~":
      return parseEmphasis(source, index, depth, endless);
    case "!":
    case "[":
      return parseLink(source, index, depth);
    case "<":
      return parseAngleLink(source, index);
    case "h":
    case "H":
    case "m":
    case "M":
    case "t":
    case "T":
      return parseBareLink(source, index);
    default:
      return undefined;
  }
}

function parseCodeSpan(source: string, index: number, endless: Set<string>): Found {
  const ticks = /^`+/.exec(source.slice(index))?.[0] ?? "`";
  let end = endless.has(ticks) ? -1 : source.indexOf(ticks, index + ticks.length);
  // A longer run of ticks does not close a shorter one.
  while (end !== -1 && source.charAt(end + ticks.length) === "`") {
    const run = /^`+/.exec(source.slice(end))?.[0].length ?? 1;
    end = source.indexOf(ticks, end + run);
  }
  if (end === -1) {
    endless.add(ticks);
    return { node: { type: "text", text: ticks }, next: index + ticks.length };
  }
  const text = source.slice(index + ticks.length, end).replaceAll("\n", " ");
  const isPadded = text.length > 2 && text.startsWith(" ") && text.endsWith(" ");
  return {
    node: { type: "code", text: isPadded ? text.slice(1, -1) : text },
    next: end + ticks.length,
  };
}

function parseEmphasis(
  source: string,
  index: number,
  depth: number,
  endless: Set<string>,
): Found | undefined {
  const character = source.charAt(index);
  const run = source.charAt(index + 1) === character ? 2 : 1;
  if (character === "~" && run === 1) return undefined;
  const mark = character.repeat(run);
  if (endless.has(mark)) return undefined;
  const after = source.charAt(index + run);
  if (after === "" || /\s/.test(after)) return undefined;
  // An underscore inside a word (snake_case) is a letter, not a mark.
  if (character === "_" && /\w/.test(source.charAt(index - 1))) return undefined;
  for (let end = source.indexOf(mark, index + run + 1); end !== -1;) {
    const before = source.charAt(end - 1);
    const next = source.charAt(end + run);
    const isInWord = character === "_" && /\w/.test(next);
    const isLonger = run === 1 && (next === character || before === character);
    if (!/\s/.test(before) && before !== "\\" && !isInWord && !isLonger) {
      const children = parseInline(source.slice(index + run, end), depth + 1);
      const type = character === "~" ? "strike" : run === 2 ? "strong" : "emphasis";
      return { node: { type, children }, next: end + run };
    }
    end = source.indexOf(mark, end + (isLonger ? 2 : 1));
  }
  endless.add(mark);
  return undefined;
}

/** An image is shown as a link to it: loading it would tell a stranger's server that the message was read. */
function parseLink(source: string, index: number, depth: number): Found | undefined {
  const match =
    /^!?\[((?:[^[\]\\]|\\.)*)\]\(\s{0,9}<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s{1,9}["'][^"']*["'])?\s{0,9}\)/.exec(
      source.slice(index, index + 4000),
    );
  if (match === null) return undefined;
  const [whole, label = "", address = ""] = match;
  const href = safeLink(address);
  const children = parseInline(label === "" ? address : label, depth + 1);
  const next = index + whole.length;
  if (href !== undefined)
    return { node: { type: "link", href, children: unlinked(children) }, next };
  return { node: { type: "text", text: inlineText(children) }, next };
}

function parseAngleLink(source: string, index: number): Found | undefined {
  const match =
    /^<((?:https?:\/\/|mailto:|tel:)[^\s<>]+|[^\s<>@]+@[^\s<>@.]+(?:\.[^\s<>@.]+)+)>/i.exec(
      source.slice(index, index + 2000),
    );
  const address = match?.[1];
  if (match === null || address === undefined) return undefined;
  const href = safeLink(/^[a-z]+:/i.test(address) ? address : `mailto:${address}`);
  if (href === undefined) return undefined;
  const children: Inline[] = [{ type: "text", text: address }];
  return { node: { type: "link", href, children }, next: index + match[0].length };
}

function parseBareLink(source: string, index: number): Found | undefined {
  if (/\w/.test(source.charAt(index - 1))) return undefined;
  const match = ADDRESS.exec(source.slice(index, index + 2000));
  if (match === null) return undefined;
  // A sentence's own punctuation after an address is not part of it.
  let address = withoutTrailing(match[0], ".,;:!?*_~");
  if (address.endsWith(")") && !address.includes("(")) address = address.slice(0, -1);
  const href = safeLink(address);
  if (href === undefined || address.endsWith(":")) return undefined;
  return {
    node: { type: "link", href, children: [{ type: "text", text: address }] },
    next: index + address.length,
  };
}

/** A link in a link has no meaning in HTML. */
function unlinked(nodes: Inline[]): Inline[] {
  return nodes.flatMap((node) => {
    if (node.type === "link") return unlinked(node.children);
    return "children" in node ? [{ ...node, children: unlinked(node.children) }] : [node];
  });
}

function inlineText(nodes: Inline[]): string {
  return nodes
    .map((node) => {
      if (node.type === "break") return " ";
      return "children" in node ? inlineText(node.children) : node.text;
    })
    .join("");
}

/** A pattern with an open beginning would try every one of them. */
function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Half a link shows its label, half a mark shows its effect: nothing flickers while words arrive. */
function closeOpenMarks(source: string): string {
  const fences = source.match(/^ {0,3}(`{3,}|~{3,})/gm)?.length ?? 0;
  if (fences % 2 === 1) return source;
  const cut = source.lastIndexOf("\n") + 1;
  const head = source.slice(0, cut);
  // As far back as half a link could reach: this pattern looks at all of it again and again.
  const near = Math.max(cut, source.length - 2000);
  const end = source.slice(near).replace(/!?\[([^\]\n]*)(?:\]\([^)\s]*)?$/, "$1");
  const tail = withoutTrailing(source.slice(cut, near) + end, "*_~`");
  const withoutCode = tail.replace(/`[^`\n]*`/g, "");
  if (withoutCode.includes("`")) return `${head}${tail}\``;
  let closing = "";
  for (const mark of ["**", "~~"]) {
    if (withoutCode.split(mark).length % 2 === 0) closing = mark + closing;
  }
  return head + tail.trimEnd() + closing;
}
