import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
const SHOTS = process.env["SCREENSHOTS"];
const WORDS = "We keep what you say. See [our notice](https://shop.example/privacy).";
const CONFIG = {
  consent: { required: true, version: "7" },
  texts: { en: { consent_text: WORDS } },
  suggested_questions: ["Do you deliver?"],
  start_conversation_on_toggle: true,
  pre_conversation_form: { fields: [{ id: "name", type: "text", label: "Your name" }] },
};
let visitor: Visitor;

describeInBrowser("what a visitor agrees to", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser, { microphone: false });
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("stands before a tapped question, the form and a start; a refusal keeps and starts nothing, and the window closes", async () => {
    const id = await world.platform.widget({ v1: CONFIG });
    await arrive(id);
    await visitor.page.getByText("Do you deliver?").click();
    await visitor.panel.getByRole("heading", { name: "Before we begin" }).waitFor();
    await visitor.panel.getByRole("link", { name: "our notice" }).waitFor();
    await look("consent");
    expect(await visitor.panel.getByLabel("Your name").count()).toBe(0);
    // By keyboard alone.
    await visitor.panel.getByRole("button", { name: "Not now" }).press("Enter");
    await visitor.panel.getByText("Nothing was stored").waitFor();
    await look("consent-declined");
    expect(await kept()).toEqual([]);
    expect(await world.platform.conversations(id)).toEqual([]);
    await visitor.panel.getByRole("button", { name: "Close", exact: true }).last().press("Enter");
    await eventually(async () =>
      expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("false"),
    );
    await visitor.launcher.click();
    await visitor.panel.getByRole("button", { name: "Read again" }).click();
    // Who has not read the words yet cannot agree to them, and a key does not wait.
    await visitor.panel.getByRole("link", { name: "our notice" }).waitFor();
    await visitor.panel.getByRole("button", { name: "I agree" }).press("Enter");
    await visitor.panel.getByLabel("Your name").fill("Ada");
    expect(await world.platform.conversations(id)).toEqual([]);
    await visitor.panel.getByRole("button", { name: "Start" }).click();
    await eventually(async () => {
      const [talk] = await world.platform.conversations(id);
      expect(talk?.["consent"]).toMatchObject({ version: "7", language: "en" });
    });
  });

  it("is asked for anew where the version is another, before the talk goes on", async () => {
    const v1 = { consent: { required: true, version: "1" } };
    const id = await world.platform.widget({ v1 });
    await arrive(id);
    await visitor.launcher.click();
    await visitor.isDrawn();
    await visitor.panel.getByRole("button", { name: "I agree" }).click();
    await visitor.say("Hello");
    await visitor.answer();
    await world.platform.api("PUT", `/core/web-widgets/${id}`, {
      config: { v1: { consent: { required: true, version: "2" } } },
    });
    await visitor.page.reload();
    // Open before the reload, open after it.
    await visitor.isDrawn();
    await visitor.panel.getByRole("button", { name: "I agree" }).click();
    await visitor.say("Again");
    await eventually(async () => {
      const [talk] = await world.platform.conversations(id);
      expect(talk?.["consent"]).toMatchObject({ version: "2", earlier: [{ version: "1" }] });
    });
  });

  it("is taken back in the menu, which ends the talk; so is a copy taken along, and the talk erased after a question", async () => {
    const id = await world.platform.widget({ v1: { consent: { required: true } } });
    await arrive(id);
    await visitor.launcher.click();
    await visitor.isDrawn();
    await visitor.panel.getByRole("button", { name: "I agree" }).click();
    await visitor.say("Hello");
    await visitor.answer();
    const [download] = await Promise.all([
      visitor.page.waitForEvent("download"),
      visitor.menu("Save a copy"),
    ]);
    expect(download.suggestedFilename()).toMatch(/^conversation-.*\.json$/);
    await visitor.menu("Withdraw consent");
    await visitor.panel.getByRole("dialog").waitFor();
    // The focus is kept inside, and Escape closes the question alone.
    await visitor.page.keyboard.press("Escape");
    await visitor.panel.getByRole("dialog").waitFor({ state: "detached" });
    expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("true");
    await visitor.menu("Withdraw consent");
    await visitor.panel.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
    await visitor.panel.getByText("You have withdrawn your consent").waitFor();
    await eventually(async () => {
      const [talk] = await world.platform.conversations(id);
      expect(talk?.["status"]).toBe("completed");
      expect(talk?.["consent"]).toMatchObject({ withdrawn_at: expect.any(String) });
    });
    await visitor.menu("Delete conversation");
    await visitor.panel.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await eventually(async () => expect(await world.platform.conversations(id)).toEqual([]));
  });
});

async function arrive(widgetId: string): Promise<void> {
  const body = world.platform.scriptTag(widgetId);
  await visitor.page.goto(world.site.origin() + world.site.page({ body }));
  await visitor.launcher.waitFor();
}

/** What the panel's own storage holds. */
async function kept(): Promise<string[]> {
  return visitor.panel.locator("body").evaluate(() => Object.keys({ ...localStorage }));
}

/** For people: `SCREENSHOTS=directory` keeps what a test saw. */
async function look(name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await visitor.page.screenshot({ path: `${SHOTS}/${name}.png` });
}
