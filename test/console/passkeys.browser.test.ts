import type { CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

const PASSWORD = "a sentence that only Ada would think of";

/** A device with a fingerprint reader, whose owner says yes each time. */
async function withAuthenticator(page: Page): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const;
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  return devtools;
}

describeInBrowser("a person with a passkey", () => {
  const fixture = useConsole();

  /** The console by its name: an address of numbers has no passkeys. */
  const named = (path: string): string => {
    const { port } = new URL(fixture.platform.origin);
    return `http://localhost:${port}/console${path}`;
  };

  const signOut = async (page: Page): Promise<void> => {
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  };

  test("adds it, signs in with it, confirms with it, renames and removes it", async () => {
    const { platform, arrive } = fixture;
    const page = await arrive();
    await withAuthenticator(page);
    const [, token = ""] = platform.link.split("#");
    await page.goto(named(`/link#${token}`));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: "Widgets" }).waitFor();

    await page.goto(named("/you"));
    await page.getByText("You have none yet.").waitFor();
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByLabel("Name", { exact: true }).fill("My laptop");
    await page.reload();
    // What was entered is there again.
    await page.getByRole("button", { name: "Add a passkey" }).click();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("My laptop");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Not used yet").waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expectAccessible(page);

    // The same device has one already.
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Again");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("has a passkey of yours already").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await signOut(page);
    await page.goto(named("/you"));
    await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByRole("heading", { name: "You", exact: true }).waitFor();
    await page.getByText(/Added .* · Last used/).waitFor();

    // As the platform answers a quarter of an hour later. There is no password to be asked for.
    const refusal = { message: "Confirm.", extensions: { code: "CONFIRMATION_REQUIRED" } };
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("My scripts");
    await page.route("**/graphql", (route) => route.fulfill({ json: { errors: [refusal] } }), {
      times: 1,
    });
    await page.getByRole("button", { name: "Make the token" }).click();
    await page.getByRole("button", { name: "Use a passkey" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Password", exact: true }).count()).toBe(0);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByText(/^pat_\w+\.\S+$/).waitFor();
    await page.getByRole("button", { name: "Close" }).last().click();

    await page.getByRole("button", { name: "Rename: My laptop" }).click();
    await page.getByLabel("Name", { exact: true }).fill("My old laptop");
    await page.getByRole("button", { name: "Save" }).last().click();
    await page.getByRole("button", { name: "Remove: My old laptop" }).click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("You have none yet.").waitFor();

    await page.getByLabel("New password").fill(PASSWORD);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("Your password is changed.").waitFor();
    await signOut(page);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByText("not known here").waitFor();
    await expectAccessible(page);
  });

  test("reads in German, in the dark and on a phone, by which name there are passkeys", async () => {
    const { platform, arrive } = fixture;
    const page = await arrive({
      locale: "de-DE",
      colorScheme: "dark",
      viewport: { width: 390, height: 844 },
    });
    await page.goto(`${platform.origin}/console/you`);
    await page.getByLabel("E-Mail-Adresse").fill("admin@parley.example");
    await page.getByRole("textbox", { name: "Passwort" }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Passkeys" }).waitFor();
    const there = page.getByRole("link", { name: named("/you") });
    await there.waitFor();
    expect(await page.getByRole("button", { name: "Passkey hinzufügen" }).count()).toBe(0);
    await expectAccessible(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);

    await there.click();
    await page.getByRole("button", { name: "Mit einem Passkey anmelden" }).waitFor();
    await expectAccessible(page);
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});
