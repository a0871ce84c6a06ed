import type { Locator } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
const FAQ = {
  starting_message: { type: "user_initiates" },
  faq: [{ question: "Can I return my order?", answer: "Within 30 days." }],
};
/** What of the platform's addresses is asked for when. */
const [LOADER, RUNTIME, PANEL] = ["/public/embed/", "/core/public/", "/panel?"];
let visitor: Visitor;
/** Of the platform's addresses, what is not reached. */
let away: string[] = [];
let refused = 0;

describeInBrowser("a widget whose server or network is away", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
    [away, refused] = [[], 0];
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("stands on a page that came while the server was away as soon as it is back, and says so once", async () => {
    const id = await world.platform.widget({ agent: FAQ });
    await watchRequests();
    away = [RUNTIME];
    await visitor.page.goto(page(id));
    await eventually(() => expect(refused).toBeGreaterThan(2));
    expect(visitor.logged).toHaveLength(1);
    await visitor.call("open");
    away = [];
    await comeBack();
    await visitor.field.waitFor();
  });

  it("is asked for once where its platform refuses it", async () => {
    const id = await world.platform.widget({ published: false });
    await visitor.page.goto(page(id));
    await eventually(() => expect(visitor.logged).toHaveLength(1));
    await comeBack();
    await comeBack();
    const asked = visitor.requests.filter((one) => one.includes(RUNTIME));
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["what only a panel needs", [LOADER, RUNTIME]],
    ["the server", [RUNTIME, PANEL]],
    ["the panel's page alone", [PANEL]],
  ])(
    "opened while %s is away says so in place of the browser's own error, and opens by itself when it is back",
    async (_, parts) => {
      const id = await world.platform.widget({ agent: FAQ });
      await watchRequests();
      await visitor.page.goto(page(id));
      await visitor.launcher.waitFor();
      if (!parts.includes(LOADER)) {
        await visitor.launcher.hover();
        await visitor.page.getByRole("button", { name: "Open Chat" }).waitFor();
      }
      away = parts;
      await visitor.launcher.click();
      await complaint().waitFor();
      await eventually(async () =>
        expect(await visitor.page.locator("parley-widget iframe").count()).toBe(0),
      );
      away = [];
      await comeBack();
      await visitor.field.waitFor();
      await complaint().waitFor({ state: "detached" });
      await visitor.say("Can I return my order?");
      expect(await visitor.answer()).toContain("Within 30 days.");
    },
  );

  it("says in the page's language that the panel did not come, and tries at once when it is asked to", async () => {
    const id = await world.platform.widget({ agent: FAQ });
    await watchRequests();
    const head = '<script>document.documentElement.lang = "de"</script>';
    const body = world.platform.scriptTag(id);
    await visitor.page.goto(world.site.origin() + world.site.page({ head, body }));
    await visitor.launcher.hover();
    await visitor.page.getByRole("button", { name: "Chat öffnen" }).waitFor();
    away = [RUNTIME, PANEL];
    await visitor.launcher.press("Enter");
    await visitor.page.getByRole("alert").waitFor();
    const retry = visitor.page.getByRole("button", { name: "Noch einmal versuchen" });
    expect(await retry.innerText()).toContain("Der Chat konnte nicht geladen werden.");
    expect(await visitor.launcher.evaluate((launcher) => launcher.matches(":focus"))).toBe(true);
    away = [];
    await retry.click();
    await visitor.field.waitFor();
    await retry.waitFor({ state: "detached" });
  });

  it("is left alone where the visitor closes it meanwhile", async () => {
    const id = await world.platform.widget({ agent: FAQ });
    await watchRequests();
    await visitor.page.goto(page(id));
    await visitor.launcher.waitFor();
    away = [LOADER, RUNTIME];
    await visitor.launcher.click();
    await complaint().waitFor();
    await visitor.launcher.click();
    await complaint().waitFor({ state: "detached" });
    away = [];
    await comeBack();
    await visitor.launcher.hover();
    await visitor.page.getByRole("button", { name: "Open Chat" }).waitFor();
    expect(await visitor.page.locator("parley-widget iframe").count()).toBe(0);
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

  it("goes on by itself after an outage that outlasts every quick try: the muted call, and what was written meanwhile, once; no token comes into the console", async () => {
    const id = await open();
    const written: string[] = [];
    visitor.page.on("console", (message) => {
      written.push(`${message.text()} ${message.location().url}`);
    });
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
    await visitor.panel.getByLabel("Unmute microphone").waitFor();
    expect(await saidIn(id)).toEqual(["Can I return my order?", "Written while it was down"]);
    // The browser's own lines about what was not reached.
    expect(written.join()).toContain("ERR_CONNECTION_REFUSED");
    expect(written.filter((line) => line.includes("access_token"))).toEqual([]);
  });
});

async function watchRequests(): Promise<void> {
  await visitor.context.route(`${world.platform.origin}/**`, async (route) => {
    const url = route.request().url();
    if (!away.some((part) => url.includes(part))) return route.continue();
    refused++;
    return route.abort("connectionrefused");
  });
}

/** The network says that it is there again: nobody has to wait for the next try. */
async function comeBack(): Promise<void> {
  await visitor.page.evaluate(() => window.dispatchEvent(new Event("online")));
}

function complaint(): Locator {
  return visitor.page.locator("parley-widget [role=alert] .chip");
}

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
