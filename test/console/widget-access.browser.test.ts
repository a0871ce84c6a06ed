import { SignJWT } from "jose";
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  arriveOnGermanPhone,
  describeInBrowser,
  expectAccessible,
  expectAccessibleInBoth,
  inviteViewer,
  useConsole,
} from "./support.js";
import { beginWidget, publishBegun, widthOf } from "./widget-steps.js";

describeInBrowser("a widget's access", () => {
  const fixture = useConsole();
  const pages: { owner?: Page } = {};

  function owner(): Page {
    if (!pages.owner) throw new Error("The owner has not come.");
    return pages.owner;
  }

  /** As programs of visitors see it. */
  function asVisitor(path = "", init?: RequestInit): Promise<Response> {
    const id = /\/widgets\/([\w-]+)/.exec(owner().url())?.[1] ?? "";
    return fetch(`${fixture.platform.origin}/core/public/web-widgets/${id}${path}`, init);
  }

  function start(fields: object): Promise<Response> {
    return asVisitor("/conversations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    });
  }

  test("is opened from the list, after a begun widget was gone on with, and another given up", async () => {
    const page = await fixture.arrive();
    pages.owner = page;
    await page.goto(fixture.platform.link);
    await page.getByRole("button", { name: "Continue" }).click();
    const unfinished = page.getByRole("row").filter({ hasText: "Not finished" });

    await beginWidget(page, "left.example");
    await page.getByRole("link", { name: "Widgets" }).click();
    await unfinished.getByText("left.example").waitFor();
    await expectAccessible(page);
    await unfinished.getByRole("link", { name: /^Go on: / }).click();
    await page.getByRole("button", { name: "Give it up" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Give this widget up?").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Give it up" }).click();
    await page
      .getByRole("link", { name: /^Snippet: / })
      .first()
      .waitFor();
    await page.getByText("left.example").waitFor({ state: "detached" });

    await beginWidget(page, "shop.example");
    await page.getByRole("link", { name: "Widgets" }).click();
    await unfinished.getByRole("link", { name: /^Go on: / }).click();
    await publishBegun(page, "Nordhaus");
    await page.getByRole("link", { name: "To the widgets" }).click();
    await page.getByRole("link", { name: "Nordhaus", exact: true }).click();
    await page.getByRole("link", { name: "Access", exact: true }).click();
    await panel(page, "Visitors").getByRole("button", { name: "Unpublish" }).waitFor();
    await unfinished.waitFor({ state: "detached" });
    await expectAccessibleInBoth(page);
  });

  test("names the websites, of which one that is none is told where it stands", async () => {
    const page = owner();
    const websites = panel(page, "Websites that may show it");
    expect(await websites.getByLabel("Website 1", { exact: true }).inputValue()).toBe(
      "https://shop.example",
    );
    await websites.getByRole("button", { name: "Add a website" }).click();
    await websites.getByLabel("Website 2", { exact: true }).fill("not a website");
    await websites.getByRole("button", { name: "Add a website" }).click();
    await websites.getByLabel("Website 3", { exact: true }).fill("Chairs.Example/sale?x=1");
    await websites.getByRole("button", { name: "Save" }).click();
    await websites.getByText("This is no website.").waitFor();
    const second = websites.getByLabel("Website 2", { exact: true });
    expect(await second.getAttribute("aria-invalid")).toBe("true");
    expect(await websites.getByRole("alert").count()).toBe(1);
    await expectAccessibleInBoth(page);

    // What was typed is there still, and nothing of it is saved.
    await page.reload();
    await websites.getByLabel("Website 3", { exact: true }).waitFor();
    expect(await second.inputValue()).toBe("not a website");
    await websites.getByRole("button", { name: "Remove website 2" }).click();
    await save(websites);
    await page.reload();
    await second.waitFor();
    expect(await second.inputValue()).toBe("https://chairs.example");
    expect(await websites.getByLabel(/^Website \d$/).count()).toBe(2);
    const config = (await (await asVisitor()).json()) as { domains: unknown };
    expect(config.domains).toEqual(["https://shop.example", "https://chairs.example"]);
  });

  test("can be strict, which keeps out who knows the widget's id alone", async () => {
    const page = owner();
    const security = panel(page, "Security");
    const becomes = (checked: boolean): Promise<void> =>
      security.getByRole("switch", { name: "Strict", checked }).waitFor({ state: "attached" });
    const turn = async (on: boolean): Promise<void> => {
      await security.getByText("Strict", { exact: true }).click();
      await becomes(on);
    };
    expect((await start({ user_id: "guest" })).status).toBe(200);
    await turn(true);
    await page.reload();
    await becomes(true);
    await save(security);
    expect((await start({ user_id: "guest" })).status).toBe(403);
    await page.reload();
    await becomes(true);
    await turn(false);
    await security.getByRole("button", { name: "Discard" }).click();
    await becomes(true);
    await turn(false);
    await save(security);
    expect((await start({ user_id: "guest" })).status).toBe(200);
  });

  test("can need the website's signature, by a secret that is shown once", async () => {
    const page = owner();
    const security = panel(page, "Security");
    await security.getByLabel("Always signed by your server").check();
    await save(security);
    const visitors = panel(page, "Visitors");
    await visitors.getByText("there is no secret yet").waitFor();
    await expectAccessibleInBoth(page);
    await visitors.getByRole("link", { name: "Make an identity secret" }).click();
    expect(page.url()).toMatch(/\/access#identity-secret$/);

    const identity = panel(page, "Identity secret");
    await identity.getByText("env.PARLEY_IDENTITY_SECRET").waitFor();
    await identity.getByRole("tab", { name: "Python" }).click();
    await identity.getByText('os.environ["PARLEY_IDENTITY_SECRET"]').waitFor();
    const secret = await newSecret(page);
    await visitors.getByText("there is no secret yet").waitFor({ state: "detached" });
    expect(await page.content()).not.toContain(secret);
    expect((await start({ user_id: "ada" })).status).toBe(401);
    expect((await start({ user_id: "ada", identity_token: await signed(secret) })).status).toBe(
      200,
    );

    const next = await newSecret(page, "The secret before stays good until");
    await page.reload();
    await identity.waitFor();
    expect(await page.content()).not.toContain(next);
    for (const good of [secret, next])
      expect((await start({ user_id: "ada", identity_token: await signed(good) })).status).toBe(
        200,
      );
    await security.getByLabel("Whoever they say").check();
    await save(security);
  });

  test("has limits, and tells what is used of them and how many were turned away", async () => {
    const page = owner();
    const limits = panel(page, "Limits");
    const usage = panel(page, "Use and limits");
    const talks = limits.getByLabel("Talks at the same time");
    const starts = limits.getByLabel("Starts a minute");
    await starts.fill("600");
    await talks.fill("0");
    await limits.getByRole("button", { name: "Save" }).click();
    await limits.getByRole("alert").getByText("It must be at least 1.").waitFor();
    await expectAccessibleInBoth(page);
    await talks.fill("1");
    await save(limits);
    await usage.getByText(/^\d of 1$/).waitFor();
    // The talks of the tests before have no limit, and so no share.
    expect((await start({ user_id: "first" })).status).toBe(200);
    expect((await start({ user_id: "second" })).status).toBe(429);

    await page.reload();
    await usage.getByText("Turned away today: 1").waitFor();
    expect(await talks.inputValue()).toBe("1");
    expect(await starts.inputValue()).toBe("600");
    await expectAccessible(page);
    await talks.fill("1200");
    await starts.fill("");
    await save(limits);
    await page.reload();
    await usage.getByText("of 1,200").waitFor();
    expect(await starts.inputValue()).toBe("");
    expect((await start({ user_id: "second" })).status).toBe(200);
  });

  test("is taken from all visitors who are known, after a question", async () => {
    const page = owner();
    const { visitor_token: token } = (await (await start({ user_id: "guest" })).json()) as {
      visitor_token: string;
    };
    const own = async (): Promise<number> =>
      (await asVisitor("/conversations?own=true", { headers: { "x-visitor-token": token } }))
        .status;
    expect(await own()).toBe(200);
    const end = panel(page, "For good");
    const dialog = page.getByRole("dialog");
    await end.getByRole("button", { name: "Sign out all visitors" }).click();
    await dialog.getByText("Every talk of now ends").waitFor();
    await expectAccessibleInBoth(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await own()).toBe(200);
    await end.getByRole("button", { name: "Sign out all visitors" }).click();
    await dialog.getByRole("button", { name: "Sign out all visitors" }).click();
    await end.getByText("All visitors are signed out.").waitFor();
    await dialog.waitFor({ state: "detached" });
    expect(await own()).toBe(401);
  });

  test("ends with its publication, and is there again with it", async () => {
    const page = owner();
    const visitors = panel(page, "Visitors");
    const dialog = page.getByRole("dialog");
    expect((await asVisitor()).status).toBe(200);
    await visitors.getByRole("button", { name: "Unpublish" }).click();
    await dialog.getByText("Unpublish “Nordhaus”?").waitFor();
    await dialog.getByRole("button", { name: "Unpublish" }).click();
    await visitors.getByText("no visitor sees it").waitFor();
    await dialog.waitFor({ state: "detached" });
    expect((await asVisitor()).status).toBe(404);
    await expectAccessible(page);
    await visitors.getByRole("button", { name: "Publish", exact: true }).click();
    await visitors.getByRole("button", { name: "Unpublish" }).waitFor();
    expect((await asVisitor()).status).toBe(200);
  });

  test("is read and not changed by a viewer", async () => {
    const page = owner();
    const address = page.url();
    const viewer = await inviteViewer(fixture, page);
    await page.goto(address);
    await viewer.getByRole("link", { name: "Nordhaus", exact: true }).click();
    await viewer.getByText("Your role shows this page").waitFor();
    expect(viewer.url()).toBe(address.replace(/#.*$/, ""));
    await panel(viewer, "Websites that may show it").getByText("https://chairs.example").waitFor();
    await panel(viewer, "Use and limits").getByText("of 1,200").waitFor();
    await viewer.getByText("Your role does not show the security settings").waitFor();
    const main = viewer.getByRole("main");
    for (const role of ["button", "textbox", "switch", "radio"] as const)
      expect(await main.getByRole(role).count(), role).toBe(0);
    await expectAccessibleInBoth(viewer);
    await viewer.context().close();
  });

  test("is there in German and on a phone, too", async () => {
    const page = await arriveOnGermanPhone(fixture, owner());
    await page.goto(owner().url());
    await panel(page, "Nutzung und Grenzen").getByText("von 1.200").waitFor();
    await panel(page, "Besucher").getByRole("button", { name: "Zurückziehen" }).waitFor();
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    await expectAccessibleInBoth(page);
    await page.getByRole("button", { name: "Neues Geheimnis erzeugen" }).click();
    await page.getByRole("dialog").getByText("gilt noch eine Stunde").waitFor();
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    await page.context().close();
  });

  test("ends for good with the widget, which is in the list no more", async () => {
    const page = owner();
    const dialog = page.getByRole("dialog");
    await panel(page, "For good").getByRole("button", { name: "Delete the widget" }).click();
    await dialog.getByText("Delete “Nordhaus”?").waitFor();
    await expectAccessibleInBoth(page);
    const url = page.url();
    await dialog.getByRole("button", { name: "Delete the widget" }).click();
    await page.getByRole("heading", { name: "Widgets", exact: true }).waitFor();
    await page
      .getByRole("link", { name: /^Snippet: / })
      .first()
      .waitFor();
    await page.getByRole("link", { name: "Nordhaus", exact: true }).waitFor({ state: "detached" });
    await page.goto(url);
    await page.getByRole("heading", { name: "This widget is not there" }).waitFor();
    expect((await asVisitor()).status).toBe(404);
    await expectAccessibleInBoth(page);
  });

  test("has a browser that complained of nothing", () => {
    expect(fixture.complaints).toEqual([]);
  });
});

/** The part of the page that has this heading. */
function panel(page: Page, title: string): Locator {
  const heading = page.getByRole("heading", { level: 2, name: title, exact: true });
  return page.locator("section").filter({ has: heading });
}

/** Saves what was changed in a part of the page. */
async function save(part: Locator): Promise<void> {
  await part.getByRole("button", { name: "Save" }).click();
  await part.getByText("Saved", { exact: true }).waitFor();
}

/** @param said what the dialog says beside it */
async function newSecret(page: Page, said?: string): Promise<string> {
  const dialog = page.getByRole("dialog");
  await panel(page, "Identity secret").getByRole("button", { name: "Make a new secret" }).click();
  await dialog.getByText("Make a new identity secret?").waitFor();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Make a new secret" }).click();
  const secret = dialog.getByLabel("Identity secret");
  await secret.waitFor();
  // The question has gone, and the answer has come.
  await dialog.getByText("Make a new identity secret?").waitFor({ state: "detached" });
  if (said !== undefined) await dialog.getByText(said).waitFor();
  const value = await secret.innerText();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await dialog.waitFor({ state: "detached" });
  return value;
}

/** As the page's first sample signs, for Ada. */
function signed(secret: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("ada")
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(secret));
}
