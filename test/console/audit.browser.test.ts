import { expect, test } from "vitest";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

describeInBrowser("an administrator", () => {
  const fixture = useConsole();

  test("reads who changed what, and narrows it down in the address", async () => {
    const { platform, arrive } = fixture;
    const page = await arrive();
    await page.goto(platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("link", { name: "People" }).click();
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByLabel("Email address").fill("grace@shop.example");
    await page.getByRole("button", { name: "Make the link" }).click();
    await page.getByText(/\/console\/link#/).waitFor();
    await page.getByRole("button", { name: "Close" }).last().click();

    await page.getByRole("link", { name: "Audit log" }).click();
    const entry = page.getByRole("button", { name: "invitation.create" });
    await entry.click();
    await page.getByText("In the console").waitFor();
    await page.getByRole("row", { name: /role.*viewer/i }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Only this action" }).click();
    await page.waitForURL(`${platform.origin}/console/audit?action=invitation.create`);

    await page.getByRole("textbox", { name: "Action" }).fill("widget.delete");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Nothing like this" }).waitFor();
    await expectAccessible(page);
    await page.reload();
    await page.getByRole("heading", { name: "Nothing like this" }).waitFor();
    await page.getByRole("button", { name: "Show everything" }).click();
    await entry.waitFor();
    expect(page.url()).toBe(`${platform.origin}/console/audit`);
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});
