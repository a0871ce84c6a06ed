import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser({ withoutAgent: true });
let visitor: Visitor;

/** Pages that are built otherwise than a widget would have it: it works there, or one line says why not. */
describeInBrowser("a page that", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser, { viewport: { width: 1000, height: 700 } });
  });
  afterEach(async () => {
    await visitor.leave();
  });

  describe("takes the widget away", () => {
    it("again and again is let have its way after a few tries, and goes on", async () => {
      const guard = `<script>addEventListener("DOMContentLoaded", () => {
        new MutationObserver(() => { const it = document.querySelector("parley-widget"); if (it) { window.taken = (window.taken ?? 0) + 1; it.remove(); } })
          .observe(document.body, { childList: true });
      });</script>`;
      const id = await world.platform.widget();
      await visitor.page.goto(page({ head: guard, body: world.platform.scriptTag(id) }));
      await eventually(() => expect(visitor.logged).toHaveLength(1));
      expect(visitor.logged[0]).toContain("stays away");
      expect(await visitor.page.evaluate(() => Reflect.get(window, "taken"))).toBe(6);
      expect(await visitor.page.locator("parley-widget").count()).toBe(0);
    });

    it("by moving it, or by swapping its body as often as it likes, has it all the same", async () => {
      const id = await world.platform.widget();
      await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
      await visitor.launcher.waitFor();
      for (let time = 0; time < 8; time++) {
        await visitor.page.evaluate(() =>
          document.body.replaceWith(document.createElement("body")),
        );
        await visitor.launcher.waitFor();
      }
      await visitor.page.evaluate(() => {
        const wrapper = document.createElement("div");
        wrapper.append(...document.body.childNodes);
        document.body.append(wrapper);
      });
      await visitor.launcher.waitFor();
      await visitor.page.evaluate(() => document.querySelector("div")?.remove());
      await visitor.launcher.click();
      await visitor.field.waitFor();
      expect(visitor.logged).toEqual([]);
    });

    it("while its frame moves gets what was said meanwhile when the panel is there again", async () => {
      const id = await world.platform.widget();
      await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
      await visitor.launcher.waitFor();
      await visitor.call("open");
      await visitor.field.waitFor();
      await visitor.page.evaluate(() => {
        const main = document.createElement("main");
        document.body.append(main);
        const widget = document.querySelector("parley-widget");
        if (widget) main.append(widget);
        (window as unknown as { Parley: (...call: unknown[]) => void }).Parley(
          "send",
          "In between",
        );
      });
      await visitor.panel.locator(".bubble").getByText("In between").waitFor();
    });

    it("swaps its body under a talk keeps the talk: it stands beside the body since it began", async () => {
      const id = await world.platform.widget();
      // The panel that opens again by itself is in the body, for the page may be hydrated yet.
      const address = page({ body: world.platform.scriptTag(id) });
      await visitor.open(address);
      await visitor.page.reload();
      await visitor.field.waitFor();
      await visitor.page.waitForLoadState();
      const where = async (): Promise<string | undefined> =>
        visitor.page.evaluate(
          () => document.querySelector("parley-widget")?.parentElement?.tagName,
        );
      expect(await where()).toBe("BODY");
      await visitor.say("Hello");
      await eventually(async () => expect(await where()).toBe("HTML"));
      await visitor.field.fill("half a sentence");
      await visitor.page.evaluate(() => document.body.replaceWith(document.createElement("body")));
      expect(await visitor.field.inputValue()).toBe("half a sentence");
    });
  });

  it.each([
    ["destroys", "destroy", "destroy"],
    ["closes", "destroy", "close"],
    ["hides", "destroy", "hide"],
  ])("%s what is not there means nothing that comes later", async (_, ...commands) => {
    const id = await world.platform.widget();
    const body = world.platform.scriptTag(id);
    await visitor.page.goto(page({ body }));
    await visitor.launcher.waitFor();
    for (const command of commands) await visitor.call(command);
    expect(await visitor.page.locator("parley-widget").count()).toBe(0);
    await visitor.page.evaluate((source) => {
      const script = document.createElement("script");
      script.src = source;
      document.head.append(script);
    }, `${world.platform.origin}/public/embed/${id}`);
    await visitor.launcher.waitFor();
  });

  it("opens two panels has the later one in front, and on a phone that one alone", async () => {
    const ids = [await world.platform.widget(), await world.platform.widget()];
    const body = ids.map((id) => world.platform.scriptTag(id)).join("");
    await visitor.page.goto(page({ body }));
    await visitor.page.locator("parley-widget").nth(1).waitFor({ state: "attached" });
    await visitor.page.locator("parley-widget .launcher").nth(1).waitFor();
    const front = async (): Promise<string | null | undefined> =>
      visitor.page.evaluate(() => {
        const widget = document.elementFromPoint(700, 300);
        return widget?.shadowRoot?.querySelector("iframe")?.src ?? null;
      });
    for (const id of [...ids, ...ids].slice(1)) {
      await visitor.call("close", id);
      await visitor.call("open", id);
      await eventually(async () => expect(await front()).toContain(id));
    }
    await visitor.page.setViewportSize({ width: 400, height: 700 });
    for (const id of ids) {
      await visitor.call("close", id);
      await visitor.call("open", id);
      await eventually(async () => {
        const open = await visitor.page.locator("parley-widget .box[open] iframe").all();
        expect(open).toHaveLength(1);
        expect(await open[0]?.getAttribute("src")).toContain(id);
      });
    }
  });

  describe("is a frame", () => {
    const inner = (id: string): string => world.platform.scriptTag(id).replaceAll('"', "&quot;");

    it("in a sandbox without an origin talks, and what was written there is not lost", async () => {
      const id = await world.platform.widget({ v1: { suggested_questions: ["Are you there?"] } });
      const path = world.site.page({ body: world.platform.scriptTag(id) });
      const body = `<iframe sandbox="allow-scripts" src="${path}" style="width:900px;height:600px"></iframe>`;
      await visitor.page.goto(page({ body }));
      const frame = visitor.page.frameLocator("iframe");
      await frame.getByText("Are you there?").click();
      const panel = frame.frameLocator("iframe");
      await panel.locator(".bubble").getByText("Are you there?").waitFor();
      await panel.locator("textarea").fill("Hello there");
      await panel.locator("textarea").press("Enter");
      await panel.locator(".bubble").getByText("Hello there").waitFor();
      await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
      await panel.locator("header").getByLabel("Close").click();
      await panel.locator("textarea").waitFor({ state: "hidden" });
    });

    it("in a sandbox is named as what it is where the widget's websites are listed", async () => {
      const id = await world.platform.widget({ domains: [world.site.origin()] });
      const path = world.site.page({ body: world.platform.scriptTag(id) });
      await visitor.page.goto(
        page({ body: `<iframe sandbox="allow-scripts" src="${path}"></iframe>` }),
      );
      await eventually(() => expect(visitor.logged).toHaveLength(1));
      expect(visitor.logged[0]).toContain("not allowed on null");
    });

    it.each([
      ["one of the listed", true],
      ["any", false],
    ])("written into its page belongs to that page, which is %s", async (_, isListed) => {
      const id = await world.platform.widget({
        domains: isListed ? [world.site.origin()] : [],
        v1: { suggested_questions: ["Are you there?"] },
      });
      const srcdoc = `<!doctype html><body>${inner(id)}</body>`;
      const body = `<iframe style="width:900px;height:600px" srcdoc="${srcdoc}"></iframe>`;
      await visitor.page.goto(page({ body }));
      const frame = visitor.page.frameLocator("iframe");
      await frame.getByText("Are you there?").click();
      await frame.frameLocator("iframe").locator(".bubble").getByText("Are you there?").waitFor();
      await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
      expect(visitor.logged).toEqual([]);
    });
  });

  it.each(["require-corp", "credentialless"])(
    "isolates itself by %s has the panel too",
    async (policy) => {
      const headers = {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": policy,
      };
      for (const attributes of ["async", "async crossorigin"]) {
        const id = await world.platform.widget();
        const body = world.platform.scriptTag(id, attributes);
        await visitor.open(page({ body, headers }));
        expect(await visitor.page.evaluate(() => crossOriginIsolated)).toBe(true);
        await visitor.say("Hello");
        await visitor.panel.locator(".bubble").getByText("Hello").first().waitFor();
        await eventually(async () =>
          expect(await world.platform.conversations(id)).not.toEqual([]),
        );
        expect(visitor.console).toEqual([]);
      }
    },
  );

  describe("moves what is fixed", () => {
    it.each([
      "body{filter:grayscale(1)}",
      "body{transform:translateX(0)}",
      "body{perspective:100px}",
      "body{contain:paint}",
      "body{will-change:transform}",
      "body{backdrop-filter:blur(1px)}",
      "body{container-type:inline-size}",
      "html{transform:translateX(0)}",
      "html,body{height:100%;overflow:auto;margin:0}body{filter:grayscale(1)}",
      "body{pointer-events:none}",
    ])("%s: the launcher is in its corner, and so is the panel", async (style) => {
      const id = await world.platform.widget();
      const head = `<style>${style}</style>`;
      const body = `<div style="height:4000px"></div>${world.platform.scriptTag(id)}`;
      await visitor.page.goto(page({ head, body }));
      await visitor.launcher.waitFor();
      const isThere = async (): Promise<void> =>
        eventually(async () => {
          const box = await visitor.launcher.boundingBox();
          expect([box?.y, box?.width]).toEqual([624, 56]);
        });
      await isThere();
      await visitor.page.evaluate(() => {
        document.body.scrollTo(0, 900);
        scrollTo(0, 900);
      });
      await isThere();
      await visitor.launcher.click();
      await visitor.field.waitFor();
      await eventually(async () => {
        const panel = await visitor.page.locator("iframe").boundingBox();
        expect((panel?.y ?? -1) >= 0 && (panel?.y ?? 0) + (panel?.height ?? 0) <= 610).toBe(true);
      });
    });

    it("only later, in the middle of a talk: the launcher comes back, and the frame stays", async () => {
      const id = await world.platform.widget();
      await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
      await visitor.launcher.waitFor();
      await visitor.call("open");
      await visitor.field.fill("half a sentence");
      await visitor.page.evaluate(() => {
        document.documentElement.style.transform = "translateX(0)";
        document.documentElement.style.height = "2000px";
      });
      await eventually(async () => expect((await visitor.launcher.boundingBox())?.y).toBe(624));
      expect(await visitor.field.inputValue()).toBe("half a sentence");
    });

    it("enlarges its own things: the widget has the window's measure", async () => {
      const id = await world.platform.widget();
      const head = "<style>body{zoom:1.5}</style>";
      await visitor.open(page({ head, body: world.platform.scriptTag(id) }));
      await eventually(async () => {
        const launcher = await visitor.launcher.boundingBox();
        expect(launcher?.y).toBeCloseTo(624, -1);
        expect(launcher?.height).toBeCloseTo(56, 0);
        expect((await visitor.page.locator("iframe").boundingBox())?.y).toBeGreaterThanOrEqual(0);
      });
    });
  });

  it("is printed has neither launcher nor panel on paper", async () => {
    const id = await world.platform.widget();
    await visitor.open(page({ body: world.platform.scriptTag(id) }));
    await visitor.page.emulateMedia({ media: "print" });
    await visitor.launcher.waitFor({ state: "hidden" });
    await visitor.field.waitFor({ state: "hidden" });
    await visitor.page.emulateMedia({ media: "screen" });
    await visitor.launcher.waitFor();
  });

  it.each([
    ["shows a modal dialog", "a modal dialog is open"],
    ["fills the screen with a part of its own", "a part of the page fills the screen"],
    ["is inert", "the page is inert"],
  ])("%s reads that nobody can use the panel yet, and later it is there", async (_, reason) => {
    const id = await world.platform.widget();
    const body = `<dialog>Cookies?</dialog><div id="film">Film</div>${world.platform.scriptTag(id)}`;
    await visitor.page.goto(page({ body }));
    await visitor.launcher.waitFor();
    await visitor.page.evaluate(async (what) => {
      if (what.includes("dialog")) document.querySelector("dialog")?.showModal();
      else if (what.includes("inert")) document.documentElement.inert = true;
      else await document.getElementById("film")?.requestFullscreen();
    }, reason);
    await visitor.call("open");
    await eventually(() => expect(visitor.logged).toHaveLength(1));
    expect(visitor.logged[0]).toContain(reason);
    await visitor.page.evaluate(async () => {
      document.querySelector("dialog")?.close();
      document.documentElement.inert = false;
      if (document.fullscreenElement) await document.exitFullscreen();
    });
    await visitor.say("Hello");
    await visitor.panel.locator(".bubble").waitFor();
  });

  it("has an inert body opens a panel that can be used all the same", async () => {
    const id = await world.platform.widget();
    await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
    await visitor.launcher.waitFor();
    await visitor.page.evaluate(() => {
      document.body.inert = true;
    });
    await visitor.call("open");
    await visitor.field.click();
    expect(visitor.logged).toEqual([]);
  });
});

function page(parts: Parameters<typeof world.site.page>[0]): string {
  return world.site.origin() + world.site.page(parts);
}
