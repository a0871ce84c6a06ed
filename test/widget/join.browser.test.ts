import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
let visitor: Visitor;

describeInBrowser("joining a room", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("leaves nothing in the console of the website's page", async () => {
    const id = await world.platform.widget();
    await visitor.open(page({ body: world.platform.scriptTag(id) }));
    await visitor.say("Hello");
    expect(await visitor.answer()).not.toBe("");
    expect(visitor.console).toEqual([]);
  });

  it("from a sandbox, whose pages have no origin, works as from any other page", async () => {
    const id = await world.platform.widget();
    const path = world.site.page({ body: world.platform.scriptTag(id) });
    const body = `<iframe sandbox="allow-scripts" src="${path}" style="width:900px;height:600px"></iframe>`;
    await visitor.page.goto(page({ body }));
    const frame = visitor.page.frameLocator("iframe");
    await frame.locator("parley-widget .launcher").click();
    const panel = frame.frameLocator("iframe");
    await panel.locator("textarea").fill("Hello there");
    await panel.locator("textarea").press("Enter");
    await panel.locator('.message.agent[data-state="done"]').waitFor();
    expect(visitor.console).toEqual([]);
  });

  it("of a server that is away writes no token into the console", async () => {
    const id = await world.platform.widget();
    await visitor.page.addInitScript(() => {
      // Of the talk's server alone, which answers on a port of its own.
      const fetchAny = window.fetch.bind(window);
      window.fetch = async (...call) => {
        const { port } = new URL(String(call[0]), location.href);
        if (location.pathname.endsWith("/panel") && port !== location.port)
          throw new TypeError("away");
        return fetchAny(...call);
      };
    });
    await visitor.open(page({ body: world.platform.scriptTag(id) }));
    await visitor.say("Hello");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
    await visitor.panel.locator(".notice").first().waitFor();
    expect(visitor.console.filter((line) => line.includes("access_token"))).toEqual([]);
  });
});

function page(parts: Parameters<typeof world.site.page>[0]): string {
  return world.site.origin() + world.site.page(parts);
}
