import { computed, signal } from "@preact/signals";
import type { Block, Inline, MarkdownOptions } from "./markdown.js";

type Parse = (source: string, options: MarkdownOptions) => Block[];

/** What Markdown could be made of. A text without any of it never asks for the parser. */
const MARK = /[*_`~#>|<[\]\\@&]|^[ \t]*(?:[-+]|\d{1,9}[.)])[ \t]|^[-=]|:\/\/|www\./im;

const parse = signal<Parse | undefined>(undefined);
/** Whether marks are read; before, they stand as they were written. */
export const isParserHere = computed(() => parse.value !== undefined);
let loading: Promise<void> | undefined;

/**
 * The parser is larger than the panel's own code, and comes with the first text that may need it. Until it is there,
 * and where it cannot be had, the words stand as they were written.
 */
export function readMarkdown(text: string, options: MarkdownOptions): Block[] {
  if (!MARK.test(text)) return plain(text);
  if (parse.value) return parse.value(text, options);
  loading ??= import("./markdown.js").then(
    ({ parseMarkdown }) => {
      parse.value = parseMarkdown;
    },
    () => {
      // Asked again by the next text.
      loading = undefined;
    },
  );
  return plain(text);
}

/** A paragraph for each part between empty lines. */
function plain(text: string): Block[] {
  return text
    .split(/\n[ \t]*\n\s*/)
    .filter((part) => part.trim() !== "")
    .map((part) => ({ type: "paragraph", children: lines(part.trim()) }));
}

function lines(text: string): Inline[] {
  return text
    .split("\n")
    .flatMap((line, index): Inline[] => [
      ...(index > 0 ? [{ type: "break" } as const] : []),
      { type: "text", text: line.trim() },
    ]);
}
