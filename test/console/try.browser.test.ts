import type { FrameLocator, Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  arriveOnGermanPhone,
  describeInBrowser,
  expectAccessible,
  inviteViewer,
  useConsole,
} from "./support.js";

const QUESTION = "What are your opening hours?";
const LINKED = "https://nordhaus.example/hours";
const DRAFT = {
  starting_message: { type: "bot_initiates_static", text: "A draft greets you." },
  faq: [
    { question: QUESTION, answer: "The draft opens at noon." },
    { question: "Where is that written?", answer: `It is on [our page](${LINKED}).` },
  ],
  quick_actions: [{ id: "hours", label: "Opening hours", message: QUESTION }],
  built_in_tools: {
    widgets: {},
    forms: [
      { id: "wood", name: "Wood", fields: [{ type: "text", id: "wood", label: "Which wood?" }] },
    ],
  },
};

describeInBrowser("a version that is tried", () => {
  const fixture = useConsole({ withAgent: true });
  const pages: { owner?: Page } = {};

  function owner(): Page {
    if (!pages.owner) throw new Error("The owner has not come.");
    return pages.owner;
  }

  async function save(page: Page, config: object): Promise<void> {
    await page.getByRole("tab", { name: "JSON" }).click();
    await page.getByLabel("The whole version as JSON").fill(JSON.stringify(config));
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Everything is saved").waitFor();
  }

  /** What the panel shows of the talk. */
  function said(page: Page, name = "Conversation"): ReturnType<FrameLocator["getByRole"]> {
    return panelOf(page).getByRole("log", { name });
  }

  async function say(page: Page, words: string): Promise<void> {
    await panelOf(page).locator("textarea").fill(words);
    await panelOf(page).getByRole("button", { name: "Send" }).click();
  }

  test("answers in the real panel as its draft says, without a word of it published", async () => {
    const page = await fixture.arrive();
    pages.owner = page;
    await page.goto(fixture.platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("link", { name: "Agents" }).click();
    await page.getByRole("button", { name: "New agent" }).click();
    await page.getByLabel("Name").fill("Nordhaus");
    await page.getByRole("button", { name: "Make the agent" }).click();
    await page.getByRole("heading", { name: "Nordhaus · Version 1" }).waitFor();
    await save(page, DRAFT);

    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText("This is a test").waitFor();
    // The frame has an origin of its own here, and so a microphone.
    expect(await page.getByText("It is written here.").count()).toBe(0);
    await panelOf(page).getByText("Opening hours", { exact: true }).click();
    await said(page).getByText("The draft opens at noon.").waitFor();
    await panelOf(page).getByLabel("Talk by voice").waitFor();
    expect(await panelOf(page).getByRole("button", { name: "Close" }).count()).toBe(0);
    await expectAccessible(page);
  });

  test("is followed beside it: what was said, and each tool with what it was called with", async () => {
    const page = owner();
    const log = page.getByRole("log", { name: "Transcript" });
    await log.getByText("The draft opens at noon.").waitFor();
    await say(page, "Where is my parcel?");
    await log.getByText("Showed a card: order_tracker").waitFor();
    await log.getByText("In full").click();
    await log.getByText('"order_id": "SAMPLE-1"').waitFor();
    await expectAccessible(page);

    await say(page, "Show me the form.");
    await panelOf(page).getByLabel("Which wood?").fill("Oak");
    await panelOf(page).getByLabel("Which wood?").press("Enter");
    await log.getByText("Showed a form: wood").first().waitFor();
    await log.getByText("Oak", { exact: true }).waitFor();
  });

  test("opens a link in a tab of its own, which knows nothing of the console", async () => {
    const page = owner();
    await say(page, "Where is that written?");
    await opensLink(page);
  });

  test("goes on where it was when the window becomes narrow, and wide again", async () => {
    const page = owner();
    const unsent = "Not sent yet";
    await panelOf(page).locator("textarea").fill(unsent);
    for (const width of [700, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
      await said(page).getByText("The draft opens at noon.").waitFor();
      expect(await panelOf(page).locator("textarea").inputValue(), `${width}`).toBe(unsent);
      await page
        .getByRole("log", { name: "Transcript" })
        .getByText("Oak", { exact: true })
        .waitFor();
    }
    await panelOf(page).locator("textarea").fill("");
  });

  test("says that what was saved since is not tried, and begins again with it", async () => {
    const page = owner();
    await page.getByLabel("The whole version as JSON").fill(
      JSON.stringify({
        ...DRAFT,
        faq: [{ question: QUESTION, answer: "At one." }, DRAFT.faq[1]],
      }),
    );
    await page.getByText("What is not saved yet is not tried.").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("The version was saved since this test was made.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByText("What the agent does appears here").waitFor();
    await panelOf(page).getByText("Opening hours", { exact: true }).click();
    await said(page).getByText("At one.").waitFor();
    expect(await page.getByText("The version was saved since").count()).toBe(0);
  });

  test("has the look of a widget, when one is chosen", async () => {
    const page = owner();
    const look = page.getByLabel("With the look of");
    await look.locator("option").nth(1).waitFor({ state: "attached" });
    await look.selectOption({ index: 1 });
    await page.getByText("What the agent does appears here").waitFor();
    await panelOf(page).locator("textarea").waitFor();
    await say(page, QUESTION);
    await said(page).getByText("At one.").waitFor();
  });

  test("is over when it is left, and stands in no list", async () => {
    const page = owner();
    const [ended] = await Promise.all([
      page.waitForResponse(
        (response) => response.request().postData()?.includes("endConversation") ?? false,
      ),
      page.getByRole("complementary").getByRole("button", { name: "Close" }).click(),
    ]);
    const { data } = await ended.json();
    expect(data.endConversation.conversation.status).toBe("COMPLETED");
    expect(await page.locator("iframe").count()).toBe(0);
    await page.getByRole("link", { name: "Conversations" }).click();
    await page.getByRole("heading", { name: "No conversations yet" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Nordhaus · Version 1" }).waitFor();
  });

  test("that cannot begin says so in words", async () => {
    const page = owner();
    await page.route("**/core/public/draft-previews/start", (route) => {
      const headers = { "access-control-allow-origin": "*" };
      return route.fulfill({ status: 429, headers, json: { detail: "Too many." } });
    });
    await page.getByRole("button", { name: "Try it" }).click();
    await panelOf(page).getByText("Opening hours", { exact: true }).click();
    await page.getByText("The limits of the organization allow no further").waitFor();
    await expectAccessible(page);
    await page.unroute("**/core/public/draft-previews/start");
  });

  test("is tried in German, in the dark, and on a phone", async () => {
    const page = await arriveOnGermanPhone(fixture, owner(), { colorScheme: "dark" });
    await page.goto(owner().url());
    await page.getByRole("button", { name: "Ausprobieren" }).click();
    await page.getByRole("complementary", { name: "Diese Version ausprobieren" }).waitFor();
    await panelOf(page).getByText("Opening hours", { exact: true }).click();
    await said(page, "Unterhaltung").getByText("At one.").waitFor();
    await page.getByRole("log", { name: "Verlauf" }).getByText("At one.").waitFor();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
    await page.getByRole("complementary").getByRole("button", { name: "Schließen" }).click();
    await page.locator("iframe").waitFor({ state: "detached" });
    await page.context().close();
  });

  test("is written, and says so, where the console has no other host to show it at", async () => {
    const { cookies } = await owner().context().storageState();
    const address = new URL(owner().url());
    address.hostname = "console.localhost";
    const page = await fixture.arrive({
      storageState: {
        cookies: cookies.map((cookie) => ({ ...cookie, domain: address.hostname })),
        origins: [],
      },
    });
    await page.goto(address.href);
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText("It is written here.").waitFor();
    await panelOf(page).locator("textarea").waitFor();
    await say(page, QUESTION);
    await said(page).getByText("At one.").waitFor();
    expect(await panelOf(page).getByLabel("Talk by voice").count()).toBe(0);
    await say(page, "Where is that written?");
    await opensLink(page);
    await expectAccessible(page);
    await page.context().close();
  });

  test("is not offered to a viewer", async () => {
    const page = owner();
    const address = page.url();
    const viewer = await inviteViewer(fixture, page);
    await viewer.goto(address);
    await viewer.getByText("You may read this, and not change it.").waitFor();
    expect(await viewer.getByRole("button", { name: "Try it" }).count()).toBe(0);
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});

function panelOf(page: Page): FrameLocator {
  return page.frameLocator("iframe");
}

/** The link that the agent has sent leads to a page that has its own origin, no way back and no word of where it was. */
async function opensLink(page: Page): Promise<void> {
  await page.context().route(LINKED, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: "<title>Hours</title><h1>Open at noon</h1>",
    }),
  );
  const [opened] = await Promise.all([
    page.context().waitForEvent("page"),
    // While an answer comes, its words are drawn again and again.
    panelOf(page)
      .locator('.message.agent[data-state="done"]')
      .getByRole("link", { name: "our page" })
      .click(),
  ]);
  await opened.getByRole("heading", { name: "Open at noon" }).waitFor();
  const known = await opened.evaluate(() => [self.origin, window.opener, document.referrer]);
  expect(known).toEqual([new URL(LINKED).origin, null, ""]);
  await opened.close();
}
