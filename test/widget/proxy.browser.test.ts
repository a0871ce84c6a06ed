import { afterAll, afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.js";
import { mayUseNginx, Nginx } from "../support/nginx.js";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const PLACES = ["strips the path", "passes the path on"] as const;

const ports = { platform: 0, "strips the path": 0, "passes the path on": 0 };
let nginx: Nginx | undefined;
let visitor: Visitor;

const world = useBrowser({ env: behindNginx });
afterAll(() => nginx?.stop());
afterEach(() => visitor.leave());

/** `PUBLIC_URL` names the first place; the second shows the other habit of proxies. */
async function behindNginx(): Promise<Record<string, string>> {
  for (const name of ["platform", ...PLACES] as const) ports[name] = await freePort();
  const upstream = `http://127.0.0.1:${ports.platform}`;
  nginx = await Nginx.start([
    { port: ports["strips the path"], proxyPass: `${upstream}/` },
    { port: ports["passes the path on"], proxyPass: upstream },
  ]);
  return {
    PORT: String(ports.platform),
    PUBLIC_URL: `https://localhost:${ports["strips the path"]}/chat/`,
    TRUST_PROXY: "1",
  };
}

describeInBrowser("behind nginx with TLS, below a path,", () => {
  describe.skipIf(!mayUseNginx).each(PLACES)("which %s,", (place) => {
    const base = (): string => `https://localhost:${ports[place]}/chat`;

    async function arrive(): Promise<{ problems: string[] }> {
      visitor = await Visitor.arrive(world.browser, { ignoreHTTPSErrors: true });
      const problems: string[] = [];
      const { origin } = new URL(base());
      visitor.page.on("response", (response) => {
        const url = response.url();
        // LiveKit is another server, which no proxy stands before.
        if (!url.startsWith(origin)) return;
        if (response.status() >= 400 || !url.startsWith(`${base()}/`)) {
          problems.push(`${response.status()} ${url}`);
        }
      });
      return { problems };
    }

    it("the snippet opens a panel, and a message is sent and answered", async () => {
      const { problems } = await arrive();
      const id = await world.platform.widget({
        agent: {
          starting_message: { type: "user_initiates" },
          faq: [{ question: "Do you ship to Norway?", answer: "Yes, in four days." }],
        },
      });
      const { data } = await world.platform.api("POST", "/graphql", {
        query: `{ widget(id: "${id}") { embedSnippet } }`,
      });
      const { embedSnippet } = (data as { widget: { embedSnippet: string } }).widget;
      const own = `https://localhost:${ports["strips the path"]}/chat`;
      expect(embedSnippet).toBe(`<script async src="${own}/public/embed/${id}"></script>`);
      const body = embedSnippet.replace(own, base());
      await visitor.open(world.site.origin() + world.site.page({ body }));
      await visitor.say("Do you ship to Norway?");
      expect(await visitor.answer()).toContain("in four days");
      expect(problems).toEqual([]);
      expect(await world.platform.conversations(id)).toHaveLength(1);
    });

    it("the shop, the REST documentation and GraphiQL have all that they load", async () => {
      const { problems } = await arrive();
      const { page } = visitor;
      await page.goto(`${base()}/demo`);
      await visitor.launcher.waitFor();
      await page.goto(`${base()}/core/docs`);
      await page.locator(".opblock").first().waitFor();
      await page.locator(".opblock-summary-path").first().click();
      await page.goto(`${base()}/graphql`);
      await page.locator(".graphiql-container").waitFor();
      const answer = page.waitForResponse(
        (response) => response.request().method() === "POST" && response.url().endsWith("/graphql"),
      );
      await page.locator(".graphiql-execute-button").click();
      expect((await answer).url()).toBe(`${base()}/graphql`);
      await eventually(() => expect(problems).toEqual([]));
    });
  });
});
