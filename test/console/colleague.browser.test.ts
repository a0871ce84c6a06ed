import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

const PASSWORD = "a sentence that only Grace would think of";
const ANOTHER = "another sentence, for Grace forgot the first";
const EMAIL = "grace@shop.example";

describeInBrowser("a colleague", () => {
  const fixture = useConsole();
  const pages: { owner?: Page; colleague?: Page } = {};

  /** The page of who invites, on the page of people, and that of who comes. */
  function both(): { owner: Page; colleague: Page } {
    const { owner, colleague } = pages;
    if (!owner || !colleague) throw new Error("They have not come.");
    return { owner, colleague };
  }

  /** The link that a dialog shows, which is closed then. */
  async function shownLink(owner: Page): Promise<string> {
    const link = await owner.getByText(/\/console\/link#/).innerText();
    await expectAccessible(owner);
    await owner.getByRole("button", { name: "Close" }).last().click();
    return link;
  }

  async function openActions(owner: Page, item: string): Promise<void> {
    await owner.getByRole("button", { name: "Actions: Grace" }).click();
    await owner.getByRole("menuitem", { name: item }).click();
  }

  test("is invited by a link, chooses a password by it, and is a member", async () => {
    const { platform, arrive } = fixture;
    const owner = await arrive();
    await owner.goto(platform.link);
    await owner.getByRole("button", { name: "Continue" }).click();
    await owner.getByRole("link", { name: "People" }).click();
    await owner.getByRole("button", { name: "Invite somebody" }).click();
    await owner.getByLabel("Email address").fill(EMAIL);
    await owner.getByLabel("Role", { exact: true }).selectOption("Administrator");
    await expectAccessible(owner);
    await owner.getByRole("button", { name: "Make the link" }).click();
    const link = await shownLink(owner);
    await owner.getByRole("button", { name: `Withdraw: ${EMAIL}` }).waitFor();
    await expectAccessible(owner);

    const colleague = await arrive();
    await colleague.goto(link);
    await colleague.getByLabel("Your name").fill("Grace");
    await colleague.getByLabel("New password").fill(PASSWORD);
    expect(colleague.url()).toBe(`${platform.origin}/console/link`);
    await expectAccessible(colleague);
    await colleague.getByRole("button", { name: "Join" }).click();
    await colleague.getByRole("link", { name: "People" }).click();
    await colleague.getByText("Grace").first().waitFor();
    Object.assign(pages, { owner, colleague });
  });

  test("is lowered while the page is open, which follows", async () => {
    const { owner, colleague } = both();
    await owner.reload();
    await owner.getByLabel("Role of Grace").selectOption("Viewer");
    // It says what the platform has.
    const role = owner.getByLabel("Role of Grace").locator("option:checked");
    await expect.poll(() => role.textContent()).toBe("Viewer");
    await expectAccessible(owner);
    // What is refused is no longer offered.
    await colleague.getByRole("link", { name: "API keys" }).click();
    await colleague.getByRole("heading", { name: "This page is for administrators" }).waitFor();
    await colleague.getByRole("link", { name: "API keys" }).waitFor({ state: "hidden" });
    await expectAccessible(colleague);
  });

  test("gets a link for a new password, which ends what was open", async () => {
    const { owner, colleague } = both();
    await openActions(owner, "Link for a new password");
    const link = await shownLink(owner);
    const elsewhere = await fixture.arrive();
    await elsewhere.goto(link);
    await elsewhere.getByLabel("New password").fill(ANOTHER);
    await expectAccessible(elsewhere);
    await elsewhere.getByRole("button", { name: "Set the password" }).click();
    await elsewhere.getByRole("heading", { name: "Widgets" }).waitFor();

    await colleague.reload();
    await colleague.getByLabel("Email address").fill(EMAIL);
    await colleague.getByRole("textbox", { name: "Password" }).fill(ANOTHER);
    await colleague.keyboard.press("Enter");
    await colleague.getByRole("heading", { name: "This page is for administrators" }).waitFor();
  });

  test("is removed, and is out", async () => {
    const { owner, colleague } = both();
    await openActions(owner, "Remove");
    await owner.getByRole("heading", { name: "Remove Grace?" }).waitFor();
    await expectAccessible(owner);
    await owner.getByRole("button", { name: "Remove", exact: true }).click();
    await owner.getByRole("button", { name: "Actions: Grace" }).waitFor({ state: "detached" });
    await colleague.reload();
    await colleague.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});
