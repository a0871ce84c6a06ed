import { describe, expect, it } from "vitest";
import { safeLink } from "../../../src/widget/panel/link-address.js";
import { parseMarkdown, type Inline } from "../../../src/widget/panel/markdown.js";

describe("Markdown that an agent writes", () => {
  it("becomes headings, paragraphs, lists, code, quotes, rules and tables", () => {
    const source = [
      "## Returns",
      "Yes, **free** and *quick*.",
      "",
      "1. Open `orders`",
      "2. Print",
      "   - twice",
      "",
      "> quoted",
      "",
      "---",
      "```ts",
      "const a = '<b>';",
      "```",
      "| a | b |",
      "|---|---|",
      "| 1 | 2 |",
    ].join("\n");
    const types = parseMarkdown(source).map((block) => block.type);
    expect(types).toEqual(["heading", "paragraph", "list", "quote", "rule", "code", "table"]);
    const list = parseMarkdown(source)[2];
    expect(list).toMatchObject({ type: "list", start: 1 });
    expect(list?.type === "list" && list.items).toHaveLength(2);
    expect(list?.type === "list" && list.items[1]?.[1]).toMatchObject({ type: "list" });
  });

  it("aligns the columns of a table as the line below its head says", () => {
    const [table] = parseMarkdown("| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | 2 | 3 | 4 |");
    expect(table).toMatchObject({ columns: ["start", "start", "center", "end"] });
  });

  it("is never HTML: tags stay the text that they are", () => {
    const source = "<img src=x onerror=alert(1)> <script>alert(1)</script>";
    expect(inline(source)).toEqual([{ type: "text", text: source }]);
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example)",
    "[x](/relative)",
    "[x](https://user@evil.example)",
    "<javascript:alert(1)>",
    "[x](java\u0000script:alert(1))",
  ])("links nowhere but to https, http, mailto and tel: %s", (source) => {
    expect(JSON.stringify(parseMarkdown(source))).not.toContain('"link"');
  });

  it.each([
    ["[shop](https://shop.example/a_(b))", "https://shop.example/a_(b)"],
    ["see https://shop.example/x.", "https://shop.example/x"],
    ["(https://shop.example)", "https://shop.example/"],
    ["<mailto:a@shop.example>", "mailto:a@shop.example"],
    ["<a@shop.example>", "mailto:a@shop.example"],
    ["[call](tel:+31201234567)", "tel:+31201234567"],
  ])("links %s", (source, href) => {
    expect(findLink(inline(source))).toBe(href);
  });

  it.each([
    ["请看 https://shop.example/a，谢谢", "https://shop.example/a"],
    ["请看https://shop.example/中文。好", "https://shop.example/%E4%B8%AD%E6%96%87"],
    ["(see https://shop.example/wiki/Foo_(bar))", "https://shop.example/wiki/Foo_(bar)"],
    ["www.shop.example", "http://www.shop.example/"],
    ["mail help@shop.example.", "mailto:help@shop.example"],
  ])("finds the address that a reader would: %s", (source, href) => {
    expect(findLink(inline(source))).toBe(href);
  });

  it.each(["readme.md", "a.b", "3.14", "node.js", "16:30"])("takes %s for no address", (text) => {
    expect(inline(text)).toEqual([{ type: "text", text }]);
  });

  it("nests marks as they are meant, breaks a line in a cell, and ticks what is done", () => {
    expect(inline("***very important***")).toEqual([
      {
        type: "emphasis",
        children: [{ type: "strong", children: [{ type: "text", text: "very important" }] }],
      },
    ]);
    const [table] = parseMarkdown("| Step |\n|---|\n| open<br>close |");
    expect(table).toMatchObject({
      rows: [
        [[{ type: "text", text: "open" }, { type: "break" }, { type: "text", text: "close" }]],
      ],
    });
    expect(JSON.stringify(parseMarkdown("- [ ] open\n- [x] done"))).toMatch(/☐ open.*☑ done/);
  });

  it("shows an image as a link, for loading it would tell a stranger that the message was read", () => {
    expect(findLink(inline("![cat](https://img.example/cat.png)"))).toBe(
      "https://img.example/cat.png",
    );
  });

  it("leaves marks alone that are no marks", () => {
    for (const text of ["snake_case_name", "2 * 3 * 4", "a ** b", "~5"]) {
      expect(inline(text)).toEqual([{ type: "text", text }]);
    }
    expect(inline("\\*kept\\*")).toEqual([{ type: "text", text: "*kept*" }]);
  });

  it("draws half a mark as if it were closed while words arrive", () => {
    const [bold] = inline("It is **very imp", true).slice(-1);
    expect(bold).toEqual({ type: "strong", children: [{ type: "text", text: "very imp" }] });
    expect(inline("see [the guide](https://exa", true)).toEqual(inline("see the guide"));
    expect(parseMarkdown("```js\nlet x", { streaming: true })).toEqual([
      { type: "code", text: "let x", language: "js" },
    ]);
  });

  it("never shows more or other words at a prefix than the whole text has", () => {
    const whole = "Hi **bold** and `code`, [link](https://a.example/b) ok\n\n- one\n- *two*\n\n> q";
    for (let end = 0; end <= whole.length; end++) {
      const shown = JSON.stringify(parseMarkdown(whole.slice(0, end), { streaming: true }));
      expect(shown).not.toMatch(/\*\*|\]\(/);
    }
  });

  // Of this length, anything that grows with the square of it outlasts the test's own limit.
  it.each([
    ["*", ""],
    ["*", "x"],
    ["[", ""],
    ["[", "]"],
    ["`", ""],
    ["` `` ", "```"],
    ["> ", ""],
    ["- ", "x"],
    ["- a\n", ""],
    ["_a ", ""],
    ["**a ", ""],
    ["~~a ", ""],
    ["*a _b ", ""],
    ["[a](b", ")"],
    ["[a", "](b)"],
    ["<a@.", ""],
    ["http://x@", ""],
    ["www.a.", ""],
    ["a@b.c ", ""],
    ["1. ", ""],
    ["![", ""],
    ["**a*b", ""],
    ["# a", ""],
    ["| ", "x"],
    ["|-", "x"],
  ])("survives anything, however long: %j again and again, then %j", (part, end) => {
    // As long as is read at all, and longer.
    for (const length of [49_000, 200_000]) {
      const times = Math.floor(length / part.length);
      for (const source of [part.repeat(times) + end, `# a${" ".repeat(length)}${part}${end}`]) {
        expect(parseMarkdown(source)).not.toEqual([]);
        expect(parseMarkdown(`|\n${source}`, { streaming: true })).not.toEqual([]);
      }
    }
  });
});

describe("a link's address", () => {
  it("is written out in full", () => {
    expect(safeLink(" https://shop.example ")).toBe("https://shop.example/");
    expect(safeLink("HTTPS://SHOP.example/a")).toBe("https://shop.example/a");
    expect(safeLink("ftp://shop.example")).toBeUndefined();
    expect(safeLink("")).toBeUndefined();
  });
});

function inline(source: string, streaming = false): Inline[] {
  const [block] = parseMarkdown(source, { streaming });
  return block?.type === "paragraph" ? block.children : [];
}

function findLink(nodes: Inline[]): string | undefined {
  for (const node of nodes) if (node.type === "link") return node.href;
  return undefined;
}
