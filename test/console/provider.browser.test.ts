import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { OIDC_CALLBACK } from "../../src/protocol/console-api.js";
import { TestProvider } from "../support/oidc-provider.js";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

const GRACE = { sub: "grace", email: "grace@acme.example", email_verified: true, name: "Grace" };
const OWNER = { sub: "owner", email: "owner@acme.example", email_verified: true };

describeInBrowser("a company's provider", () => {
  let provider: TestProvider | undefined;
  const fixture = useConsole({
    settingsFor: async (origin) => {
      // By another name than the platform, so that it is another site.
      provider = await TestProvider.start(`${origin}${OIDC_CALLBACK}`, "localhost");
      provider.hasPage = true;
      return provider.config;
    },
  });
  afterAll(() => provider?.stop());
  const pages: { owner?: Page; grace?: Page } = {};

  function acme(): TestProvider {
    if (!provider) throw new Error("There is no provider.");
    return provider;
  }

  async function signInAtAcme(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Sign in at Acme" }).click();
  }

  test("is connected by who is signed in, on their own page", async () => {
    const owner = await fixture.arrive();
    await owner.goto(fixture.platform.link);
    await owner.getByRole("button", { name: "Continue" }).click();
    await owner.getByRole("link", { name: "You" }).click();
    acme().person = OWNER;
    await owner.getByText("Not connected").waitFor();
    await expectAccessible(owner);
    await owner.getByRole("button", { name: "Connect Acme" }).click();
    await signInAtAcme(owner);
    await owner.getByText("From now on you can sign in with Acme.").waitFor();
    await owner.getByText("Connected", { exact: true }).waitFor();
    await owner.waitForURL(`${fixture.platform.origin}/console/you`);
    await expectAccessible(owner);
    pages.owner = owner;
  });

  test("lets nobody in who was not invited, and says so on the page", async () => {
    const grace = await fixture.arrive({ colorScheme: "dark" });
    await grace.goto(`${fixture.platform.origin}/console/people`);
    acme().person = undefined;
    await grace.getByRole("button", { name: "Continue with Acme" }).click();
    await signInAtAcme(grace);
    await grace.getByText("The sign-in at Acme was cancelled.").waitFor();
    acme().person = GRACE;
    await grace.getByRole("button", { name: "Continue with Acme" }).click();
    await signInAtAcme(grace);
    await grace.getByText("Nobody has invited you yet.").waitFor();
    await expectAccessible(grace);
    pages.grace = grace;
  });

  test("lets in who was invited, to where they were going", async () => {
    const { owner, grace } = pages;
    if (!owner || !grace) throw new Error("They have not come.");
    await owner.getByRole("link", { name: "People" }).click();
    await owner.getByRole("button", { name: "Invite somebody" }).click();
    await owner.getByLabel("Email address").fill(GRACE.email);
    await owner.getByLabel("Role", { exact: true }).selectOption("Administrator");
    await owner.getByRole("button", { name: "Make the link" }).click();
    await owner.getByText(/\/console\/link#/).waitFor();

    // Long ago at Acme: they are let in, and asked once more before a secret.
    acme().person = { ...GRACE, at: new Date(Date.now() - 3 * 3_600_000) };
    await grace.context().clearCookies({ domain: "localhost" });
    await grace.getByRole("button", { name: "Continue with Acme" }).click();
    await signInAtAcme(grace);
    await grace.getByRole("heading", { name: "People" }).waitFor();
    await grace.getByRole("link", { name: "Widgets" }).click();
    await grace.getByRole("heading", { name: "Widgets" }).waitFor();
  });

  test("is asked once more before a secret is made", async () => {
    const { grace } = pages;
    if (!grace) throw new Error("Grace has not come.");
    await grace.getByRole("link", { name: "API keys" }).click();
    await grace.getByRole("button", { name: "New key" }).first().click();
    await grace.getByLabel("Name").fill("Shop");
    await grace.getByLabel("Read agents").check();
    await grace.getByRole("button", { name: "Make the key" }).click();
    acme().person = GRACE;
    await grace.getByText("Acme asks you once more who you are.").waitFor();
    await expectAccessible(grace);
    await grace.getByRole("button", { name: "Continue with Acme" }).click();
    await signInAtAcme(grace);
    await grace.getByText("It is you.").waitFor();
    await expectAccessible(grace);
    await grace.waitForURL(`${fixture.platform.origin}/console/keys`);
    await grace.getByRole("button", { name: "New key" }).first().click();
    // What was entered is there again.
    await grace.getByRole("button", { name: "Make the key" }).click();
    await grace.getByRole("heading", { name: "Your new key" }).waitFor();
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});
