import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, useBrowser, Visitor, type WidgetOptions } from "./support.js";

const world = useBrowser();
const NO_LANGUAGE = '<script>document.documentElement.lang = ""</script>';
let visitor: Visitor;

describeInBrowser("the panel's language", () => {
  afterEach(async () => {
    await visitor.leave();
  });

  it("is the config's, then the page's, then the browser's, one file of words, and the document says so", async () => {
    await arrive({ locale: "pl-PL" });
    await open({}, '<script>document.documentElement.lang = "ja-JP"</script>');
    expect(await root()).toEqual(["ja", "ltr"]);
    expect(await visitor.field.getAttribute("placeholder")).toBe("メッセージを入力…");
    expect(languageFiles()).toEqual(["ja"]);

    await open(
      { v1: { language: "pt-BR" } },
      '<script>document.documentElement.lang = "ja"</script>',
    );
    expect(await root()).toEqual(["pt", "ltr"]);

    await open({}, NO_LANGUAGE);
    expect(await root()).toEqual(["pl", "ltr"]);
    expect(await visitor.field.getAttribute("placeholder")).toBe("Napisz wiadomość…");
  });

  it("that is written from the right turns the panel around, on any page", async () => {
    await arrive();
    await open({ v1: { language: "ar" } });
    expect(await root()).toEqual(["ar", "rtl"]);
    const [avatar, close] = [
      visitor.panel.locator(".header .avatar"),
      visitor.panel.getByLabel("إغلاق"),
    ];
    const left = async (one: typeof close): Promise<number> => (await one.boundingBox())?.x ?? 0;
    expect(await left(avatar)).toBeGreaterThan(await left(close));
  });

  it("has the owner's words before ours, and a thirteenth language where they bring one", async () => {
    await arrive({ locale: "sv-SE" });
    const texts = {
      sv: { placeholder: "Skriv något" },
      de: { send: "Los!" },
      "de-AT": { menu: "Noch was" },
    };
    await open({ v1: { texts } }, NO_LANGUAGE);
    expect(await root()).toEqual(["sv", "ltr"]);
    expect(await visitor.field.getAttribute("placeholder")).toBe("Skriv något");
    expect(await visitor.panel.locator(".send").getAttribute("aria-label")).toBe("Send");

    await open({ v1: { texts, language: "de-AT" } });
    expect(await root()).toEqual(["de-AT", "ltr"]);
    expect(await visitor.panel.locator(".send").getAttribute("aria-label")).toBe("Los!");
    await visitor.panel.getByLabel("Noch was").waitFor();
    await visitor.panel.getByLabel("Schließen").waitFor();
  });

  it("is the launcher's too: it says nothing in a wrong one before, and all in the right one when it is reached for", async () => {
    await arrive();
    const id = await world.platform.widget({ v1: { suggested_questions: ["Wohin?"] } });
    const head = '<script>document.documentElement.lang = "de-CH"</script>';
    const body = world.platform.scriptTag(id);
    await visitor.page.goto(world.site.origin() + world.site.page({ head, body }));
    await visitor.launcher.waitFor();
    expect(await visitor.launcher.getAttribute("aria-label")).toBe("Chat");
    await visitor.launcher.hover();
    await visitor.page.getByRole("button", { name: "Chat öffnen" }).waitFor();
    await visitor.page.getByRole("button", { name: "Vorschläge ausblenden" }).waitFor();
    await visitor.launcher.click();
    await visitor.page.getByRole("button", { name: "Chat schließen" }).waitFor();

    const texts = { ar: { title: "مساعد", launcher_open: "اسأل {title}" } };
    await open({ v1: { language: "ar", texts } });
    expect(await visitor.page.locator("iframe").getAttribute("title")).toBe("مساعد");
    await visitor.call("close");
    await visitor.page.getByRole("button", { name: "اسأل مساعد" }).waitFor();
  });

  it("of an answer is its own: lists, quotes and tables of an Arabic one run from the right", async () => {
    await arrive();
    const text =
      "A demo.\n\nمرحبا، هذه الخطوات:\n\n1. افتح التطبيق\n2. اختر الطلب\n\n> اقتباس\n\n| الاسم | السعر |\n|---|---|\n| حذاء | 10 |";
    const starting_message = { type: "bot_initiates_static", text };
    await open({ agent: { starting_message }, v1: { start_conversation_on_toggle: true } });
    await visitor.answer();
    const prose = visitor.panel.locator(".message.agent .prose").first();
    await prose.locator("table").waitFor();
    const looks = await prose.evaluate((element) =>
      [...element.querySelectorAll("p, ol, li, blockquote, table, td")].map((one) => {
        const { direction } = getComputedStyle(one);
        return `${one.localName} ${direction} ${one.closest("[lang]")?.getAttribute("lang")}`;
      }),
    );
    expect(new Set(looks)).toEqual(
      new Set([
        "p ltr en",
        ...["p", "ol", "li", "blockquote", "table", "td"].map((name) => `${name} rtl ar`),
      ]),
    );
    const edges = await prose.evaluate((element) => {
      const [first, last] = [...element.querySelectorAll("tr:first-child th")].map(
        (cell) => cell.getBoundingClientRect().left,
      );
      return { first: first ?? 0, last: last ?? 0 };
    });
    expect(edges.first).toBeGreaterThan(edges.last);
  });
});

/** What browsers that translate pages do to texts: an element of their own in the place of each, and of those that come. */
function translateAsBrowsersDo(body: Element, respectsMarks: boolean): void {
  const kept = respectsMarks ? "font,textarea,[translate=no],.notranslate" : "font,textarea";
  const translate = (node: Node): void => {
    const texts: Text[] = [];
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (!text.data.trim() || text.parentElement?.closest(kept)) continue;
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      inner.textContent = text.data.toUpperCase();
      outer.append(inner);
      text.replaceWith(outer);
    }
  };
  translate(body);
  new MutationObserver((records) => {
    for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (node instanceof Element && node.localName !== "font") translate(node);
      else if (node instanceof Text && node.parentElement) translate(node.parentElement);
    }
  }).observe(body, { childList: true, subtree: true });
}

describeInBrowser("a browser's page translation", () => {
  beforeEach(async () => {
    await arrive();
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it.each([
    ["never cuts an answer", true],
    ["that heeds no mark does not either, and breaks nothing", false],
  ])("%s", async (_name, respectsMarks) => {
    const answer = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");
    const faq = [{ question: "Tell me something long", answer: `${answer}\n\n- **one**\n- two` }];
    await open({ agent: { starting_message: { type: "user_initiates" }, faq } });
    await visitor.panel.locator("body").evaluate(translateAsBrowsersDo, respectsMarks);
    for (const index of [0, 1]) {
      await visitor.say("Tell me something long");
      const text = (await visitor.answer(index)).toLowerCase();
      expect(text.replaceAll(/\s+/g, " ")).toContain(answer);
      expect(text).toContain("one");
    }
    await visitor.panel.locator(".header .icon-button").first().click();
    await visitor.panel.locator(".menu button").nth(1).click();
    await visitor.panel.locator(".foot.ended button").click();
    await visitor.say("Tell me something long");
    expect((await visitor.answer()).toLowerCase()).toContain("word59");
    expect(visitor.console.filter((line) => line.startsWith("uncaught"))).toEqual([]);
  });
});

async function arrive(options: Parameters<typeof Visitor.arrive>[1] = {}): Promise<void> {
  visitor = await Visitor.arrive(world.browser, options);
}

async function open(options: WidgetOptions, head = ""): Promise<void> {
  const id = await world.platform.widget(options);
  const body = world.platform.scriptTag(id);
  visitor.requests.length = 0;
  await visitor.open(world.site.origin() + world.site.page({ head, body }));
}

async function root(): Promise<(string | null)[]> {
  const html = visitor.panel.locator("html");
  return [await html.getAttribute("lang"), await html.getAttribute("dir")];
}

/** The languages whose words were loaded. */
function languageFiles(): string[] {
  return visitor.requests.flatMap(
    (request) => /assets\/(ar|de|en|es|fr|he|it|ja|nl|pl|pt|zh-hans)-/.exec(request)?.[1] ?? [],
  );
}
