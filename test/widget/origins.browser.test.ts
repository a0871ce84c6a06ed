import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser({ withoutAgent: true });
let visitor: Visitor;

/** Where a widget may run: loader, panel and server each answer for themselves. */
describeInBrowser("where a widget may run", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  describe("on a website that may embed it", () => {
    it.each([
      ["whose origin is listed", true],
      ["when the list is empty", false],
    ])(
      "%s: loader, panel and server let it talk, and the conversation is bound",
      async (_, isListed) => {
        const domains = isListed ? [world.site.origin("shop.example")] : [];
        const id = await world.platform.widget({ domains });
        await visitor.open(pageOf("shop.example", id));
        await visitor.say("Hello");
        await eventually(async () =>
          expect(await world.platform.conversations(id)).toHaveLength(1),
        );
        const tickets = visitor.requests.filter((request) => request.endsWith("/embed-ticket"));
        expect(tickets).toHaveLength(1);
        // A bound conversation is nobody else's to see.
        expect(await publicList(id)).toEqual([]);
        expect(visitor.logged).toEqual([]);
      },
    );

    it("in strict mode: a ticket from the page, then the visitor's token", async () => {
      const domains = [world.site.origin("shop.example")];
      const id = await world.platform.widget({ domains, strict: true });
      await visitor.open(pageOf("shop.example", id));
      await visitor.say("Hello");
      await visitor.panel.getByText("Waiting for the agent").waitFor();
      await visitor.page.reload();
      // Open before the reload, open after it.
      await visitor.panel.locator("textarea").waitFor();
      await visitor.say("Still me");
      await eventually(async () => {
        const starts = visitor.requests.filter((request) =>
          /^POST .*\/conversations$/.test(request),
        );
        expect(starts).toHaveLength(2);
      });
      expect(await world.platform.conversations(id)).toHaveLength(1);
    });
  });

  describe("on a website that may not", () => {
    it.each([
      ["not listed at all", "https://elsewhere.example", "shop.example"],
      ["a subdomain of the listed one", "http://shop.example:PORT", "eu.shop.example"],
      ["the same with www", "http://shop.example:PORT", "www.shop.example"],
      ["another port", "http://shop.example", "shop.example"],
      ["http where https is listed", "https://shop.example:PORT", "shop.example"],
    ])("%s: the loader makes one log line and no element", async (_, listed, host) => {
      const port = new URL(world.site.origin()).port;
      const id = await world.platform.widget({ domains: [listed.replace("PORT", port)] });
      await visitor.page.goto(pageOf(host, id));
      await eventually(() => expect(visitor.logged).toHaveLength(1));
      expect(visitor.logged[0]).toContain(`not allowed on ${world.site.origin(host)}`);
      expect(await visitor.page.locator("parley-widget").count()).toBe(0);
    });

    it("and frames the panel by itself: the browser refuses, whatever origin the address claims", async () => {
      const listed = world.site.origin("shop.example");
      const id = await world.platform.widget({ domains: [listed] });
      const spoofed = `${world.platform.origin}/public/embed/${id}/panel?parentOrigin=${encodeURIComponent(listed)}`;
      const body = `<script>addEventListener("message", (event) => console.info("heard", JSON.stringify(event.data)))</script><iframe src="${spoofed}"></iframe>`;
      await visitor.page.goto(world.site.origin("evil.example") + world.site.page({ body }));
      await eventually(() =>
        expect(visitor.console.join("\n")).toMatch(/frame-ancestors|Content Security Policy/),
      );
      // A browser draws its own refusal in the frame: nothing of ours ever runs there.
      const frames = visitor.page.frames().map((frame) => frame.url());
      expect(frames.filter((url) => url.startsWith(world.platform.origin))).toEqual([]);
      expect(visitor.console.filter((line) => line.startsWith("heard"))).toEqual([]);
      expect(await world.platform.conversations(id)).toEqual([]);
    });

    it("cannot speak to the panel of a website that may, nor hear it", async () => {
      const id = await world.platform.widget({ domains: [world.site.origin("shop.example")] });
      await visitor.open(pageOf("shop.example", id));
      const panel = visitor.page.frames().find((frame) => frame.url().includes("/panel"));
      // The same frame's own window, another frame of the page, and a wrong shape from the right window.
      await panel?.evaluate(() =>
        window.postMessage({ parley: 1, type: "send", text: "forged" }, "*"),
      );
      await visitor.page.evaluate(() => {
        const stranger = document.createElement("iframe");
        stranger.srcdoc = "<p>stranger</p>";
        document.body.append(stranger);
        window.frames[0]?.postMessage({ type: "send", text: "unsealed" }, "*");
        window.postMessage({ parley: 1, type: "close" }, "*");
      });
      // A lawful message comes after the others, and alone has an effect.
      await visitor.call("send", "lawful");
      await visitor.panel.locator(".message").first().waitFor();
      expect(await visitor.panel.locator(".bubble").allInnerTexts()).toEqual(["lawful"]);
      expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("true");
    });
  });

  describe("the panel's own address", () => {
    it("drops a parentOrigin that came with the script's address", async () => {
      const id = await world.platform.widget();
      const source = `${world.platform.origin}/public/embed/${id}?parentOrigin=https://evil.example`;
      const body = `<script async src="${source}"></script>`;
      await visitor.open(world.site.origin("shop.example") + world.site.page({ body }));
      const address = new URL((await visitor.page.locator("iframe").getAttribute("src")) ?? "");
      expect(address.searchParams.getAll("parentOrigin")).toEqual([
        world.site.origin("shop.example"),
      ]);
    });

    it("opened directly: no talk where websites are listed, a page of its own where none is", async () => {
      const listed = await world.platform.widget({
        domains: ["https://shop.example"],
        v1: { start_conversation_on_toggle: true },
      });
      const open = await world.platform.widget();
      const direct = (id: string): string => `${world.platform.origin}/public/embed/${id}/panel`;
      await visitor.page.goto(direct(listed));
      await visitor.page.getByText("only be used on the website").waitFor();
      for (const origin of ["https://evil.example", "https://shop.example"]) {
        await visitor.page.goto(`${direct(listed)}?parentOrigin=${origin}`);
        await visitor.page.getByText("only be used on the website").waitFor();
      }
      expect(await world.platform.conversations(listed)).toEqual([]);
      await visitor.page.goto(direct(open));
      await visitor.page.locator("textarea").fill("Hello");
      await visitor.page.locator("textarea").press("Enter");
      await eventually(async () =>
        expect(await world.platform.conversations(open)).toHaveLength(1),
      );
    });

    it("framed without a loader where any website may: it tells ready, size and close, and nothing else", async () => {
      const id = await world.platform.widget();
      const body = `<script>window.heard = []; addEventListener("message", (event) => heard.push(event.data.type))</script>
        <iframe width="600" height="600" src="${world.platform.origin}/public/embed/${id}/panel"></iframe>`;
      await visitor.page.goto(world.site.origin("shop.example") + world.site.page({ body }));
      const panel = visitor.page.frameLocator("iframe");
      await panel.locator("textarea").fill("Hello");
      await panel.locator("textarea").press("Enter");
      await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
      await panel.getByLabel("Close").last().click();
      await eventually(async () => {
        const heard = await visitor.page.evaluate(() => Reflect.get(window, "heard") as string[]);
        expect([...new Set(heard)]).toEqual(["ready", "close"]);
      });
    });
  });

  describe("without a browser", () => {
    const start = async (id: string, headers: Record<string, string>): Promise<number> => {
      const response = await fetch(runtime(id, "/conversations"), {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify({ user_id: "curl" }),
      });
      return response.status;
    };
    const ticket = async (id: string, origin: string): Promise<string> => {
      const response = await fetch(runtime(id, "/embed-ticket"), {
        method: "POST",
        headers: { Origin: origin },
      });
      return String(((await response.json()) as Record<string, unknown>)["ticket"]);
    };

    it("no Origin passes, a listed one too, any other is refused", async () => {
      const id = await world.platform.widget({ domains: ["https://shop.example"] });
      expect(await start(id, {})).toBe(200);
      expect(await start(id, { Origin: "https://shop.example" })).toBe(200);
      expect(await start(id, { Origin: "https://evil.example" })).toBe(403);
      expect(await start(id, { Origin: "null" })).toBe(403);
    });

    it("in strict mode neither none nor a forged one is enough: a ticket is, once", async () => {
      const domains = ["https://shop.example"];
      const id = await world.platform.widget({ domains, strict: true });
      expect(await start(id, {})).toBe(403);
      expect(await start(id, { Origin: "https://shop.example" })).toBe(401);
      const headers = {
        Origin: "https://shop.example",
        "X-Embed-Ticket": await ticket(id, "https://shop.example"),
      };
      expect(await start(id, headers)).toBe(200);
      expect(await start(id, headers)).toBe(401);
    });
  });
});

function pageOf(host: string, id: string): string {
  return world.site.origin(host) + world.site.page({ body: world.platform.scriptTag(id) });
}

function runtime(id: string, path: string): string {
  return `${world.platform.origin}/core/public/web-widgets/${id}${path}`;
}

async function publicList(id: string): Promise<unknown> {
  return (await fetch(runtime(id, "/conversations"))).json();
}
