import type { FrameLocator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

const BLUE = "#1d4ed8";
/** What a page shows on a busy machine. */
const SOON = { timeout: 45_000 };

describeInBrowser("a widget's editor", () => {
  const fixture = useConsole();
  const pages: { owner?: Page } = {};

  function owner(): Page {
    if (!pages.owner) throw new Error("The owner has not come.");
    return pages.owner;
  }

  function panel(page: Page): FrameLocator {
    return page.frameLocator('iframe[title="Preview"]');
  }

  /** As it is in the preview. */
  function sendButtonColor(page: Page): Promise<string> {
    return panel(page)
      .locator("html")
      .evaluate((html) => html.style.getPropertyValue("--control"));
  }

  function widgetId(page: Page): string {
    return /\/widgets\/([\w-]+)/.exec(page.url())?.[1] ?? "";
  }

  async function publicConfig(page: Page): Promise<Record<string, never>> {
    const path = `/core/public/web-widgets/${widgetId(page)}`;
    const answer = await fetch(fixture.platform.origin + path);
    return ((await answer.json()) as { config: Record<string, never> }).config;
  }

  test("is opened from the list, with the real panel beside it", async () => {
    const page = await fixture.arrive();
    pages.owner = page;
    await page.setViewportSize({ width: 1400, height: 1000 });
    await page.goto(fixture.platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("row").nth(1).getByRole("link").first().click();
    await panel(page).locator(".app").waitFor();
    await page.getByLabel("Main colour").waitFor();
    await expectAccessible(page);
  });

  test("shows in the preview what is changed, and undoes it", async () => {
    const page = owner();
    const before = await sendButtonColor(page);
    await page.getByLabel("Main colour").fill(BLUE);
    await expect.poll(() => sendButtonColor(page), SOON).toBe(BLUE);
    await page.keyboard.press("Control+z");
    await expect.poll(() => sendButtonColor(page), SOON).toBe(before);
    await page.getByRole("button", { name: "Redo" }).click();
    await expect.poll(() => sendButtonColor(page), SOON).toBe(BLUE);
    await page.getByRole("button", { name: "Texts" }).click();
    await page.getByLabel("Title", { exact: true }).fill("Nordhaus");
    await panel(page).getByText("Nordhaus").first().waitFor();
  });

  test("keeps a draft over a reload and for another browser, of which visitors see nothing", async () => {
    const page = owner();
    await page.getByText("Your draft is kept.").waitFor();
    await page.reload();
    await expect.poll(() => page.getByLabel("Main colour").inputValue(), SOON).toBe(BLUE);
    const storageState = await page.context().storageState();
    const elsewhere = await fixture.arrive({ storageState });
    await elsewhere.goto(page.url());
    await expect.poll(() => elsewhere.getByLabel("Main colour").inputValue(), SOON).toBe(BLUE);
    await elsewhere.context().close();
    expect(JSON.stringify(await publicConfig(page))).not.toContain(BLUE);
  });

  test("tells what is different from what visitors see", async () => {
    const page = owner();
    await page.getByRole("button", { name: /changes?$/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("On light ground: Buttons").waitFor();
    await dialog.getByText("Nordhaus").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  test("warns of a text that is hard to read, and makes it readable", async () => {
    const page = owner();
    const light = page.getByRole("group", { name: "On light ground" });
    await light.getByLabel("Text of buttons").fill("#2255dd");
    await light
      .getByRole("alert")
      .getByText(/hard to read/)
      .waitFor();
    await expectAccessible(page);
    await light.getByRole("button", { name: "Fix the contrast" }).click();
    await expect.poll(() => light.getByLabel("Text of buttons").inputValue(), SOON).toBe("#ffffff");
  });

  test("shows the panel at every moment, in the dark, on a phone, in another language", async () => {
    const page = owner();
    const moment = page.getByLabel("Moment");
    await moment.selectOption("transcript");
    await panel(page).getByText("Which chairs fit a small kitchen?").waitFor();
    await page.getByLabel("Language of the preview").selectOption("de");
    await panel(page).locator('html[lang="de"]').waitFor();
    await page.getByText("Dark", { exact: true }).last().click();
    await panel(page).locator('html[data-theme="dark"]').waitFor();
    await page.getByText("Phone", { exact: true }).click();
    await moment.selectOption("voice-listening");
    await panel(page).locator(".voice").first().waitFor();
    await moment.selectOption("closed");
    await panel(page).locator("parley-widget .launcher").click();
    await panel(page).locator(".app").waitFor();
    expect(await moment.inputValue()).toBe("empty");
  });

  test("tells a value that is refused at its field", async () => {
    const page = owner();
    const picture = page.getByLabel("The agent’s picture");
    await picture.fill("ftp://pictures.example/ada.png");
    await page.getByRole("button", { name: "Save for visitors" }).click();
    await page.getByText("Not saved").waitFor();
    await page.getByText(/This is no https address/).waitFor();
    expect(await picture.getAttribute("aria-invalid")).toBe("true");
    await expectAccessible(page);
    await picture.fill("");
  });

  test("is saved, and then visitors see it", async () => {
    const page = owner();
    await page.getByRole("button", { name: "Save for visitors" }).click();
    await page.getByText("Visitors see it as it is here.").waitFor();
    const text = JSON.stringify(await publicConfig(page));
    expect(text).toContain(BLUE);
    expect(text).toContain("Nordhaus");
    await page.reload();
    await page.getByText("Visitors see it as it is here.").waitFor();
  });

  test("does not replace what somebody else has saved meanwhile", async () => {
    const page = owner();
    const storageState = await page.context().storageState();
    const colleague = await fixture.arrive({ storageState });
    await colleague.goto(page.url());
    const subtitle = (of: Page) => of.getByLabel("Below the title");
    for (const one of [page, colleague]) {
      await one.getByRole("button", { name: "Texts" }).click();
    }
    await subtitle(page).fill("Chairs");
    await page.getByText("Your draft is kept.").waitFor();
    await subtitle(colleague).fill("Lamps");
    await colleague.getByRole("button", { name: "Save for visitors" }).click();
    await colleague.getByText("Visitors see it as it is here.").waitFor();
    await colleague.context().close();
    await page.getByRole("button", { name: "Save for visitors" }).click();
    await page.getByText("Somebody has saved since you began").waitFor();
    await expectAccessible(page);
    expect(JSON.stringify(await publicConfig(page))).toContain("Lamps");
    await page.getByRole("button", { name: "Save mine over it" }).click();
    await page.getByText("Visitors see it as it is here.").waitFor();
    expect(JSON.stringify(await publicConfig(page))).toContain("Chairs");
  });

  test("is there in German, in the dark and on a phone, too", async () => {
    const page = await fixture.arrive({
      storageState: await owner().context().storageState(),
      locale: "de-DE",
      colorScheme: "dark",
      viewport: { width: 390, height: 780 },
    });
    await page.goto(owner().url());
    await page.getByLabel("Hauptfarbe").waitFor();
    await expectAccessible(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    await page.getByRole("button", { name: "Vorschau" }).click();
    const shown = page.frameLocator('iframe[title="Vorschau"]');
    await shown.locator(".app").waitFor();
    await page.getByLabel("Augenblick").selectOption("transcript");
    await page.getByLabel("Sprache der Vorschau").selectOption("de");
    await shown.getByText("Welche Stühle passen in eine kleine Küche?").waitFor();
    await page.getByLabel("Sprache der Vorschau").selectOption("fr");
    await shown.getByText("Which chairs fit a small kitchen?").waitFor();
    await expectAccessible(page);
    await page.context().close();
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});
