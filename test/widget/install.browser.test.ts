import { afterEach, beforeEach, expect, it } from "vitest";
import {
  describeInBrowser,
  EVENT_RECORDER,
  eventsOf,
  eventually,
  useBrowser,
  Visitor,
} from "./support.js";

const world = useBrowser({ withoutAgent: true });
const field = <T>(look: (one: HTMLTextAreaElement) => T): Promise<T> =>
  visitor.panel.locator("textarea").evaluate(look);
let visitor: Visitor;

describeInBrowser("the widget on a page", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("costs one script and one small request before the visitor acts: no cookie, no storage, no conversation", async () => {
    const id = await world.platform.widget({ v1: { suggested_questions: ["May I?"] } });
    await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
    await visitor.launcher.waitFor();
    const ours = visitor.requests.filter((request) => request.includes(world.platform.origin));
    expect(ours).toEqual([
      `GET ${world.platform.origin}/public/embed/${id}`,
      `GET ${world.platform.origin}/core/public/web-widgets/${id}`,
    ]);
    const state = await visitor.context.storageState();
    expect(state).toEqual({ cookies: [], origins: [] });
    expect(await visitor.page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(await world.platform.conversations(id)).toEqual([]);
    expect(await visitor.page.locator("iframe").count()).toBe(0);
  });

  it("loads the large voice library only when somebody is about to talk", async () => {
    const id = await world.platform.widget();
    const { livekit } = (
      await import("../../dist/widget/manifest.json", { with: { type: "json" } })
    ).default;
    const hasLoaded = (): boolean => visitor.requests.some((url) => url.endsWith(livekit.file));
    await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
    await visitor.launcher.click();
    await visitor.field.waitFor();
    // The panel puts the focus into the field by itself, which is nobody's intent to talk.
    await visitor.page.waitForTimeout(1000);
    expect(hasLoaded()).toBe(false);
    await visitor.field.hover();
    await eventually(() => expect(hasLoaded()).toBe(true));
    expect(await world.platform.conversations(id)).toEqual([]);
  });

  it.each(["head", "body"] as const)(
    "starts from a script in the %s, before or after load",
    async (place) => {
      const id = await world.platform.widget();
      await visitor.page.goto(page({ [place]: world.platform.scriptTag(id, "") }));
      await visitor.launcher.waitFor();
      await visitor.page.goto(page({}));
      await insertScript(id);
      await visitor.launcher.waitFor();
      expect(visitor.logged).toEqual([]);
    },
  );

  it("finds its own tag when the browser does not say which one runs", async () => {
    const id = await world.platform.widget();
    await visitor.page.goto(page({ body: world.platform.scriptTag(id, 'type="module"') }));
    await visitor.launcher.waitFor();
  });

  it("stands twice on a page for two ids, and once for the same id twice", async () => {
    const one = await world.platform.widget();
    const other = await world.platform.widget({ v1: { trigger: { position: "bottom-left" } } });
    const tags = [one, other, one].map((id) => world.platform.scriptTag(id)).join("");
    await visitor.page.goto(page({ body: tags }));
    await eventually(async () => {
      expect(await visitor.page.locator("parley-widget").count()).toBe(2);
    });
    await visitor.call("open", other);
    await visitor.page.frameLocator("parley-widget iframe").locator("textarea").waitFor();
    expect(await visitor.page.locator("parley-widget iframe").count()).toBe(1);
    const address = await visitor.page.locator("iframe").getAttribute("src");
    expect(address).toContain(other);
  });

  it("survives a page that swaps its body, and is not doubled when the script runs again", async () => {
    const id = await world.platform.widget();
    await visitor.open(page({ body: world.platform.scriptTag(id) }));
    await visitor.field.fill("half a sentence");
    await visitor.page.evaluate(() => {
      document.body.replaceWith(document.createElement("body"));
    });
    await insertScript(id);
    await visitor.page.waitForTimeout(500);
    expect(await visitor.page.locator("parley-widget").count()).toBe(1);
    expect(await visitor.field.inputValue()).toBe("half a sentence");
    await visitor.page.evaluate(() => document.querySelector("parley-widget")?.remove());
    await visitor.launcher.waitFor();
  });

  it("stands where a framework that hydrates the whole document expects strangers, and comes back when that is replaced", async () => {
    const id = await world.platform.widget();
    await visitor.page.goto(page({ head: world.platform.scriptTag(id) }));
    await visitor.launcher.waitFor();
    // React 18 takes anything else beside head and body for a document that is not its own, and throws it away.
    expect(await visitor.page.evaluate(() => document.documentElement.childElementCount)).toBe(2);
    await visitor.page.evaluate(() => {
      const copy = document.documentElement.cloneNode(true) as Element;
      copy.querySelector("parley-widget")?.remove();
      document.documentElement.replaceWith(copy);
    });
    await visitor.launcher.click();
    await visitor.field.waitFor();
    // The panel that opens again by itself on the next page comes before any hydration, too.
    await visitor.page.reload();
    await visitor.field.waitFor();
    expect(await visitor.page.evaluate(() => document.documentElement.childElementCount)).toBe(2);
  });

  it("runs on a page with a strict policy that names only the platform", async () => {
    const id = await world.platform.widget({ v1: { suggested_questions: ["Hello?"] } });
    const { origin } = world.platform;
    const policy = [
      "default-src 'none'",
      `script-src ${origin}`,
      `connect-src ${origin}`,
      `frame-src ${origin}`,
      "style-src 'none'",
      "img-src data:",
      "require-trusted-types-for 'script'",
    ].join("; ");
    const headers = { "content-security-policy": policy };
    await visitor.open(page({ body: world.platform.scriptTag(id), headers }));
    const launcher = await visitor.launcher.evaluate((element) => {
      const { width, height, borderRadius, position } = getComputedStyle(element);
      return { width, height, borderRadius, position };
    });
    expect(launcher).toMatchObject({ width: "56px", height: "56px", borderRadius: "56px" });
    expect(visitor.console).toEqual([]);
  });

  it("leaves the page as it was, and the page's style leaves it as it is", async () => {
    const id = await world.platform.widget();
    const hostile = `<style>* { color: red !important; font-size: 40px !important; }
      button, div, span, svg { display: none !important; all: unset !important; }
      parley-widget { display: none; opacity: 0; position: static; }</style>`;
    await visitor.page.goto(page({ head: hostile }));
    const before = await pageState();
    await insertScript(id);
    await visitor.launcher.waitFor();
    await visitor.launcher.click();
    await visitor.field.waitFor();
    const box = await visitor.launcher.boundingBox();
    expect(box).toMatchObject({ width: 56, height: 56 });
    await visitor.call("close");
    const after = await pageState();
    expect(after).toEqual({ ...before, globals: [...before.globals, "Parley"] });
  });

  it("fences its panel in, also on a page whose own origin is how the platform's begins", async () => {
    const id = await world.platform.widget();
    // The platform's port without its last digit: nobody serves there but this test.
    const origin = world.platform.origin.slice(0, -1);
    const body = `<body>${world.platform.scriptTag(id)}</body>`;
    await visitor.context.route(`${origin}/`, (route) =>
      route.fulfill({ contentType: "text/html", body }),
    );
    await visitor.open(`${origin}/`);
    const fence = await visitor.page.locator("iframe").getAttribute("sandbox");
    expect(fence).toContain("allow-scripts");
    expect(fence).not.toContain("allow-top-navigation");
  });

  it("takes commands before it has loaded, and a typed set of them after", async () => {
    const id = await world.platform.widget();
    const queue = `${EVENT_RECORDER}<script>Parley("open")</script>`;
    await visitor.page.goto(page({ head: queue, body: world.platform.scriptTag(id) }));
    await visitor.field.waitFor();
    const isOpen = async (): Promise<string | null> =>
      visitor.launcher.getAttribute("aria-expanded");
    expect(await isOpen()).toBe("true");
    await visitor.call("close");
    expect(await isOpen()).toBe("false");
    await visitor.call("toggle");
    expect(await isOpen()).toBe("true");
    await visitor.call("hide");
    expect(await visitor.launcher.isVisible()).toBe(false);
    await visitor.call("show");
    expect(await visitor.launcher.isVisible()).toBe(true);
    // A page with a button of its own wants the panel without the launcher.
    await visitor.call("hide");
    await visitor.call("open");
    await visitor.field.waitFor();
    expect((await visitor.field.boundingBox())?.height).toBeGreaterThan(20);
    expect(await visitor.launcher.isVisible()).toBe(false);
    await visitor.panel.getByLabel("Close").last().click();
    await visitor.field.waitFor({ state: "hidden" });
    await visitor.call("show");
    expect(await visitor.launcher.isVisible()).toBe(true);
    for (const name of ["ready", "open", "close"]) {
      expect(await eventsOf(visitor, name), name).not.toEqual([]);
    }
    await visitor.call("destroy");
    expect(await visitor.page.locator("parley-widget").count()).toBe(0);
    await insertScript(id);
    await visitor.launcher.waitFor();
  });

  it.each(["hide", "close"])(
    "does not open again on the next page when that page says %s, even before the widget has loaded",
    async (command) => {
      const id = await world.platform.widget();
      await visitor.open(page({ body: world.platform.scriptTag(id) }));
      const queue = `${EVENT_RECORDER}<script>Parley("${command}")</script>`;
      await visitor.page.goto(page({ head: queue, body: world.platform.scriptTag(id) }));
      await eventually(async () => expect(await eventsOf(visitor, "ready")).toHaveLength(1));
      // Made at once where the panel opens by itself.
      expect(await visitor.page.locator("iframe").count()).toBe(0);
      await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
      await visitor.launcher.waitFor();
    },
  );

  it.each(["a button of its own", "no gesture"])(
    "whose launcher is hidden has the keyboard back when the panel closes, opened by %s",
    async (opener) => {
      const id = await world.platform.widget();
      const button = `<button onclick="Parley('open')">Ask us</button>`;
      const queue = `${EVENT_RECORDER}<script>Parley("hide")</script>`;
      await visitor.page.goto(
        page({ head: queue, body: `${button}${world.platform.scriptTag(id)}` }),
      );
      await eventually(async () => expect(await eventsOf(visitor, "ready")).toHaveLength(1));
      if (opener === "no gesture") await visitor.call("open");
      else await visitor.page.getByText("Ask us").press("Enter");
      await eventually(async () => expect(await field((one) => one.matches(":focus"))).toBe(true));
      await visitor.page.keyboard.press("Escape");
      const focused = opener === "no gesture" ? "BODY" : "BUTTON";
      await eventually(async () =>
        expect(await visitor.page.evaluate(() => document.activeElement?.tagName)).toBe(focused),
      );
      await visitor.page.keyboard.type("blindly");
      expect(await field((one) => one.value)).toBe("");
    },
  );

  it("never throws into the page: wrong commands, wrong arguments and listeners that throw are one line each", async () => {
    const id = await world.platform.widget();
    await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
    await visitor.launcher.waitFor();
    await visitor.call("explode");
    await visitor.call("identify");
    for (const wrong of [undefined, null, " ", { a: 1 }]) await visitor.call("send", wrong);
    await visitor.page.evaluate(() => {
      const { Parley } = window as unknown as { Parley: (...call: unknown[]) => void };
      Parley("on", "open", () => {
        throw new Error("mine");
      });
      Parley("open");
    });
    expect(visitor.console.filter((line) => line.startsWith("uncaught"))).toEqual([]);
    // Five commands and a listener here; the panel reads the name when it opens.
    await eventually(() => expect(visitor.logged).toHaveLength(7));
    expect(visitor.logged.join("\n")).not.toContain("SyntaxError");
    expect(await visitor.panel.locator(".message").count()).toBe(0);
  });

  it("keeps what the visitor wrote over a reload while nobody has heard it, and says no more of it when it is over", async () => {
    const id = await world.platform.widget();
    const address = page({ body: world.platform.scriptTag(id) });
    await visitor.open(address);
    await visitor.say("Is anybody there?");
    const message = visitor.panel.locator(".message.user");
    await message.waitFor();
    await visitor.page.reload();
    await message.waitFor();
    expect(await message.innerText()).toContain("Is anybody there?");
    expect(await message.getAttribute("data-state")).toBe("sending");
    await visitor.menu("End conversation");
    await visitor.panel.getByText("Not sent.").waitFor();
    expect(await visitor.panel.getByRole("button", { name: "Try again" }).count()).toBe(0);
    await visitor.page.reload();
    await visitor.field.waitFor();
    expect(await message.count()).toBe(0);
  });

  it("leaves a `Parley` of the site's own alone and works without commands", async () => {
    const id = await world.platform.widget();
    const head = "<script>window.Parley = { mine: true }</script>";
    await visitor.open(page({ head, body: world.platform.scriptTag(id) }));
    expect(await visitor.page.evaluate(() => Reflect.get(window, "Parley"))).toEqual({
      mine: true,
    });
  });

  it("names the visitor to the owner, with what the page knows of them", async () => {
    const id = await world.platform.widget();
    await visitor.open(page({ head: EVENT_RECORDER, body: world.platform.scriptTag(id) }));
    await visitor.call("identify", { userId: "ada", metadata: { plan: "pro" } });
    await visitor.call("send", "Hello");
    await eventually(async () =>
      expect(await eventsOf(visitor, "conversation_started")).toHaveLength(1),
    );
    const [found] = await world.platform.conversations(id);
    expect(found).toMatchObject({ user_id: "ada" });
    expect(await world.platform.conversation(found?.["id"])).toMatchObject({
      custom_metadata: { plan: "pro" },
    });
  });

  it("forgets the visitor at logout, also when the panel was not open on this page", async () => {
    const id = await world.platform.widget();
    const address = page({ head: EVENT_RECORDER, body: world.platform.scriptTag(id) });
    await visitor.open(address);
    await visitor.call("identify", { userId: "ada" });
    await visitor.say("A secret of Ada's");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
    await visitor.call("close");
    await visitor.page.goto(address);
    await visitor.launcher.waitFor();
    await visitor.call("logout");
    await visitor.launcher.click();
    await visitor.field.waitFor();
    expect(await visitor.panel.getByText("A secret of Ada's").count()).toBe(0);
    await visitor.say("A stranger's question");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(2));
    const users = (await world.platform.conversations(id)).map((one) => String(one["user_id"]));
    expect(users.filter((user) => user.startsWith("guest_"))).toHaveLength(1);
  });

  it("gives the next person of the same browser a conversation of their own", async () => {
    const id = await world.platform.widget();
    await visitor.open(page({ body: world.platform.scriptTag(id) }));
    await visitor.call("identify", { userId: "ada" });
    await visitor.say("Ada was here");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
    await visitor.call("identify", { userId: "grace" });
    await visitor.panel.getByText("Ada was here").waitFor({ state: "detached" });
    await visitor.say("Grace is here");
    await eventually(async () => {
      const users = (await world.platform.conversations(id)).map((one) => one["user_id"]);
      expect(users).toEqual(["grace", "ada"]);
    });
  });

  it("works where the browser gives no storage at all", async () => {
    const id = await world.platform.widget();
    await visitor.page.addInitScript(() => {
      for (const area of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, area, {
          get() {
            throw new DOMException("blocked", "SecurityError");
          },
        });
      }
    });
    await visitor.open(page({ body: world.platform.scriptTag(id) }));
    await visitor.say("Without a memory");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
    expect(visitor.console.filter((line) => line.startsWith("uncaught"))).toEqual([]);
  });

  it("is one log line and no element where the widget is unknown or not published", async () => {
    const draft = await world.platform.widget({ published: false });
    for (const id of [draft, "6f1c2e0a-0f6b-4c0e-9a53-1c7a2a8f4a11"]) {
      visitor.console.length = 0;
      await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
      await eventually(() => expect(visitor.logged).toHaveLength(1));
      expect(visitor.logged[0]).toContain("unknown or not published");
      expect(await visitor.page.locator("parley-widget").count()).toBe(0);
    }
  });
});

function page(parts: Parameters<typeof world.site.page>[0]): string {
  return world.site.origin() + world.site.page(parts);
}

async function insertScript(id: string): Promise<void> {
  await visitor.page.evaluate((source) => {
    const script = document.createElement("script");
    script.src = source;
    document.head.append(script);
  }, `${world.platform.origin}/public/embed/${id}`);
}

async function pageState(): Promise<{
  globals: string[];
  head: string;
  body: string;
  style: string;
}> {
  return visitor.page.evaluate(() => {
    const { body, head } = document;
    for (const script of head.querySelectorAll("script")) script.remove();
    const { color, fontSize, overflow, margin } = getComputedStyle(body);
    return {
      globals: Object.keys(window).filter((name) => !/^\d+$/.test(name)),
      head: head.innerHTML,
      body: body.outerHTML,
      style: [color, fontSize, overflow, margin].join(),
    };
  });
}
