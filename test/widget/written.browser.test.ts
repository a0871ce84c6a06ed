import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser({
  withoutAgent: true,
  // Nobody is asked: it is enough that this is all there is.
  env: async () => ({ LLM_BASE_URL: "http://127.0.0.1:9/v1", LLM_MODEL: "writes-only" }),
});
let visitor: Visitor;

describeInBrowser("where the operator's models only write", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("there is nothing to talk by voice with, and a widget that begins by voice begins as text", async () => {
    const id = await world.platform.widget({ v1: { default_mode: "voice" } });
    await visitor.open(
      world.site.origin() + world.site.page({ body: world.platform.scriptTag(id) }),
    );
    await visitor.field.waitFor();
    expect(await visitor.panel.getByLabel("Talk by voice").count()).toBe(0);
    expect(await world.platform.conversations(id)).toEqual([]);
    await visitor.say("Hello");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
    expect(await visitor.panel.getByLabel("Talk by voice").count()).toBe(0);
  });
});
