import { Secret, TOTP } from "otpauth";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

const PASSWORD = "a sentence that only Ada would think of";

describeInBrowser("a newcomer", () => {
  const fixture = useConsole();
  let email = "";

  test("comes from the link in the terminal to a password of their own, and signs in by it", async () => {
    const { platform, arrive } = fixture;
    const page = await arrive();
    await page.goto(platform.link);
    await page.getByRole("heading", { name: "Welcome to Parley" }).waitFor();
    expect(page.url()).toBe(`${platform.origin}/console/link`);
    await expectAccessible(page);
    email = / as (\S+@\S+),/.exec(await page.locator("main").innerText())?.[1] ?? "";
    expect(email).toContain("@");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: "Widgets" }).waitFor();
    await expectAccessible(page);

    await page.getByRole("link", { name: "You" }).click();
    await page.getByLabel("New password").fill(PASSWORD);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("Your password is changed.").waitFor();

    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await expectAccessible(page);

    await page.goto(`${platform.origin}/console/you`);
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill("not this one, surely");
    await page.keyboard.press("Enter");
    await page.getByText("do not belong together").waitFor();
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "You", exact: true }).waitFor();
    expect(page.url()).toBe(`${platform.origin}/console/you`);
  });

  test("finds that the link is good no longer", async () => {
    const page = await fixture.arrive();
    await page.goto(fixture.platform.link);
    await page.getByRole("heading", { name: "This link is no longer good" }).waitFor();
  });

  test("makes a key for a server, and ends it", async () => {
    const { platform, arrive } = fixture;
    const page = await arrive();
    await page.goto(`${platform.origin}/console/keys`);
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "New key" }).first().click();
    await page.getByRole("button", { name: "Make the key" }).click();
    await page.getByText("Choose at least one.").waitFor();
    await page.getByLabel("Name").fill("Shop server");
    await page.getByLabel("Read agents").check();

    // What was entered is there again after a reload.
    await page.reload();
    await page.getByRole("button", { name: "New key" }).first().click();
    expect(await page.getByLabel("Name").inputValue()).toBe("Shop server");
    expect(await page.getByLabel("Read agents").isChecked()).toBe(true);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Make the key" }).click();

    const secret = await page.getByText(/^ak_\w+\.\S+$/).innerText();
    const asked = async (): Promise<number> =>
      (
        await fetch(`${platform.origin}/core/agents`, {
          headers: { Authorization: `Bearer ${secret}` },
        })
      ).status;
    expect(await asked()).toBe(200);
    await page.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("button", { name: "Revoke: Shop server" }).click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByText("Revoked", { exact: true }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await asked()).toBe(401);
    await expectAccessible(page);
  });

  test("makes a token of their own, for which the password is asked again, and is out elsewhere", async () => {
    const { platform, arrive } = fixture;
    const signIn = async (): Promise<Page> => {
      const page = await arrive();
      await page.goto(`${platform.origin}/console/you`);
      await page.getByLabel("Email address").fill(email);
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "You", exact: true }).waitFor();
      return page;
    };
    const elsewhere = await signIn();
    const page = await signIn();
    await page.getByLabel("Your name").fill("Ada");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Your account Ada" }).waitFor();

    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("My scripts");
    // As the platform answers a quarter of an hour later.
    const refusal = { message: "Confirm.", extensions: { code: "CONFIRMATION_REQUIRED" } };
    let refusals = 2;
    await page.route("**/graphql", (route) => {
      const isAsked = route.request().postData()?.includes("createPersonalToken") ?? false;
      if (!isAsked || refusals === 0) return route.fallback();
      refusals -= 1;
      return route.fulfill({ json: { errors: [refusal] } });
    });
    await page.getByRole("button", { name: "Make the token" }).click();
    await page.getByRole("heading", { name: "It is you" }).waitFor();
    await page.getByRole("textbox", { name: "Password", exact: true }).press("Escape");
    await page.getByRole("heading", { name: "It is you" }).waitFor({ state: "detached" });
    await page.getByText("Nothing was done").waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("My scripts");
    await page.getByRole("button", { name: "Make the token" }).click();
    await page.getByRole("heading", { name: "It is you" }).waitFor();
    await page.getByRole("textbox", { name: "Password", exact: true }).fill("not this one, surely");
    await page.keyboard.press("Enter");
    await page.getByText("not your present password").waitFor();
    await page.getByRole("textbox", { name: "Password", exact: true }).fill(PASSWORD);
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await page.getByText(/^pat_\w+\.\S+$/).waitFor();
    await page.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("button", { name: "Revoke: My scripts" }).click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByRole("button", { name: "Revoke: My scripts" }).waitFor({ state: "detached" });

    const others = page.getByRole("button", { name: "Sign out there" });
    const count = await others.count();
    await others.first().click();
    await expect.poll(() => others.count()).toBe(count - 1);
    await elsewhere.reload();
    await elsewhere.getByRole("heading", { name: "Sign in" }).waitFor();
    await expectAccessible(page);
  });

  test("adds an authenticator app, is asked for its code, and takes it away again", async () => {
    const { platform, arrive } = fixture;
    const page = await arrive();
    const signIn = async (): Promise<void> => {
      await page.goto(`${platform.origin}/console/you`);
      await page.getByLabel("Email address").fill(email);
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.keyboard.press("Enter");
    };
    await signIn();
    await page.getByRole("button", { name: "Add an authenticator app" }).click();
    await page.getByRole("img", { name: "QR code for an authenticator app" }).waitFor();
    await expectAccessible(page);
    const secret = await page.getByText(/^[A-Z2-7]{32}$/).innerText();
    const app = new TOTP({ secret: Secret.fromBase32(secret) });
    await page.getByLabel("Code", { exact: true }).fill("12 34 56");
    await page.getByRole("button", { name: "Add the app" }).click();
    await page.getByText("This code is not good").waitFor();
    await page.getByLabel("Code", { exact: true }).fill(app.generate());
    await page.getByRole("button", { name: "Add the app" }).click();
    const codes = (await page.getByLabel("Recovery codes").innerText()).trim().split("\n");
    expect(codes).toHaveLength(10);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Close" }).last().click();
    await page.getByText("Recovery codes left: 10").waitFor();
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();

    await signIn();
    await page.getByRole("heading", { name: "One more step" }).waitFor();
    await expectAccessible(page);
    await page.getByLabel("Code", { exact: true }).fill("000000");
    await page.keyboard.press("Enter");
    await page.getByText("This code is not good").waitFor();
    // The present one was used: the next is good a little early.
    await page
      .getByLabel("Code", { exact: true })
      .fill(app.generate({ timestamp: Date.now() + 30_000 }));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "You", exact: true }).waitFor();

    await page.getByRole("button", { name: "Remove the app" }).click();
    await page.getByLabel("Code", { exact: true }).fill(codes[3] ?? "");
    await page.getByRole("button", { name: "Remove the app" }).last().click();
    await page.getByText("Not in use").waitFor();
    await expectAccessible(page);
  });

  test("reads it all in German, in the dark and on a phone, where the menu opens by the keyboard", async () => {
    const { platform, arrive } = fixture;
    const page = await arrive({
      locale: "de-DE",
      colorScheme: "dark",
      viewport: { width: 360, height: 740 },
    });
    await page.goto(`${platform.origin}/console/keys`);
    await page.getByLabel("E-Mail-Adresse").fill(email);
    await page.getByRole("textbox", { name: "Passwort" }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "API-Schlüssel" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("de");
    await page.getByRole("button", { name: "Menü" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Du", exact: true }).click();
    await page.getByRole("heading", { name: "Du", exact: true }).waitFor();
    await expectAccessible(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});
