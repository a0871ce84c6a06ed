import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { ROOT } from "../../structure/source-files.js";
import { describeGallery, useGallery } from "./support.js";

const gallery = useGallery();
const PSEUDO = "qps-ploc";
const FOLDER = join(ROOT, "src/widget/gallery");
/** What the states show of agents, visitors and owners, who speak for themselves. */
const CONTENTS = readdirSync(FOLDER)
  .map((file) => readFileSync(join(FOLDER, file), "utf8"))
  .join("\n");

describeGallery("every state in a language of brackets, which is 40 % longer", () => {
  let names: string[] = [];
  beforeAll(async () => {
    names = await gallery.names();
  });

  it("says no word of its own that is in no catalogue", { timeout: 300_000 }, async () => {
    const stray: string[] = [];
    for (const name of names) {
      await gallery.show(name, { lang: PSEUDO });
      const said = await gallery.page.locator("html").evaluate(collectWords);
      stray.push(...said.filter((text) => !isKnown(text)).map((text) => `${name}: ${text}`));
    }
    expect(stray).toEqual([]);
  });

  it("clips no word and breaks none", { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    for (const name of names) {
      await gallery.show(name, { lang: PSEUDO });
      const found = await gallery.page.locator("html").evaluate(findClipped);
      wrong.push(...found.map((text) => `${name}: ${text}`));
    }
    expect(wrong).toEqual([]);
  });
});

/** In brackets, without a word, or of the state's own contents. */
function isKnown(text: string): boolean {
  const own = text.replaceAll(/\[[^[\]]*\]/g, "").trim();
  const parts = own.split(/[,.:·—\n\d]+\s*/).map((part) => part.trim());
  return parts.every((part) => !/\p{L}{2}/u.test(part) || CONTENTS.includes(part));
}

/** What a visitor sees or hears: texts, and the names of things. */
function collectWords(root: Element): string[] {
  const texts: string[] = [];
  const walker = document.createTreeWalker(
    root.querySelector("body") ?? root,
    NodeFilter.SHOW_TEXT,
  );
  while (walker.nextNode()) {
    const { parentElement } = walker.currentNode;
    // Countries have their names of the browser, in the language that is asked for.
    const elsewhere = "script, style, [lang]:not(html), pre, .collect option:not([value=''])";
    if (parentElement?.closest(elsewhere) === null) {
      texts.push(walker.currentNode.textContent ?? "");
    }
  }
  const names = [
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "aria-valuetext",
    "title",
  ];
  for (const name of [...names, "placeholder", "alt"]) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      texts.push(element.getAttribute(name) ?? "");
    }
  }
  return [...new Set(texts.map((text) => text.trim()).filter(Boolean))];
}

/** Words in brackets that are cut off by something around them, or are broken inside. */
function findClipped(root: Element): string[] {
  const found: string[] = [];
  // What is heard alone has no place on the screen.
  const heard = ".sr-only, .caption b, script, style";
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.textContent ?? "";
    const parent = node.parentElement;
    if (!text.includes("[") || parent === null || parent.closest(heard)) continue;
    const range = document.createRange();
    for (const word of text.matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const [box, ...more] = range.getClientRects();
      if (box === undefined || box.width === 0) continue;
      if (more.length > 0 && !/[-/]/.test(word[0]))
        found.push(`"${word[0]}" of "${text}" is broken`);
      // What a scroller around it hides is not lost.
      let [scrollsX, scrollsY] = [false, false];
      for (let at: Element | null = parent; at; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        const around = at.getBoundingClientRect();
        const isCut =
          (!scrollsX &&
            overflowX !== "visible" &&
            (box.left < around.left - 1 || box.right > around.right + 1)) ||
          (!scrollsY &&
            overflowY !== "visible" &&
            (box.top < around.top - 3 || box.bottom > around.bottom + 3));
        scrollsX ||= /auto|scroll/.test(overflowX);
        scrollsY ||= /auto|scroll/.test(overflowY);
        if (isCut && !(scrollsX || scrollsY))
          found.push(`"${word[0]}" of "${text}" is cut by ${at.className}`);
      }
      if (!scrollsX && (box.left < -1 || box.right > innerWidth + 1))
        found.push(`"${text}" leaves the window`);
    }
  }
  return [...new Set(found)];
}
