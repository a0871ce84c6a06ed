import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
const GREETING =
  "See [our returns](https://shop.example/returns) and [sizes](https://shop.example/sizes).";
let visitor: Visitor;

describeInBrowser("who uses a keyboard, an input method or a screen reader", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser, { microphone: false });
    const id = await world.platform.widget({
      agent: { starting_message: { type: "bot_initiates_static", text: GREETING } },
    });
    const body = world.platform.scriptTag(id);
    await visitor.open(world.site.origin() + world.site.page({ body }));
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
});
