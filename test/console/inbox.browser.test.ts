import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FrameLocator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, expectAccessible, inviteViewer, useConsole } from "./support.js";

const QUESTION = "Can I return my order?";

describeInBrowser("an owner's inbox", () => {
  const fixture = useConsole({ withAgent: true });
  const pages: { owner?: Page; panel?: FrameLocator } = {};

  function owner(): Page {
    if (!pages.owner) throw new Error("The owner has not come.");
    return pages.owner;
  }

  function panel(): FrameLocator {
    if (!pages.panel) throw new Error("The visitor has not come.");
    return pages.panel;
  }

  async function say(words: string): Promise<void> {
    await panel().locator("textarea").fill(words);
    await panel().locator("textarea").press("Enter");
  }

  test("is empty, and says what will be in it", async () => {
    const page = await fixture.arrive();
    await page.goto(fixture.platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("link", { name: "Conversations" }).click();
    await page.getByRole("heading", { name: "No conversations yet" }).waitFor();
    await expectAccessible(page);
    pages.owner = page;
  });

  test("shows a talk as soon as it begins, and follows it word by word", async () => {
    const visitor = await fixture.arrive();
    await visitor.goto(`${fixture.platform.origin}/demo`);
    await visitor.locator("parley-widget .launcher").first().click();
    pages.panel = visitor.locator("parley-widget").first().frameLocator("iframe");
    await say(QUESTION);

    // Nobody has reloaded anything.
    const row = owner().getByRole("row").filter({ hasText: "Guest" });
    await row.getByText("In progress").waitFor();
    await expectAccessible(owner());
    await row.getByRole("link").click();
    const log = owner().getByRole("log");
    await log.getByText(QUESTION).waitFor();
    // What the agent wrote is read as the visitor reads it.
    await log.locator("strong").filter({ hasText: "30 days" }).waitFor();
    await expectAccessible(owner());

    await say("Where is my parcel?");
    await log.getByText("Where is my parcel?").waitFor();
    await log.getByText("Showed a card: ").first().waitFor();
    await expectAccessible(owner());
  });

  test("ends it, at once for the visitor too", async () => {
    await owner().getByRole("button", { name: "End", exact: true }).click();
    await owner().getByRole("heading", { name: "End this conversation?" }).waitFor();
    await expectAccessible(owner());
    await owner().getByRole("dialog").getByRole("button", { name: "End", exact: true }).click();
    await owner().getByRole("dialog").waitFor({ state: "detached" });
    await owner().getByText("Completed").first().waitFor();
    await owner().getByRole("button", { name: "End", exact: true }).waitFor({ state: "detached" });
  });

  test("hands out a conversation as a file", async () => {
    const [download] = await Promise.all([
      owner().waitForEvent("download"),
      owner().getByRole("button", { name: "Export" }).click(),
    ]);
    const directory = await mkdtemp(join(tmpdir(), "parley-export-"));
    const path = join(directory, "conversation.json");
    await download.saveAs(path);
    const saved = JSON.parse(await readFile(path, "utf8"));
    await rm(directory, { recursive: true });
    const texts = saved.conversation.messages.map(({ text }: { text: string }) => text);
    expect(texts).toContain(QUESTION);
  });

  test("keeps its filters in the address: through a conversation and back, and a reload", async () => {
    const page = owner();
    await page.getByRole("link", { name: "All conversations" }).click();
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Status" }).click();
    await page.getByRole("button", { name: "Completed" }).click();
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.getByRole("button", { name: "At least (messages)" }).click();
    await page.getByLabel("At least (messages)").fill("1");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Status: Completed" }).waitFor();
    await page.waitForURL((url) => url.search === "?status=completed&moreTurns=1");
    await page.getByRole("row").filter({ hasText: "Guest" }).getByRole("link").click();
    await page.getByRole("heading", { name: /^Guest/ }).waitFor();
    await page.getByRole("link", { name: "All conversations" }).click();
    await page.getByRole("button", { name: "Status: Completed" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "At least (messages): 1" }).waitFor();
    await page.getByRole("row").filter({ hasText: "Guest" }).waitFor();
    await expectAccessible(page);

    await page.getByRole("button", { name: "Status: Completed" }).click();
    await page.getByRole("button", { name: "Failed" }).click();
    await page.getByRole("heading", { name: "Nothing fits these filters" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Remove: Status" }).click();
    await page.getByRole("row").filter({ hasText: "Guest" }).waitFor();
    await page.getByRole("button", { name: "Remove: At least (messages)" }).click();
    await page.waitForURL((url) => url.search === "");
  });

  test("is read on a phone, in the dark", async () => {
    const page = owner();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: "dark" });
    // The menu moves away first.
    const fits = (): Promise<unknown> =>
      page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
    await fits();
    await page.getByRole("row").filter({ hasText: "Guest" }).getByRole("link").click();
    await page.getByRole("log").getByText(QUESTION).waitFor();
    await fits();
    await expectAccessible(page);
  });

  test("hides what was said from who may not read it, and says why", async () => {
    const page = owner();
    const address = page.url();
    const viewer = await inviteViewer(fixture, page);
    await viewer.getByRole("link", { name: "Conversations" }).click();
    const row = viewer.getByRole("row").filter({ hasText: "Guest" });
    await row.getByText("Completed").waitFor();
    await expectAccessible(viewer);
    await row.getByRole("link").click();
    await viewer.getByText("What was said is hidden from you").waitFor();
    expect(await viewer.getByText(QUESTION).count()).toBe(0);
    expect(await viewer.getByRole("button", { name: "Erase the visitor" }).count()).toBe(0);
    await expectAccessible(viewer);
    await page.goto(address);
  });

  test("erases a visitor, for whoever writes the words", async () => {
    const page = owner();
    await page.getByRole("button", { name: "Erase the visitor" }).click();
    const erase = page.getByRole("button", { name: "Erase for good" });
    expect(await erase.isDisabled()).toBe(true);
    await page.getByRole("textbox").fill("erase everything");
    await expectAccessible(page);
    const address = page.url();
    await erase.click();
    await page.getByRole("heading", { name: "No conversations yet" }).waitFor();
    await page.goto(address);
    await page.getByRole("heading", { name: "This conversation is not there" }).waitFor();
    await expectAccessible(page);
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});
