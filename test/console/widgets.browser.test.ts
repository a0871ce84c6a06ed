import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

describeInBrowser("an owner's widget", () => {
  const fixture = useConsole({ withAgent: true });
  const site = new OwnSite();
  const pages: { owner?: Page } = {};
  beforeAll(() => site.start());
  afterAll(() => site.stop());

  function owner(): Page {
    if (!pages.owner) throw new Error("The owner has not come.");
    return pages.owner;
  }

  test("is made in four steps, of which a reload loses nothing", async () => {
    const page = await fixture.arrive();
    pages.owner = page;
    await page.goto(fixture.platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: "Widgets" }).waitFor();
    await page
      .getByRole("link", { name: /^Snippet: / })
      .first()
      .waitFor();
    await expectAccessible(page);

    await page.getByRole("link", { name: "New widget" }).click();
    await page.getByRole("radio").first().click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Continue" }).click();

    await page.getByLabel("Websites").fill(site.origin);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Continue" }).click();

    await page.getByLabel("Title").fill("Nordhaus");
    await page.getByLabel("Greeting").fill("Ask about our chairs.");
    await page.getByLabel("Colour", { exact: true }).fill("#1d4ed8");
    await page.reload();
    expect(await page.getByLabel("Title").inputValue()).toBe("Nordhaus");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Continue" }).click();

    await page.getByRole("heading", { name: "Ready for visitors?" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByRole("heading", { name: "Put it on your website" }).waitFor();
  });

  test("answers on a page of one's own, by the snippet that the console shows", async () => {
    const page = owner();
    await page.getByRole("button", { name: "Shopify" }).click();
    await page.getByText("theme.liquid").waitFor();
    await expectAccessible(page);
    site.snippet = await page.getByLabel("The snippet").innerText();

    const visitor = await fixture.arrive();
    await visitor.goto(site.origin);
    await visitor.locator("parley-widget .launcher").first().click();
    const panel = visitor.locator("parley-widget").first().frameLocator("iframe");
    await panel.getByText("Ask about our chairs.").waitFor();
    await panel.locator("textarea").fill("What are your opening hours?");
    await panel.locator("textarea").press("Enter");
    await panel.locator('.message.agent[data-state="done"]').first().waitFor();
    await visitor.context().close();
  });

  test("is in the list with the talk that a visitor had", async () => {
    const page = owner();
    await page.getByRole("link", { name: "To the widgets" }).click();
    const row = page.getByRole("row", { name: /Nordhaus/ });
    await row.getByText("Live").waitFor();
    await row.getByText(/now|seconds? ago|minutes? ago/).waitFor();
    await expectAccessible(page);
  });

  test("is made in German, in the dark and on a phone, too", async () => {
    const page = await fixture.arrive({
      storageState: await owner().context().storageState(),
      locale: "de-DE",
      colorScheme: "dark",
      viewport: { width: 360, height: 740 },
    });
    await page.goto(`${fixture.platform.origin}/console/widgets`);
    await page.getByRole("heading", { name: "Widgets" }).waitFor();
    await page.getByRole("row", { name: /Nordhaus/ }).waitFor();
    expect(await widthOf(page)).toBeLessThanOrEqual(360);
    // What is refused is told in German, with the number as it is written there.
    const address = await page.getByRole("link", { name: /^Nordhaus/ }).getAttribute("href");
    await page.goto(`${fixture.platform.origin}${address}/access`);
    const minutes = page.getByLabel("Minuten eines Gesprächs", { exact: true });
    await minutes.fill("99999");
    const limits = page.locator("form").filter({ has: minutes });
    await limits.getByRole("button", { name: "Speichern" }).click();
    await limits.getByText("Der Wert darf höchstens 1.440 sein.").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Zu den Widgets" }).click();
    await page.getByRole("link", { name: "Neues Widget" }).click();
    await page.getByRole("radio").first().waitFor();
    await expectAccessible(page);
    expect(await widthOf(page)).toBeLessThanOrEqual(360);
  });

  test("has a browser that complained of nothing", () => {
    const ours = fixture.complaints.filter((text) => !text.includes(site.origin));
    expect(ours).toEqual([]);
  });
});

/** An owner's website: one page, with what its owner has pasted. */
class OwnSite {
  snippet = "";
  readonly #server: Server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Shop</title></head><body><h1>Shop</h1>${this.snippet}</body></html>`,
    );
  });

  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://localhost:${port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** In pixels, with what one would have to scroll to. */
function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}
