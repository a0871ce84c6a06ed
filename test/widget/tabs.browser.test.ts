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
const AGENT = {
  starting_message: { type: "user_initiates" },
  faq: [{ question: "Can I return my order?", answer: "Within 30 days." }],
  built_in_tools: {
    forms: [
      {
        id: "callback",
        name: "Call me back",
        title: "When may we call you?",
        fields: [{ id: "name", type: "text", label: "Your name", required: true }],
      },
    ],
  },
};
let first: Visitor;

describeInBrowser("two tabs of one visitor", () => {
  beforeEach(async () => {
    first = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await first.leave();
  });

  it("show one talk, live and in one order, cards too; it outlives the tab that held it, and is the same after a reload", async () => {
    const id = await world.platform.widget({ agent: AGENT });
    const address = page(id);
    await first.open(address);
    await first.say("First from A");
    await first.answer();
    const second = await first.tab();
    await second.open(address);
    await second.answer();
    // By now it follows the other one, which is in a room.
    await second.panel.locator('.status[data-tone="live"]').waitFor();
    await first.say("Second from A");
    await first.answer(1);
    await second.say("Third from B");
    await second.answer(2);
    await areSame(first, second);
    expect(await said(second)).toMatchObject({ 0: "First from A", 2: "Second from A" });
    // Each page is told of what came while it was there.
    const inBoth = ["Second from A", "Third from B"];
    await eventually(async () => {
      expect(await heardOf(first)).toEqual(["First from A", ...inBoth]);
      expect(await heardOf(second)).toEqual(inBoth);
    });

    await first.say("Please show me the form");
    await second.panel.getByLabel("Your name").fill("Ada");
    await second.panel.getByRole("button", { name: "Submit" }).click();
    await first.panel.locator(".card-state").getByText("Sent").waitFor();
    await first.panel.getByRole("log").getByText("I have noted it").waitFor();
    await areSame(first, second);
    expect(startsOf(first) + startsOf(second)).toBe(1);

    // Without a word to anybody, as when the browser kills it.
    const session = await first.context.newCDPSession(first.page);
    await second.say("Can I return my order?");
    session.send("Page.crash").catch(() => undefined);
    await second.panel.locator(".message.agent").getByText("Within 30 days.").waitFor();
    await eventually(async () => {
      expect(startsOf(second)).toBe(1);
      expect(await second.panel.locator('.message[data-state="sending"]').count()).toBe(0);
    });
    const conversations = await world.platform.conversations(id);
    expect(conversations).toHaveLength(1);
    const written = ["First from A", "Second from A", "Third from B", "Please show me the form"];
    expect(await world.platform.userTexts(conversations[0]?.["id"])).toEqual([
      ...written,
      "Can I return my order?",
    ]);
    const before = await said(second);
    await second.page.reload();
    await eventually(async () => expect(await said(second)).toEqual(before));
  });

  it("have one call, which goes where the visitor asks for it, end together, and are logged out together", async () => {
    const id = await world.platform.widget({ agent: AGENT });
    const address = page(id);
    await first.open(address);
    await first.panel.getByLabel("Talk by voice").click();
    await first.panel.getByLabel("Mute microphone", { exact: true }).waitFor();
    const second = await first.tab();
    await second.open(address);
    await second.panel.getByText("The call goes on in another tab").waitFor();
    expect(await second.panel.getByRole("button", { name: "Talk by voice" }).count()).toBe(0);
    await second.panel.getByRole("button", { name: "Bring it here" }).click();
    await second.panel.getByLabel("Mute microphone", { exact: true }).waitFor();
    await first.panel.getByText("The call goes on in another tab").waitFor();
    await hasNoCall(first);

    await first.menu("End conversation");
    for (const tab of [first, second]) {
      await tab.panel.getByText("This conversation has ended").waitFor();
      await hasNoCall(tab);
    }
    await second.panel.getByRole("button", { name: "New conversation" }).click();
    await second.say("A new one");
    await second.answer();
    await first.panel.getByRole("button", { name: "New conversation" }).click();
    await first.panel.getByRole("log").getByText("A new one").first().waitFor();
    expect(await world.platform.conversations(id)).toHaveLength(2);

    await first.call("logout");
    await second.panel.locator(".message").first().waitFor({ state: "detached" });
    await first.say("Somebody else");
    await first.answer();
    await second.panel.getByRole("log").getByText("Somebody else").first().waitFor();
    expect(await second.panel.getByText("A new one").count()).toBe(0);
    expect(await world.platform.conversations(id)).toHaveLength(3);
  });
});

async function hasNoCall(visitor: Visitor): Promise<void> {
  const mute = visitor.panel.getByLabel("Mute microphone");
  await eventually(async () => expect(await mute.count()).toBe(0));
}

async function areSame(one: Visitor, other: Visitor): Promise<void> {
  await eventually(async () => expect(await said(other)).toEqual(await said(one)));
}

/** Each message's words, in the order in which they stand. */
async function said(visitor: Visitor): Promise<string[]> {
  const texts = await visitor.panel.locator(".message .prose, .message .bubble").allInnerTexts();
  return texts.map((text) => text.trim());
}

/** The visitor's messages that their page was told of. */
async function heardOf(visitor: Visitor): Promise<unknown[]> {
  const messages = await eventsOf(visitor, "message");
  return messages.filter(({ role }) => role === "user").map(({ text }) => text);
}

/** How many rooms a tab has asked for. */
function startsOf(visitor: Visitor): number {
  return visitor.requests.filter((request) => /^POST .*\/conversations$/.test(request)).length;
}

function page(id: string): string {
  const body = EVENT_RECORDER + world.platform.scriptTag(id);
  return world.site.origin() + world.site.page({ body });
}
