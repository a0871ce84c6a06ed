import axe from "axe-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
const GREETING =
  "See [our returns](https://shop.example/returns) and [sizes](https://shop.example/sizes).";
const PHONE = { width: 390, height: 700 };
let visitor: Visitor;

describeInBrowser("who uses a keyboard, an input method or a screen reader", () => {
  beforeEach(async () => {
    // Without motion: a press on what is still on its way to its size goes beside it.
    const still = { microphone: false, reducedMotion: "reduce" } as const;
    visitor = await Visitor.arrive(world.browser, still);
    const id = await world.platform.widget({
      agent: { starting_message: { type: "bot_initiates_static", text: GREETING } },
    });
    await visitor.open(page(id));
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("meets each link once, sees every place of the focus, and copies the words alone", async () => {
    await visitor.say("Hi");
    await visitor.answer();
    expect(await visitor.panel.getByRole("link", { name: "our returns" }).count()).toBe(1);
    await visitor.panel.getByRole("log").focus();
    const places: string[] = [];
    for (let index = 0; index < 12 && places.at(-1) !== "TEXTAREA"; index += 1) {
      await visitor.page.keyboard.press("Tab");
      const [name, width] = await visitor.panel.locator("body").evaluate((body) => {
        const { activeElement } = body.ownerDocument;
        return [activeElement?.tagName, activeElement?.getBoundingClientRect().width] as const;
      });
      expect(width).toBeGreaterThan(10);
      places.push(name ?? "");
    }
    expect(places.filter((name) => name === "A")).toHaveLength(2);
    const copied = await visitor.panel
      .locator(".message.agent .prose")
      .first()
      .evaluate((message) => {
        getSelection()?.selectAllChildren(message);
        return getSelection()?.toString().trim();
      });
    expect(copied).toBe("See our returns and sizes.");
  });

  it("confirms a word with Enter and sends nothing, in the order of events that Safari has too", async () => {
    const devtools = await visitor.context.newCDPSession(visitor.page);
    await visitor.field.click();
    await devtools.send("Input.imeSetComposition", {
      text: "にほん",
      selectionStart: 3,
      selectionEnd: 3,
    });
    await devtools.send("Input.insertText", { text: "日本" });
    await devtools.send("Input.dispatchKeyEvent", {
      type: "rawKeyDown",
      key: "Enter",
      code: "Enter",
      windowsVirtualKeyCode: 229,
    });
    expect(await visitor.field.inputValue()).toBe("日本");
    await visitor.field.press("Enter");
    await eventually(async () => expect(await visitor.field.inputValue()).toBe(""));
  });

  it("is in a modal dialog where the panel fills a phone's screen: the focus stays in, and goes back to the launcher", async () => {
    await visitor.call("close");
    await visitor.page.setViewportSize(PHONE);
    await visitor.launcher.click();
    await isModal(true);
    const dialog = visitor.page.getByRole("dialog", { name: "Chat" });
    await eventually(async () =>
      expect(await dialog.boundingBox()).toEqual({ x: 0, y: 0, ...PHONE }),
    );
    const places = new Set<string>();
    for (let index = 0; index < 16; index += 1) {
      await visitor.page.keyboard.press("Tab");
      places.add(await focused());
    }
    // On its way round the browser's own bar has it: the page has nothing then.
    places.delete("BODY");
    expect([...places]).toEqual(["PARLEY-WIDGET"]);
    await visitor.page.keyboard.press("Escape");
    await isModal(false);
    await eventually(async () => expect(await isLauncherFocused()).toBe(true));
    await visitor.page.locator("#before").focus();
    expect(await focused()).toBe("BUTTON");
  });

  it("is in a modal dialog in the larger window, which stands where the other stood; a press beside it closes it", async () => {
    const before = await visitor.page.locator("iframe").boundingBox();
    await visitor.menu("Larger window");
    await isModal(true);
    await eventually(async () => {
      const box = await visitor.page.locator("iframe").boundingBox();
      expect(box?.width).toBeGreaterThan(before?.width ?? 0);
      expect(rightBottom(box)).toEqual(rightBottom(before));
    });
    await visitor.menu("Smaller window");
    await isModal(false);
    await eventually(async () =>
      expect(await visitor.page.locator("iframe").boundingBox()).toEqual(before),
    );
    await visitor.page.locator("#before").focus();
    expect(await focused()).toBe("BUTTON");
    await visitor.menu("Larger window");
    await isModal(true);
    await visitor.page.mouse.click(5, 5);
    await eventually(async () =>
      expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("false"),
    );
    await isModal(false);
  });

  it("has the focus back where it was: at the page's own button, else at the launcher", async () => {
    await closeByKeyboard();
    await eventually(async () => expect(await isLauncherFocused()).toBe(true));
    await visitor.page.getByText("Ask us").press("Enter");
    await closeByKeyboard();
    await eventually(async () => expect(await focused()).toBe("BUTTON"));
    await visitor.launcher.press("Enter");
    await closeByKeyboard();
    await eventually(async () => expect(await isLauncherFocused()).toBe(true));

    const id = await world.platform.widget({ v1: { suggested_questions: ["Do you deliver?"] } });
    await visitor.page.goto(page(id));
    await visitor.page.getByRole("button", { name: "Do you deliver?" }).press("Enter");
    await closeByKeyboard();
    await eventually(async () => expect(await isLauncherFocused()).toBe(true));
  });

  it("hears of a message while the panel is closed, and the page reads no word of it", async () => {
    const news = visitor.page.locator("parley-widget output");
    await visitor.sayAndClose("Hi");
    await eventually(async () => expect(await news.textContent()).toMatch(/^Chat: \d unread$/));
    await visitor.call("open");
    await eventually(async () => expect(await news.textContent()).toBe(""));
  });

  it("finds on a page nothing of ours that breaks a rule: closed, with questions, open and on a phone", async () => {
    const id = await world.platform.widget({ v1: { suggested_questions: ["Do you deliver?"] } });
    await visitor.page.goto(page(id));
    await visitor.page.getByRole("button", { name: "Do you deliver?" }).waitFor();
    await visitor.page.evaluate(axe.source);
    expect(await visitor.page.evaluate(findViolations)).toEqual([]);
    await visitor.launcher.click();
    await visitor.field.waitFor();
    expect(await visitor.page.evaluate(findViolations)).toEqual([]);
    await visitor.page.setViewportSize(PHONE);
    await isModal(true);
    expect(await visitor.page.evaluate(findViolations)).toEqual([]);
  });
});

function page(id: string): string {
  const button = `<button onclick="Parley('open')">Ask us</button>`;
  return world.site.origin() + world.site.page({ body: button + world.platform.scriptTag(id) });
}

async function closeByKeyboard(): Promise<void> {
  await eventually(async () =>
    expect(await visitor.field.evaluate((field) => field.matches(":focus"))).toBe(true),
  );
  await visitor.page.keyboard.press("Escape");
  await eventually(async () =>
    expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("false"),
  );
}

async function isModal(expected: boolean): Promise<void> {
  const panel = visitor.page.locator("parley-widget .panel");
  await eventually(async () =>
    expect(await panel.evaluate((one) => one.matches(":modal"))).toBe(expected),
  );
}

/** What of the page has the focus. */
async function focused(): Promise<string> {
  return visitor.page.evaluate(() => document.activeElement?.tagName ?? "");
}

async function isLauncherFocused(): Promise<boolean> {
  return visitor.launcher.evaluate(
    (launcher) => (launcher.getRootNode() as ShadowRoot).activeElement === launcher,
  );
}

type Box = { x: number; y: number; width: number; height: number } | null;

function rightBottom(box: Box): number[] {
  return box === null ? [] : [box.x + box.width, box.y + box.height].map(Math.round);
}

/** Of ours: the page's own things are its own. */
async function findViolations(): Promise<string[]> {
  const { axe: there } = window as unknown as { axe: typeof axe };
  const { violations } = await there.run(document, { iframes: false });
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .map(({ target }) => `${id} at ${JSON.stringify(target)}`)
      .filter((found) => found.includes("parley-widget")),
  );
}
