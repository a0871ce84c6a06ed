import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  arriveOnGermanPhone,
  describeInBrowser,
  expectAccessibleInBoth,
  inviteViewer,
  useConsole,
} from "./support.js";
import { beginWidget, publishBegun, widthOf } from "./widget-steps.js";

const BLUE = "#1d4ed8";

describeInBrowser("a widget's history", () => {
  const fixture = useConsole();
  const pages: { owner?: Page } = {};

  function owner(): Page {
    if (!pages.owner) throw new Error("The owner has not come.");
    return pages.owner;
  }

  /** What visitors are given now. */
  async function publicWidget(): Promise<string> {
    const id = /\/widgets\/([\w-]+)/.exec(owner().url())?.[1] ?? "";
    const answer = await fetch(`${fixture.platform.origin}/core/public/web-widgets/${id}`);
    return answer.text();
  }

  test("tells of each save who did it, when, and what became different", async () => {
    const page = await fixture.arrive({ viewport: { width: 1400, height: 1000 } });
    pages.owner = page;
    await page.goto(fixture.platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    await makeAgent(page, "Joiner");
    await page.getByRole("link", { name: "Widgets" }).click();
    await beginWidget(page, "shop.example", /Joiner/);
    await publishBegun(page, "Nordhaus");
    await page.getByRole("link", { name: "To the widgets" }).click();
    await page.getByRole("link", { name: "Nordhaus", exact: true }).click();
    await page.getByLabel("Main colour").fill(BLUE);
    await page.getByRole("button", { name: "Texts" }).click();
    await page.getByLabel("Title", { exact: true }).fill("Südhaus");
    // The editor is left before the platform has said that the draft is no more.
    const isLeft = new Gate();
    await page.route("**/graphql", async (route) => {
      if (route.request().postData()?.includes("DiscardWidgetDraft")) await isLeft.opened;
      await route.continue();
    });
    const discarded = page.waitForResponse(
      (answer) => answer.request().postData()?.includes("DiscardWidgetDraft") ?? false,
    );
    await page.getByRole("button", { name: "Save for visitors" }).click();
    await page.getByText("Visitors see it as it is here.").waitFor();
    await page.getByRole("link", { name: "History", exact: true }).click();
    const newest = saveOf(page, 4);
    await newest.getByText("As it is now").waitFor();
    isLeft.open();
    await discarded;

    await newest.getByText("Demo administrator").waitFor();
    expect(await timeOf(newest)).toBeLessThanOrEqual(Date.now());
    expect(await timeOf(newest)).toBeGreaterThan(await timeOf(saveOf(page, 3)));
    expect(await page.getByText("As it is now").count()).toBe(1);
    await newest.getByRole("button", { name: /^Save 4/ }).click();
    const title = newest.getByRole("row", { name: /chat\.title/ });
    await title.locator("del", { hasText: "Nordhaus" }).waitFor();
    await title.locator("ins", { hasText: "Südhaus" }).waitFor();
    await newest.locator("ins", { hasText: BLUE }).first().waitFor();
    // There is no way back to what it is.
    expect(await newest.getByRole("button", { name: "Roll back to this" }).count()).toBe(0);
    await expectAccessibleInBoth(page);
  });

  test("goes back to a save, after a question, by a save of its own", async () => {
    const page = owner();
    expect(await publicWidget()).toContain(BLUE);
    const before = saveOf(page, 3);
    await before.getByRole("button", { name: /^Save 3/ }).click();
    await before.getByRole("button", { name: "Roll back to this" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Roll back to save 3?").waitFor();
    await expectAccessibleInBoth(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await publicWidget()).toContain(BLUE);

    await before.getByRole("button", { name: "Roll back to this" }).click();
    await dialog.getByRole("button", { name: "Roll back to this" }).click();
    await page.getByText("The widget is what it was after save 3.").waitFor();
    await dialog.waitFor({ state: "detached" });
    const widget = await publicWidget();
    expect(widget).not.toContain(BLUE);
    expect(widget).toContain("Nordhaus");
    await page.getByRole("heading", { level: 1, name: "Nordhaus" }).waitFor();
    await saveOf(page, 5).getByText("As it is now").waitFor();
    expect(await page.getByText("As it is now").count()).toBe(1);
    await expectAccessibleInBoth(page);
    await page.reload();
    await saveOf(page, 5)
      .getByRole("button", { name: /^Save 5/ })
      .click();
    await saveOf(page, 5).locator("ins", { hasText: "Nordhaus" }).waitFor();
  });

  test("has no way back to an agent that is no more, and says so", async () => {
    const page = owner();
    const history = page.url();
    await page.getByRole("link", { name: "Editor", exact: true }).click();
    // Nothing is left of what was saved before.
    await page.getByText("Visitors see it as it is here.").waitFor();
    await page.getByRole("button", { name: "Agent", exact: true }).click();
    await page.getByRole("textbox", { name: "Agent", exact: true }).click();
    await page.getByRole("option", { name: "Harbour Coffee assistant" }).click();
    await page.getByRole("textbox", { name: "Version", exact: true }).click();
    await page.getByRole("option", { name: "Version 1", exact: true }).click();
    await page.getByRole("button", { name: "Save for visitors" }).click();
    await page.getByText("Visitors see it as it is here.").waitFor();
    await page.getByRole("link", { name: "Agents" }).click();
    await page.getByRole("link", { name: "Joiner", exact: true }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Agents" }).waitFor();
    await dialog.waitFor({ state: "detached" });

    await page.goto(history);
    const before = saveOf(page, 5);
    await before.getByRole("button", { name: /^Save 5/ }).click();
    await before.getByRole("button", { name: "Roll back to this" }).click();
    await dialog.getByRole("button", { name: "Roll back to this" }).click();
    await dialog.getByText("Its agent of then").waitFor();
    await expectAccessibleInBoth(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    await saveOf(page, 6).getByText("As it is now").waitFor();
    expect(await saveOf(page, 7).count()).toBe(0);
  });

  test("is read by a viewer, who finds no way back in it", async () => {
    const page = owner();
    const address = page.url();
    const viewer = await inviteViewer(fixture, page);
    await page.goto(address);
    await viewer.getByRole("link", { name: "Nordhaus", exact: true }).click();
    await viewer.getByRole("link", { name: "History", exact: true }).click();
    const save = saveOf(viewer, 3);
    await save.getByRole("button", { name: /^Save 3/ }).click();
    await save.getByRole("table").waitFor();
    await saveOf(viewer, 4)
      .getByRole("button", { name: /^Save 4/ })
      .click();
    await saveOf(viewer, 4).locator("ins", { hasText: "Südhaus" }).waitFor();
    expect(await viewer.getByRole("button", { name: "Roll back to this" }).count()).toBe(0);
    await expectAccessibleInBoth(viewer);
    await viewer.context().close();
  });

  test("is there in German and on a phone, too", async () => {
    const page = await arriveOnGermanPhone(fixture, owner());
    await page.goto(owner().url());
    const save = saveOf(page, 4);
    await save.getByRole("button", { name: /^Stand 4/ }).click();
    await save.locator("ins", { hasText: "Südhaus" }).waitFor();
    await save.getByRole("button", { name: "Hierhin zurück" }).click();
    await page.getByRole("dialog").getByText("Zurück zu Stand 4?").waitFor();
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    await page.getByRole("dialog").getByRole("button", { name: "Abbrechen" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    await expectAccessibleInBoth(page);
    await page.context().close();
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});

/** An agent with a published version. */
async function makeAgent(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name: "Agents" }).click();
  await page.getByRole("button", { name: "New agent" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Make the agent" }).click();
  await page.getByRole("heading", { name: `${name} · Version 1` }).waitFor();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByLabel("Instructions").fill("You help in a shop for chairs.");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Everything is saved").waitFor();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByText("A published version stays as it is.").waitFor();
  await dialog.waitFor({ state: "detached" });
}

/** Closed until it is opened. */
class Gate {
  open: () => void = () => {};
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** A save, by its number. */
function saveOf(page: Page, number: number): Locator {
  const control = page.getByRole("button", { name: new RegExp(`^(Save|Stand) ${number}\\b`) });
  return page.locator(".mantine-Accordion-item").filter({ has: control });
}

/** Of a save, in ms since 1970. */
async function timeOf(save: Locator): Promise<number> {
  return Date.parse((await save.locator("time").getAttribute("datetime")) ?? "");
}
