import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  arriveOnGermanPhone,
  describeInBrowser,
  expectAccessible,
  inviteViewer,
  useConsole,
} from "./support.js";

const FIRST = "You help in a shop for chairs. Be short.";
const SECOND = "You help in a shop for chairs. Be thorough.";

describeInBrowser("an owner's agent", () => {
  const fixture = useConsole();
  const pages: { owner?: Page } = {};

  function owner(): Page {
    if (!pages.owner) throw new Error("The owner has not come.");
    return pages.owner;
  }

  async function save(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Everything is saved").waitFor();
  }

  test("is made with an empty draft, of which a reload loses nothing that was entered", async () => {
    const page = await fixture.arrive();
    pages.owner = page;
    await page.goto(fixture.platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("link", { name: "Agents" }).click();
    await page.getByRole("heading", { name: "Agents" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "New agent" }).click();
    await page.getByRole("button", { name: "Make the agent" }).click();
    await page.getByText("Give it a name.").waitFor();
    await page.getByLabel("Name").fill("Nordhaus");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Make the agent" }).click();
    await page.getByRole("heading", { name: "Nordhaus · Version 1" }).waitFor();

    await page.getByLabel("Instructions").fill(FIRST);
    await page.getByLabel("Greeting: who speaks").selectOption("The agent says this");
    await page.getByLabel("Greeting: Text").fill("Good day!");
    await page.getByText("Not saved yet").waitFor();
    await page.reload();
    await page.getByText("Not saved yet").waitFor();
    expect(await page.getByLabel("Instructions").inputValue()).toBe(FIRST);
    expect(await page.getByLabel("Greeting: Text").inputValue()).toBe("Good day!");
    expect(await page.getByRole("button", { name: "Publish", exact: true }).isDisabled()).toBe(
      true,
    );
    await save(page);
    await expectAccessible(page);
  });

  test("says of what it is told and has no effect where that stands", async () => {
    const page = owner();
    // The demo answers here, and so nobody follows instructions.
    await page.getByRole("tab", { name: /^What it says.*1 note$/ }).waitFor();
    await page.getByText("1 thing has no effect here").waitFor();
    const description = await page.getByLabel("Instructions").getAttribute("aria-describedby");
    const [id = ""] = description?.split(" ") ?? [];
    expect(await page.locator(`[id="${id}"]`).innerText()).toContain("needs a language model");
  });

  test("gets a form, field by field, and is told at the field what is wrong", async () => {
    const page = owner();
    await page.getByRole("tab", { name: "Forms" }).click();
    await page.getByRole("button", { name: "Add: Form" }).click();
    const form = page.getByRole("group", { name: "Form 1", exact: true });
    await form.getByLabel("Name").fill("Order");
    await form.getByLabel("Kind").selectOption("Email address");
    await form.getByRole("button", { name: "Add: Field" }).click();
    const second = form.getByRole("group", { name: "Field 2", exact: true });
    await second.getByLabel("Kind").selectOption("One of several");
    await second.getByLabel("Label", { exact: true }).fill("Wood");
    await second.getByLabel("Must be answered").selectOption("Yes");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Some fields are not right.").waitFor();
    await second.getByRole("alert").waitFor();
    await expectAccessible(page);
    for (const wood of ["Oak", "Ash"]) {
      await second.getByRole("button", { name: "Add: Option" }).click();
      await second.getByLabel("What is shown").last().fill(wood);
    }
    await second.getByRole("button", { name: "Move up: Field 2" }).click();
    await form.getByRole("button", { name: "Add: Field" }).click();
    await form.getByRole("button", { name: "Remove: Field 3" }).click();
    await save(page);
    await page.reload();
    await page.getByRole("tab", { name: "Forms" }).click();
    const first = page.getByRole("group", { name: "Field 1", exact: true });
    expect(await first.getByLabel("Label", { exact: true }).inputValue()).toBe("Wood");
    expect(await first.getByLabel("What is shown").last().inputValue()).toBe("Ash");
    expect(await page.getByRole("group", { name: /^Field \d$/ }).count()).toBe(2);
    await expectAccessible(page);
  });

  test("is told as JSON, too, which counts when it is an object", async () => {
    const page = owner();
    await page.getByRole("tab", { name: "JSON" }).click();
    const json = page.getByLabel("The whole version as JSON");
    const before = await json.inputValue();
    await json.fill(`${before} and`);
    await page.getByText("This is no object of JSON.").first().waitFor();
    await page.reload();
    expect(await json.inputValue()).toBe(`${before} and`);
    await json.fill(before.replace("{", '{ "mine": 1,'));
    await save(page);
    await page.getByText("nothing here reads this key").waitFor();
    await expectAccessible(page);
    await json.fill(before);
    await save(page);
  });

  test("is not saved over what somebody else saved since, unless one says so", async () => {
    const page = owner();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByLabel("Instructions").fill("Somebody else's.");
    await page.getByRole("tab", { name: "What it says" }).click();
    await page.getByLabel("Instructions").fill(`${FIRST} And kind.`);
    await save(other);
    await other.close();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody saved this draft since you began").waitFor();
    await page.getByText("Somebody else's.").first().waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Keep mine" }).click();
    await page.getByLabel("Instructions").fill(FIRST);
    await save(page);
  });

  test("is published after a question, and then stays as it is", async () => {
    const page = owner();
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByRole("heading", { name: "Publish version 1?" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByText("A published version stays as it is.").waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await page.getByLabel("Instructions").isEditable()).toBe(false);
    await expectAccessible(page);

    await page.getByRole("button", { name: "Make a draft from this" }).click();
    await page.getByRole("heading", { name: "Nordhaus · Version 2" }).waitFor();
    await page.getByLabel("Instructions").fill(SECOND);
    await save(page);
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("ins", { hasText: "thorough" }).waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByText("A published version stays as it is.").waitFor();
    await dialog.waitFor({ state: "detached" });
  });

  test("has two versions side by side, by the address", async () => {
    const page = owner();
    await page.getByRole("link", { name: "All versions" }).click();
    await page.getByRole("link", { name: "Compare", exact: true }).click();
    const changed = page.getByRole("group", { name: "instructions" });
    await changed.locator("del", { hasText: "short" }).waitFor();
    await changed.locator("ins", { hasText: "thorough" }).waitFor();
    await page.waitForURL(/\/compare\?from=1&to=2$/);
    await expectAccessible(page);
    await page.getByLabel("From").selectOption("Version 2");
    await page.getByText("The two say the same.").waitFor();
    await page.waitForURL(/\/compare\?from=2&to=2$/);
  });

  test("goes back to an older version, which the chosen widgets use at once", async () => {
    const page = owner();
    const origin = fixture.platform.origin;
    const agentUrl = page.url().replace(/\/compare.*$/, "");
    // A widget that uses the newest version.
    await page.goto(`${origin}/console/widgets/new`);
    await page.getByRole("radio", { name: /Nordhaus/ }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Websites").fill("shop.example");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Title").fill("Chairs");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByRole("heading", { name: /on your website/ }).waitFor();

    await page.goto(agentUrl);
    await page.getByRole("row", { name: /Version 2.*Chairs/ }).waitFor();
    await page.getByRole("button", { name: "Roll back to this: 1" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Chairs").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Roll back to this" }).click();
    await page.getByRole("row", { name: /Version 3.*Chairs/ }).waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("row", { name: /Version 2.*No widget/ }).waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Version 3" }).click();
    await page.getByRole("heading", { name: "Nordhaus · Version 3" }).waitFor();
    expect(await page.getByLabel("Instructions").inputValue()).toBe(FIRST);
  });

  test("is called otherwise, and stays while a widget uses it", async () => {
    const page = owner();
    await page.getByRole("link", { name: "All versions" }).click();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByLabel("Name").fill("Nordhaus shop");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Nordhaus shop" }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await dialog.getByText(/used by these widgets/).waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
  });

  test("is in the list, in German, in the dark and on a phone, too", async () => {
    const page = await arriveOnGermanPhone(fixture, owner(), { colorScheme: "dark" });
    await page.goto(`${fixture.platform.origin}/console/agents`);
    await page.getByRole("heading", { name: "Agenten" }).waitFor();
    const row = page.getByRole("row", { name: /Nordhaus shop.*Version 3.*Chairs/ });
    await row.waitFor();
    await expectAccessible(page);
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    await row.getByRole("link", { name: "Version 3" }).click();
    await page.getByRole("tab", { name: "Formulare" }).click();
    await page.getByRole("group", { name: "Feld 1", exact: true }).waitFor();
    await expectAccessible(page);
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    for (const tab of ["Stimme", "Werkzeuge und Karten", "Modell", "Website"]) {
      await page.getByRole("tab", { name: new RegExp(tab) }).click();
      await expectAccessible(page);
      expect(await widthOf(page), tab).toBeLessThanOrEqual(390);
    }
    await page.getByRole("link", { name: "Alle Versionen" }).click();
    await page.getByRole("link", { name: "Vergleichen" }).click();
    await page.locator("del").first().waitFor();
    await expectAccessible(page);
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    await page.context().close();
  });

  test("is read and not changed by a viewer", async () => {
    const page = owner();
    const agentUrl = page.url();
    const viewer = await inviteViewer(fixture, page);
    await viewer.getByRole("link", { name: "Agents" }).click();
    await viewer.getByRole("link", { name: "Nordhaus shop" }).click();
    await viewer.getByRole("row", { name: /Version 3.*Chairs/ }).waitFor();
    expect(viewer.url()).toBe(agentUrl);
    for (const name of ["New draft", "Settings", "Delete"])
      expect(await viewer.getByRole("button", { name }).count(), name).toBe(0);
    await viewer.getByRole("link", { name: "Version 3" }).click();
    await viewer.getByText("You may read this, and not change it.").waitFor();
    expect(await viewer.getByLabel("Instructions").isEditable()).toBe(false);
    expect(await viewer.getByRole("button", { name: "Save" }).count()).toBe(0);
    await expectAccessible(viewer);
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});

/** In pixels, with what one would have to scroll to. */
function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}
