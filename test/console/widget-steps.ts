import type { Page } from "playwright-core";

/** The first two of the four steps, after which there is a widget that is not finished. @param page of the list */
export async function beginWidget(page: Page, website: string, agent = /./): Promise<void> {
  await page.getByRole("link", { name: "New widget" }).click();
  await page.getByRole("radio", { name: agent }).first().click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Websites").fill(website);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "How does it look?" }).waitFor();
}

/** The other two. Ends where the widget's snippet is shown. */
export async function publishBegun(page: Page, title: string): Promise<void> {
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("heading", { name: "Put it on your website" }).waitFor();
}

/** In pixels, with what one would have to scroll to. */
export function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}
