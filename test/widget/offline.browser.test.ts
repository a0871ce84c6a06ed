import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
const FAQ = {
  starting_message: { type: "user_initiates" },
  faq: [{ question: "Can I return my order?", answer: "Within 30 days." }],
};
let visitor: Visitor;

describeInBrowser("a widget whose server or network is away", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("sends the first message, written offline, by itself when the network is back, and says so meanwhile", async () => {
    const id = await open();
    await visitor.context.setOffline(true);
    await visitor.say("Can I return my order?");
    await visitor.panel.getByText("You are offline").waitFor();
    const message = visitor.panel.locator(".message.user");
    expect(await message.getAttribute("data-state")).toBe("sending");
    await visitor.context.setOffline(false);
    expect(await visitor.answer()).toContain("Within 30 days.");
    await visitor.panel.locator(".notice").waitFor({ state: "detached" });
    expect(await saidIn(id)).toEqual(["Can I return my order?"]);
  });

  it("goes on by itself after an outage that outlasts every quick try: the muted call, and what was written meanwhile, once", async () => {
    const id = await open();
    await visitor.say("Can I return my order?");
    await visitor.answer();
    await visitor.panel.getByLabel("Talk by voice").click();
    await visitor.panel.getByRole("log").getByText("Voice on").waitFor();
    await visitor.panel.getByLabel("Mute microphone", { exact: true }).click();
    await visitor.panel.getByLabel("Unmute microphone").waitFor();
    await world.platform.crash();
    await visitor.panel.getByText("cannot be reached").waitFor();
    await visitor.say("Written while it was down");
    await world.platform.begin();
    const answers = visitor.panel.locator('.message.agent[data-state="done"]');
    await answers.getByText("Written while it was down").waitFor();
    await visitor.panel.locator(".notice").waitFor({ state: "detached" });
    expect(await visitor.panel.getByLabel("Unmute microphone").isVisible()).toBe(true);
    expect(await saidIn(id)).toEqual(["Can I return my order?", "Written while it was down"]);
  });
});

async function open(): Promise<string> {
  const id = await world.platform.widget({ agent: FAQ });
  await visitor.open(page(id));
  return id;
}

/** Of the one conversation, what was written. */
async function saidIn(id: string): Promise<string[]> {
  const conversations = await world.platform.conversations(id);
  expect(conversations).toHaveLength(1);
  const said = await world.platform.userTexts(conversations[0]?.["id"]);
  return said.filter((text) => !text.startsWith("(voice"));
}

function page(id: string): string {
  return world.site.origin() + world.site.page({ body: world.platform.scriptTag(id) });
}
