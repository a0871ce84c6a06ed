import { afterEach, beforeEach, expect, it } from "vitest";
import {
  describeInBrowser,
  eventsOf,
  eventually,
  EVENT_RECORDER,
  useBrowser,
  Visitor,
} from "./support.js";

const world = useBrowser();
let visitor: Visitor;

describeInBrowser("a visitor's past conversations", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser, { microphone: false });
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("are listed in the menu and opened again by the keyboard, in all their windows: the talk goes on where it was", async () => {
    const id = await world.platform.widget();
    const address = page(id);
    await visitor.open(address);
    await offers(visitor, false);
    await visitor.say("Do you deliver to Bergen?");
    await visitor.answer();
    await visitor.menu("New conversation");
    await visitor.say("Where is my order?");
    await visitor.answer();
    await eventually(async () => {
      const talks = await world.platform.conversations(id);
      expect(talks.map((talk) => talk["user_turn_count"])).toEqual([1, 1]);
    });
    const second = await visitor.tab();
    await second.open(address);
    await second.panel.getByRole("log").getByText("Where is my order?").first().waitFor();

    await visitor.menu("Past conversations");
    const rows = visitor.panel.locator(".past-talks li button");
    await rows.first().waitFor();
    expect(await rows.count()).toBe(1);
    const row = await rows.first().innerText();
    expect(row).toContain("Do you deliver to Bergen?");
    expect(row).toContain("1 message from you");
    // Escape leaves the list, and not the panel.
    await visitor.page.keyboard.press("Escape");
    await visitor.panel.getByRole("log").getByText("Where is my order?").first().waitFor();

    await visitor.menu("Past conversations");
    await rows.first().waitFor();
    expect(await focused(visitor)).toBe("Past conversations");
    await visitor.page.keyboard.press("Tab");
    await visitor.page.keyboard.press("Enter");
    for (const tab of [visitor, second]) {
      await tab.panel.getByRole("log").getByText("Do you deliver to Bergen?").first().waitFor();
      await eventually(async () =>
        expect(await tab.panel.getByText("Where is my order?").count()).toBe(0),
      );
    }
    await second.say("And to Tromsø?");
    await second.answer(1);
    expect(await world.platform.conversations(id)).toHaveLength(2);
    const [first] = (await world.platform.conversations(id)).toReversed();
    const written = ["Do you deliver to Bergen?", "And to Tromsø?"];
    await eventually(async () =>
      expect(await world.platform.userTexts(first?.["id"])).toEqual(written),
    );
    await eventually(async () => {
      const started = await eventsOf(visitor, "conversation_started");
      expect(started.at(-1)).toEqual({ conversationId: first?.["id"], resumed: true });
    });

    // The other one is the past one now, and a reload changes nothing.
    await visitor.page.reload();
    await visitor.panel.getByRole("log").getByText("And to Tromsø?").first().waitFor();
    await visitor.menu("Past conversations");
    await visitor.panel.locator(".past-talks").getByText("Where is my order?").waitFor();
  });

  it("that cannot be had are asked for again; what is nobody else's is nowhere else", async () => {
    const id = await world.platform.widget();
    const address = page(id);
    await visitor.open(address);
    await visitor.say("A secret");
    await visitor.answer();
    await visitor.menu("End conversation");
    await visitor.page.route("**/conversations?own=true*", (route) => route.abort());
    await visitor.menu("Past conversations");
    await visitor.panel.getByText("That did not work.").waitFor();
    await visitor.page.unroute("**/conversations?own=true*");
    const row = visitor.panel.locator(".past-talks").getByText("A secret");
    await eventually(async () => {
      const again = visitor.panel.getByRole("button", { name: "Try again" });
      if (await again.isVisible()) await again.click();
      expect(await row.isVisible()).toBe(true);
    });
    // What was ended goes on.
    await row.click();
    await visitor.say("Another");
    await visitor.answer(1);
    expect(await world.platform.conversations(id)).toHaveLength(1);

    const stranger = await Visitor.arrive(world.browser, { microphone: false });
    await stranger.open(address);
    await stranger.say("Hello");
    await stranger.answer();
    await stranger.menu("Past conversations");
    await stranger.panel.getByText("There are no earlier conversations yet.").waitFor();
    await stranger.leave();

    await visitor.call("logout");
    await offers(visitor, false);
  });
});

/** Whether the menu lets the visitor ask for them. */
async function offers(one: Visitor, isExpected: boolean): Promise<void> {
  await one.isDrawn();
  await one.panel.getByLabel("More options").click();
  const entry = one.panel.locator(".menu").getByRole("button", { name: "Past conversations" });
  await eventually(async () => expect(await entry.isEnabled()).toBe(isExpected));
  await one.page.keyboard.press("Escape");
}

function focused(one: Visitor): Promise<string> {
  return one.panel.locator(":focus").innerText();
}

function page(id: string): string {
  const body = EVENT_RECORDER + world.platform.scriptTag(id);
  return world.site.origin() + world.site.page({ body });
}
