import { createServer, type Server } from "node:http";
import type { BrowserContextOptions, FrameLocator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.js";
import { mayUseNginx, Nginx } from "../support/nginx.js";
import { describeInBrowser, expectAccessible, useConsole } from "./support.js";

const NAMES = {
  public: "parley.example",
  console: "console.parley.example",
  preview: "preview.parley.example",
} as const;
/** Of the same site, as browsers see it, and somebody else's. */
const NEIGHBOUR = "neighbour.parley.example";
const QUESTION = "Do you ship to Norway?";
const DRAFT = {
  starting_message: { type: "user_initiates" },
  faq: [{ question: QUESTION, answer: "Yes, in four days." }],
};
/** Who answers for these names has no certificate of an authority. */
const TRUSTING: BrowserContextOptions = { ignoreHTTPSErrors: true };

describeInBrowser("a console with a host of its own, behind nginx with TLS,", () => {
  const places = { public: "", console: "", preview: "" };
  const shop = new Shop();
  const parts: { nginx?: Nginx; owner?: Page } = {};
  // Before the proxy, which asks where it is.
  beforeAll(() => shop.open());
  const fixture = useConsole({
    withAgent: true,
    settingsFor: behindNginx,
    // Made-up hosts on this machine; nothing leaves it.
    flags: ["--host-resolver-rules=MAP *.example 127.0.0.1"],
  });
  afterAll(async () => {
    shop.close();
    await parts.nginx?.stop();
  });

  async function behindNginx(proxyPass: string): Promise<Record<string, string>> {
    const port = await freePort();
    for (const name of ["public", "console", "preview"] as const)
      places[name] = `https://${NAMES[name]}:${port}`;
    shop.neighbour = `https://${NEIGHBOUR}:${port}`;
    parts.nginx = await Nginx.start([
      { port, proxyPass, path: "/", names: Object.values(NAMES) },
      { port, proxyPass: shop.address, path: "/", names: [NEIGHBOUR] },
    ]);
    return {
      TRUST_PROXY: "1",
      PUBLIC_URL: places.public,
      CONSOLE_URL: places.console,
      CONSOLE_PREVIEW_URL: places.preview,
    };
  }

  function owner(): Page {
    if (!parts.owner) throw new Error("The owner has not come.");
    return parts.owner;
  }

  describe.skipIf(!mayUseNginx)("which all names have,", () => {
    test("is where the start's link leads, and keeps its session there alone", async () => {
      const page = await fixture.arrive(TRUSTING);
      parts.owner = page;
      expect(new URL(fixture.platform.link).origin).toBe(places.console);
      await page.goto(fixture.platform.link);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { name: "Widgets" }).waitFor();
      await page
        .getByRole("link", { name: /^Snippet: / })
        .first()
        .waitFor();
      await expectAccessible(page);
      const cookies = await page.context().cookies();
      expect(
        cookies.map(({ name, domain, secure, httpOnly }) => ({ name, domain, secure, httpOnly })),
      ).toEqual([{ name: "__Host-parley", domain: NAMES.console, secure: true, httpOnly: true }]);
    });

    test("shows the real panel in the editor", async () => {
      const page = owner();
      await page.getByRole("row").nth(1).getByRole("link").first().click();
      await page.frameLocator('iframe[title="Preview"]').locator(".app").waitFor();
      await page.getByLabel("Main colour").waitFor();
      await expectAccessible(page);
    });

    test("has versions tried at the third host", async () => {
      const page = owner();
      await page.getByRole("link", { name: "Agents" }).click();
      await page.getByRole("button", { name: "New agent" }).click();
      await page.getByLabel("Name").fill("Nordhaus");
      await page.getByRole("button", { name: "Make the agent" }).click();
      await page.getByRole("tab", { name: "JSON" }).click();
      await page.getByLabel("The whole version as JSON").fill(JSON.stringify(DRAFT));
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("Everything is saved").waitFor();
      await page.getByRole("button", { name: "Try it" }).click();
      const frame = page.locator("iframe");
      expect(new URL((await frame.getAttribute("src")) ?? "").origin).toBe(places.preview);
      await ask(page.frameLocator("iframe"));
      await page.getByRole("log", { name: "Transcript" }).getByText("Yes, in four days.").waitFor();
      // A host of its own, by https, has a microphone.
      await page.frameLocator("iframe").getByLabel("Talk by voice").waitFor();
      expect(await page.getByText("It is written here.").count()).toBe(0);
      await expectAccessible(page);
      await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
    });

    test("names the public host in the snippet, by which a visitor is answered, and shows the talk", async () => {
      const page = owner();
      await page.getByRole("link", { name: "Widgets" }).click();
      await page
        .getByRole("link", { name: /^Snippet: / })
        .first()
        .click();
      shop.snippet = await page.getByLabel("The snippet").innerText();
      expect(shop.snippet).toContain(`src="${places.public}/public/embed/`);
      await page.getByRole("link", { name: "Conversations" }).click();
      await page.getByRole("heading", { name: "No conversations yet" }).waitFor();

      const visitor = await fixture.arrive(TRUSTING);
      await visitor.goto(shop.origin);
      await visitor.locator("parley-widget .launcher").first().click();
      const panel = visitor.locator("parley-widget").first().frameLocator("iframe");
      await panel.locator("textarea").fill("Can I return my order?");
      await panel.locator("textarea").press("Enter");
      await panel
        .locator('.message.agent[data-state="done"]')
        .getByText("30 days")
        .first()
        .waitFor();
      await page.getByRole("row").filter({ hasText: "Guest" }).getByRole("link").click();
      await page.getByRole("log").getByText("Can I return my order?").waitFor();
      await visitor.context().close();
    });

    test("serves nothing of the widget, and the other hosts nothing of it", async () => {
      const page = await owner().context().newPage();
      const loader = /public\/embed\/[\w-]+/.exec(shop.snippet)?.[0] ?? "";
      const answers: [status: number, address: string][] = [];
      for (const [place, path] of [
        [places.public, "console/"],
        [places.public, "console/api/options"],
        [places.preview, "console/"],
        [places.preview, "graphql"],
        [places.preview, loader],
        [places.console, loader],
        [places.console, `${loader}/panel`],
        [places.console, "public/embed/draft-preview/panel"],
        [places.console, "core/docs"],
        [places.console, "demo"],
        [places.public, "demo"],
        [places.public, loader],
      ] as const) {
        const answer = await page.goto(`${place}/${path}`);
        answers.push([answer?.status() ?? 0, `${place}/${path}`]);
      }
      expect(answers.filter(([status]) => status !== 404)).toEqual([
        [200, `${places.public}/demo`],
        [200, `${places.public}/${loader}`],
      ]);
      await page.goto(places.console);
      await page.waitForURL(`${places.console}/console/widgets`);
      await page.getByRole("heading", { name: "Widgets" }).waitFor();
      await page.close();
    });

    test("takes nothing from a neighbour, which is the same site to browsers", async () => {
      const page = await owner().context().newPage();
      await page.goto(shop.neighbour);
      const graphql = `${places.console}/graphql`;
      const rename = JSON.stringify({
        query: `mutation { updateViewer(input: { name: "Mallory" }) { viewer { user { name } } } }`,
      });
      const outcomes = await page.evaluate(
        async ([open = "", closed = "", body = ""]) => {
          // Nobody else's page puts another session in the place of the one that is there.
          document.cookie = "__Host-parley=mallory; path=/; secure; domain=parley.example";
          const said = (to: string, init: RequestInit): Promise<string> =>
            fetch(to, init).then(
              ({ status }) => `${status}`,
              (error: Error) => error.message,
            );
          const headers = { "Content-Type": "application/json", "X-Parley-Console": "1" };
          return [
            await said(open, {}),
            await said(closed, { method: "POST", credentials: "include", body, headers }),
          ];
        },
        [shop.snippet.replace(/^.*?src="([^"]+)".*$/, "$1"), graphql, rename],
      );
      expect(outcomes).toEqual(["200", "Failed to fetch"]);

      // A form goes there with the cookie, for it opens a page.
      const [sent] = await Promise.all([
        page.waitForResponse((response) => response.url() === graphql),
        page.evaluate(
          ([action = "", body = ""]) => {
            const form = document.createElement("form");
            const field = document.createElement("input");
            Object.assign(form, { action, method: "post", enctype: "text/plain" });
            Object.assign(field, { name: body.slice(0, -1), value: "}" });
            form.append(field);
            document.body.append(form);
            form.submit();
          },
          [graphql, rename],
        ),
      ]);
      expect(sent.status()).toBe(415);
      expect(await sent.request().headerValue("cookie")).toContain("__Host-parley=");
      await page.close();
      await owner().reload();
      await owner().getByRole("button", { name: "Your account Demo administrator" }).waitFor();
    });

    test("has a browser that complained of nothing", () => {
      expect(fixture.complaints).toEqual([]);
    });
  });
});

async function ask(panel: FrameLocator): Promise<void> {
  await panel.locator("textarea").fill(QUESTION);
  await panel.locator("textarea").press("Enter");
  await panel
    .locator('.message.agent[data-state="done"]')
    .getByText("Yes, in four days.")
    .waitFor();
}

/** A website with the snippet on it. */
class Shop {
  snippet = "";
  origin = "";
  /** Where its server is, for a proxy. */
  address = "";
  /** Where the proxy has it, too. */
  neighbour = "";
  readonly #server: Server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(
      `<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,"></head><body><h1>Shop</h1>${this.snippet}</body></html>`,
    );
  });

  async open(): Promise<void> {
    const port = await freePort();
    this.origin = `http://shop.example:${port}`;
    this.address = `http://127.0.0.1:${port}`;
    await new Promise<void>((resolve) => {
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
