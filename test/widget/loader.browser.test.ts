import { afterEach, beforeEach, expect, it } from "vitest";
import manifest from "../../dist/widget/manifest.json" with { type: "json" };
import {
  describeInBrowser,
  EVENT_RECORDER,
  eventsOf,
  eventually,
  useBrowser,
  Visitor,
} from "./support.js";

const world = useBrowser({ withoutAgent: true });
let visitor: Visitor;

describeInBrowser("the loader's two files", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  const frameFiles = (): string[] =>
    visitor.requests.filter((one) => one.includes(manifest.frame.file));
  const arrive = async (head = ""): Promise<void> => {
    const id = await world.platform.widget();
    await visitor.page.goto(page({ head, body: world.platform.scriptTag(id) }));
    await visitor.launcher.waitFor();
  };

  it.each([
    ["the pointer comes", async () => visitor.launcher.hover()],
    ["the focus comes", async () => visitor.launcher.focus()],
    ["a finger comes", async () => visitor.launcher.dispatchEvent("touchstart")],
  ])("brings the second one when %s, once, and makes no frame for it", async (_, act) => {
    await arrive();
    expect(frameFiles()).toEqual([]);
    await act();
    await eventually(() => expect(frameFiles()).toHaveLength(1));
    expect(await visitor.page.locator("iframe").count()).toBe(0);
    await visitor.launcher.click();
    await visitor.field.waitFor();
    expect(frameFiles()).toHaveLength(1);
    expect(await visitor.page.locator("link[rel=modulepreload]").count()).toBe(0);
  });

  it("keeps what the page asks for while the second one is on its way, in its order", async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await visitor.context.route(`**/${manifest.frame.file}`, async (route) => {
      await held;
      await route.continue();
    });
    await arrive(`${EVENT_RECORDER}<script>Parley("identify", { userId: "eve" });</script>`);
    await visitor.call("send", "Of somebody who leaves");
    await visitor.call("logout");
    await visitor.call("identify", { userId: "ada" });
    await visitor.call("send", "First");
    await visitor.call("send", "Second");
    expect(await eventsOf(visitor, "open")).toHaveLength(1);
    letGo();
    await visitor.panel.locator(".bubble").nth(1).waitFor();
    expect(await visitor.panel.locator(".bubble").allInnerTexts()).toEqual(["First", "Second"]);
    await eventually(async () =>
      expect(await eventsOf(visitor, "conversation_started")).toHaveLength(1),
    );
  });

  it("runs no second one that is not as it was built, says so, and asks again", async () => {
    let isForged = true;
    await visitor.context.route(`**/${manifest.frame.file}*`, async (route) => {
      const response = await route.fetch();
      const body = `${isForged ? "window.forged = 1;" : ""}${await response.text()}`;
      await route.fulfill({ response, body });
    });
    await arrive();
    await visitor.launcher.click();
    await eventually(() => expect(visitor.logged.join()).toContain("No panel"));
    expect(await visitor.page.evaluate(() => Reflect.get(window, "forged"))).toBeUndefined();
    isForged = false;
    await visitor.call("close");
    await visitor.launcher.click();
    await visitor.field.waitFor();
  });

  it("runs where the page's policy knows scripts by a nonce alone", async () => {
    const id = await world.platform.widget();
    const { origin } = world.platform;
    const policy = `default-src 'none'; script-src 'nonce-abc123'; connect-src ${origin}; frame-src ${origin}; img-src data:`;
    const tag = world.platform.scriptTag(id, 'async nonce="abc123"');
    await visitor.open(page({ body: tag, headers: { "content-security-policy": policy } }));
    expect(visitor.console).toEqual([]);
  });
});

function page(parts: Parameters<typeof world.site.page>[0]): string {
  return world.site.origin() + world.site.page(parts);
}
