import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
let visitor: Visitor;

describeInBrowser("what asks for the visitor's attention", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("leaves the page after a while: suggestions go by themselves, and come back with a hand at the launcher", async () => {
    const id = await world.platform.widget({ v1: { suggested_questions: ["Do you deliver?"] } });
    await visitor.page.goto(page(id));
    const chip = visitor.page.getByRole("button", { name: "Do you deliver?" });
    await chip.waitFor();
    await visitor.page.locator("parley-widget .list").evaluate((list) => {
      for (const animation of list.getAnimations()) animation.finish();
    });
    await chip.waitFor({ state: "hidden" });
    await visitor.launcher.hover();
    await chip.waitFor();
  });

  it("tells what is unread in the launcher's badge and the tab's title, and by a sound only where the visitor wants one", async () => {
    const id = await world.platform.widget({
      v1: { chat: { light_mode: { text_color: { controls_button: "#d92d20" } } } },
      agent: {
        starting_message: { type: "user_initiates" },
        faq: [{ question: "Do you deliver?", answer: "Yes." }],
      },
    });
    await visitor.page.addInitScript(() => {
      const sounds = { count: 0 };
      const Original = window.AudioContext;
      window.AudioContext = class extends Original {
        constructor() {
          super();
          sounds.count++;
        }
      };
      Object.assign(window, { sounds });
    });
    await visitor.open(page(id));
    const sounds = async (): Promise<number> =>
      visitor.panel
        .locator("body")
        .evaluate(() => (window as unknown as { sounds: { count: number } }).sounds.count);
    const missOne = async (): Promise<void> => {
      await visitor.sayAndClose("Do you deliver?");
      await eventually(async () => expect(await visitor.page.title()).toBe("(1) Shop"));
    };

    await missOne();
    const badge = visitor.page.locator("parley-widget b");
    expect(await badge.textContent()).toBe("1");
    expect(await badge.evaluate((one) => getComputedStyle(one).color)).toBe("rgb(255, 255, 255)");
    const before = await sounds();
    await visitor.call("open");
    await eventually(async () => expect(await visitor.page.title()).toBe("Shop"));

    await visitor.menu("Sound for new messages");
    await eventually(async () => expect(await sounds()).toBe(before + 1));
    await missOne();
    await eventually(async () => expect(await sounds()).toBe(before + 2));
    await visitor.call("destroy");
    expect(await visitor.page.title()).toBe("Shop");
  });
});

function page(id: string): string {
  return world.site.origin() + world.site.page({ body: world.platform.scriptTag(id) });
}
