import { afterEach, beforeEach, expect, it } from "vitest";
import releases from "../../src/widget/released/releases.json" with { type: "json" };
import manifest from "../../dist/widget/manifest.json" with { type: "json" };
import {
  describeInBrowser,
  EVENT_RECORDER,
  eventsOf,
  eventually,
  useBrowser,
  Visitor,
} from "./support.js";

const world = useBrowser();
const [oldest] = releases;
let visitor: Visitor;

/** Its messages are all that a later panel can count on. */
describeInBrowser("a released loader", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("the oldest that there is, speaks to today's panel: it opens, talks, tells, names, closes and logs out", async () => {
    const id = await world.platform.widget();
    const source = `${world.platform.origin}/public/embed/assets/${oldest?.loader}`;
    const body = `<script async src="${source}" crossorigin="anonymous" data-widget="${id}"></script>`;
    await visitor.page.goto(page({ head: EVENT_RECORDER, body }));
    await visitor.launcher.waitFor();
    await visitor.call("identify", { userId: "ada", metadata: { plan: "pro" } });
    await visitor.launcher.click();
    await visitor.say("Hello");
    expect(await visitor.answer()).not.toBe("");
    const [found] = await world.platform.conversations(id);
    expect(found?.["user_id"]).toBe("ada");
    for (const name of ["ready", "open", "conversation_started", "message"]) {
      expect(await eventsOf(visitor, name), name).not.toEqual([]);
    }
    await visitor.call("close");
    await visitor.field.waitFor({ state: "hidden" });
    await visitor.call("open");
    await visitor.panel.locator(".bubble").getByText("Hello").first().waitFor();
    await visitor.call("logout");
    await visitor.panel
      .locator(".bubble")
      .getByText("Hello")
      .first()
      .waitFor({ state: "detached" });
    expect(visitor.console).toEqual([]);
  });

  it("runs by the snippet that pins it, on a page that demands hashes of all that it loads", async () => {
    const id = await world.platform.widget();
    const query = `{ widget(id: "${id}") { pinnedEmbedSnippet } }`;
    const { data } = await world.platform.api("POST", "/graphql", { query });
    const { pinnedEmbedSnippet } = (data as { widget: { pinnedEmbedSnippet: string } }).widget;
    expect(pinnedEmbedSnippet).toContain(manifest.released?.file);
    await visitor.open(page({ body: pinnedEmbedSnippet }));
    await visitor.say("Hello");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
    expect(visitor.console).toEqual([]);
    // Another file under its name does not run.
    await visitor.context.route("**/assets/loader-*", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${await response.text()};window.forged = 1` });
    });
    visitor.console.length = 0;
    await visitor.page.reload();
    await eventually(() => expect(visitor.console.join()).toContain("integrity"));
    expect(await visitor.page.evaluate(() => Reflect.get(window, "forged"))).toBeUndefined();
    expect(await visitor.page.locator("parley-widget").count()).toBe(0);
  });
});

function page(parts: Parameters<typeof world.site.page>[0]): string {
  return world.site.origin() + world.site.page(parts);
}
