import type { Locator } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  describeInBrowser,
  eventually,
  useBrowser,
  Visitor,
  type PageParts,
  type WidgetOptions,
} from "./support.js";

const world = useBrowser({ withoutAgent: true });
const PRE_FORM = {
  id: "pre",
  title: "Before we start",
  submit_label: "Start chatting",
  fields: [
    { id: "name", type: "text", label: "Your name", required: true },
    { id: "terms", type: "checkbox", label: "I agree", required: true },
  ],
};
let visitor: Visitor;

describeInBrowser("a visit to the widget", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  describe("looks as configured", () => {
    it("follows the visitor's system live, in the launcher and in the panel", async () => {
      await visitor.page.emulateMedia({ colorScheme: "light" });
      await open({});
      const panel = visitor.panel.locator("body");
      const seen = async (): Promise<string[]> => [
        await styleOf(visitor.launcher, "background-color"),
        await styleOf(panel, "background-color"),
      ];
      expect(await seen()).toEqual(["rgb(32, 34, 38)", "rgb(255, 255, 255)"]);
      await visitor.page.emulateMedia({ colorScheme: "dark" });
      await eventually(async () =>
        expect(await seen()).toEqual(["rgb(236, 236, 238)", "rgb(20, 21, 24)"]),
      );
    });

    it("has the widget's colours, and readable text where none is set", async () => {
      const light_mode = {
        background_color: { user_message: "#ffe08a", controls_button: "hsl(210, 80%, 30%)" },
      };
      await open({ v1: { theme: "light", chat: { light_mode } } });
      await visitor.say("Hello");
      const bubble = visitor.panel.locator(".bubble");
      expect(await styleOf(bubble, "background-color")).toBe("rgb(255, 224, 138)");
      expect(await lightness(bubble)).toBeLessThan(0.1);
      expect(await styleOf(visitor.launcher, "background-color")).toBe("rgb(15, 77, 138)");
      expect(await lightness(visitor.launcher)).toBeGreaterThan(0.9);
    });

    it("has the launcher's shape, size, place, label and layer", async () => {
      const trigger = {
        shape: "square",
        size: 64,
        position: "bottom-left",
        offset_x: 30,
        offset_y: 40,
        z_index: 7,
        label: "Ask us",
      };
      const id = await world.platform.widget({ v1: { trigger } });
      await visitor.page.setViewportSize({ width: 1000, height: 700 });
      await visitor.page.goto(page(id));
      const box = await visitor.launcher.boundingBox();
      expect(box).toMatchObject({ x: 30, y: 700 - 40 - 64, height: 64 });
      expect(await styleOf(visitor.launcher, "border-radius")).toBe("14px");
      expect(await visitor.launcher.innerText()).toBe("Ask us");
      expect(await styleOf(visitor.page.locator("parley-widget .box"), "z-index")).toBe("7");
    });

    it("shows its own icon when the configured one does not load", async () => {
      const icon_url = `${world.platform.origin}/nothing.png`;
      const id = await world.platform.widget({ v1: { trigger: { icon_url } } });
      await visitor.page.goto(page(id));
      await visitor.page.locator("parley-widget .launcher svg").waitFor();
      expect(await visitor.page.locator("parley-widget .launcher img").count()).toBe(0);
    });

    it("names itself, welcomes, and turns around on a page that reads from right to left and names no language", async () => {
      const chat = {
        title: "Ada's shop",
        subtitle: "Here all day",
        welcome_message: "Ask **anything**.",
        placeholder: "Your question",
      };
      const id = await world.platform.widget({ v1: { chat } });
      const turn = `document.dir = "rtl"; document.documentElement.removeAttribute("lang")`;
      const body = `<script>${turn}</script>${world.platform.scriptTag(id)}`;
      await visitor.open(world.site.origin() + world.site.page({ body }));
      expect(await visitor.panel.locator("h1").innerText()).toBe("Ada's shop");
      expect(await visitor.panel.locator(".status").innerText()).toBe("Here all day");
      expect(await visitor.panel.locator(".welcome strong").innerText()).toBe("anything");
      expect(await visitor.field.getAttribute("placeholder")).toBe("Your question");
      expect(await visitor.page.locator("iframe").getAttribute("title")).toBe("Ada's shop");
      expect(await visitor.panel.locator("html").getAttribute("dir")).toBe("rtl");
      const [avatar, close] = [
        visitor.panel.locator(".header .avatar"),
        visitor.panel.getByLabel("Close"),
      ];
      expect((await avatar.boundingBox())?.x ?? 0).toBeGreaterThan(
        (await close.boundingBox())?.x ?? 0,
      );
    });

    it("fills a phone's screen, follows what is visible of it, and gives it back", async () => {
      await visitor.page.setViewportSize({ width: 390, height: 800 });
      await open({});
      const frame = visitor.page.locator("parley-widget .panel");
      await eventually(async () =>
        expect(await frame.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 800 }),
      );
      await eventually(async () => expect(await visitor.launcher.isVisible()).toBe(false));
      // What an on-screen keyboard leaves.
      await visitor.page.evaluate(() => {
        const { visualViewport } = window;
        Object.defineProperty(visualViewport, "height", { value: 460, configurable: true });
        Object.defineProperty(visualViewport, "offsetTop", { value: 30, configurable: true });
        visualViewport?.dispatchEvent(new Event("resize"));
      });
      await eventually(async () =>
        expect(await frame.boundingBox()).toEqual({ x: 0, y: 30, width: 390, height: 460 }),
      );
      await visitor.panel.getByLabel("Close").click();
      await visitor.launcher.waitFor();
    });

    it("does not move for visitors who asked for stillness", async () => {
      await visitor.page.emulateMedia({ reducedMotion: "reduce" });
      await open({});
      await visitor.say("Hello");
      expect(await styleOf(visitor.panel.locator(".message"), "animation-name")).toBe("none");
      expect(await styleOf(visitor.launcher, "transition-duration")).toBe("0s");
    });
  });

  describe("by keyboard and by ear", () => {
    it("takes the focus in, and back to where it came from", async () => {
      const id = await world.platform.widget();
      await visitor.page.goto(page(id));
      await visitor.launcher.waitFor();
      await visitor.launcher.focus();
      await visitor.page.keyboard.press("Enter");
      await visitor.field.waitFor();
      await eventually(async () =>
        expect(await visitor.field.evaluate((field) => field === document.activeElement)).toBe(
          true,
        ),
      );
      await visitor.page.keyboard.type("By keyboard");
      await visitor.page.keyboard.press("Shift+Enter");
      await visitor.page.keyboard.type("two lines");
      expect(await visitor.field.inputValue()).toBe("By keyboard\ntwo lines");
      await visitor.page.keyboard.press("Escape");
      await eventually(async () => {
        const focused = await visitor.launcher.evaluate(
          (launcher) => (launcher.getRootNode() as ShadowRoot).activeElement === launcher,
        );
        expect(focused).toBe(true);
      });
      expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("false");
    });

    it("closes an open menu before the panel", async () => {
      await open({});
      await visitor.panel.getByLabel("More options").click();
      await visitor.panel.locator(".menu").waitFor();
      await visitor.page.keyboard.press("Escape");
      await visitor.panel.locator(".menu").waitFor({ state: "detached" });
      expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("true");
    });

    it("leaves the focus where the visitor has put it, when they were faster than the loader: an open menu stays open", async () => {
      await visitor.page.addInitScript(() => {
        if (window.parent === window) return;
        const held: MessageEvent[] = [];
        const hold = (event: MessageEvent): void => {
          event.stopImmediatePropagation();
          held.push(event);
        };
        window.addEventListener("message", hold);
        const letGo = (): void => {
          window.removeEventListener("message", hold);
          for (const { data, origin, source } of held)
            window.dispatchEvent(new MessageEvent("message", { data, origin, source }));
        };
        Reflect.set(window, "letGo", letGo);
      });
      await open({});
      await visitor.panel.getByLabel("More options").click();
      await visitor.panel.locator(".menu").waitFor();
      expect(await visitor.panel.getByText("Larger window").count()).toBe(0);
      await visitor.panel
        .locator("body")
        .evaluate(() => (Reflect.get(window, "letGo") as () => void)());
      // The loader alone knows that there is room for it.
      await visitor.panel.locator(".menu").getByText("Larger window").waitFor();
      await visitor.page.keyboard.press("Escape");
      await visitor.panel.locator(".menu").waitFor({ state: "detached" });
      expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("true");
    });

    it("is a log with a polite voice of its own, and every control has a name", async () => {
      await open({ v1: { suggested_questions: ["Why?"] } });
      const log = visitor.panel.getByRole("log");
      expect(await log.getAttribute("aria-label")).toBe("Conversation");
      expect(await visitor.panel.locator('[aria-live="polite"]').count()).toBe(1);
      const nameless = await visitor.panel
        .locator("button, textarea, input, select, [tabindex='0']")
        .evaluateAll((controls) =>
          controls
            .filter((one) => !one.getAttribute("aria-label") && one.textContent?.trim() === "")
            .map((one) => one.outerHTML),
        );
      expect(nameless).toEqual([]);
    });
  });

  describe("with a form before the conversation", () => {
    it("starts nothing before it is filled in, a tapped question included; then that question is asked", async () => {
      const id = await world.platform.widget({
        v1: { pre_conversation_form: PRE_FORM, suggested_questions: ["May I?"] },
      });
      await visitor.page.goto(page(id));
      await visitor.page.locator("parley-widget .chip").click();
      const submit = visitor.panel.getByRole("button", { name: "Start chatting" });
      await visitor.isDrawn();
      await submit.click();
      expect(await visitor.panel.locator(".problem").count()).toBe(2);
      expect(await world.platform.conversations(id)).toEqual([]);
      await visitor.panel.getByLabel("Your name").fill("Ada");
      await visitor.panel.getByLabel("I agree").check();
      await submit.click();
      await visitor.panel.getByText("May I?").waitFor();
      await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
      const [found] = await world.platform.conversations(id);
      expect(await world.platform.conversation(found?.["id"])).toMatchObject({
        custom_metadata: { name: "Ada", terms: true },
      });
    });

    it("asks once, until its fields change: then again, filled in as far as it still fits", async () => {
      const id = await world.platform.widget({ v1: { pre_conversation_form: PRE_FORM } });
      await visitor.open(page(id));
      await visitor.panel.getByLabel("Your name").fill("Ada");
      await visitor.panel.getByLabel("I agree").check();
      await visitor.panel.getByRole("button", { name: "Start chatting" }).click();
      await visitor.field.waitFor();
      await visitor.page.reload();
      await visitor.field.waitFor();
      const fields = [...PRE_FORM.fields, { id: "city", type: "text", label: "Your city" }];
      await world.platform.api("PUT", `/core/web-widgets/${id}`, {
        config: { v1: { pre_conversation_form: { ...PRE_FORM, fields } } },
      });
      await visitor.page.reload();
      await visitor.panel.getByLabel("Your city").waitFor();
      expect(await visitor.panel.getByLabel("Your name").inputValue()).toBe("Ada");
    });
  });

  it("tells the agent which page it is on as it starts, but nothing of what follows the path", async () => {
    const id = await world.platform.widget();
    await visitor.open(`${page(id)}?secret=1#part`);
    await visitor.page.evaluate(() => {
      history.pushState({}, "", "/tea/green?secret=2");
      document.title = "Green tea";
    });
    const started = visitor.page.waitForRequest(
      (request) => request.method() === "POST" && request.url().endsWith("/conversations"),
    );
    await visitor.say("Hello");
    const told = { url: `${world.site.origin()}/tea/green`, title: "Green tea", language: "en" };
    expect((await started).postDataJSON()).toMatchObject({ page: told });
    expect((await (await started).response())?.status()).toBe(200);
  });

  it("asks for feedback when the conversation ends, and keeps it with the conversation", async () => {
    const form = {
      fields: [{ id: "stars", type: "rating", label: "How was it?", required: true }],
    };
    const id = await open({
      v1: { post_conversation_feedback: { form, thank_you_text: "That helps!" } },
    });
    await visitor.say("Hello");
    await visitor.panel.getByText("Waiting for the agent").waitFor();
    await visitor.menu("End conversation");
    await visitor.panel.locator(".stars label").nth(3).click();
    await visitor.panel.locator(".sheet").getByRole("button", { name: "Send" }).click();
    await visitor.panel.getByText("That helps!").waitFor();
    const [found] = await world.platform.conversations(id);
    expect(await world.platform.conversation(found?.["id"])).toMatchObject({
      custom_metadata: { feedback_form: { stars: 4 } },
    });
  });

  it("says after ten seconds that nobody answers, and tries again in a fresh room of the same conversation", async () => {
    const id = await open({});
    await visitor.say("Is anybody there?");
    const retry = visitor.panel.locator('.notice[data-kind="agent"]').getByText("Try again");
    await retry.waitFor();
    await retry.click();
    await eventually(() => {
      const starts = visitor.requests.filter((request) => /^POST .*\/conversations$/.test(request));
      expect(starts).toHaveLength(2);
    });
    expect(await world.platform.conversations(id)).toHaveLength(1);
    expect(await visitor.panel.getByText("Is anybody there?").count()).toBe(1);
  });

  it("begins nothing by itself on the next page, where the panel is open as it was: only opening it does", async () => {
    const id = await world.platform.widget({ v1: { start_conversation_on_toggle: true } });
    await visitor.page.addInitScript(() => {
      const order: string[] = [];
      Reflect.set(window, "order", order);
      const { fetch } = window;
      window.fetch = async (...request) => {
        if (String(request[0]).endsWith("/embed-ticket")) order.push("start");
        return fetch(...request);
      };
    });
    const order = async (): Promise<unknown> =>
      visitor.page.evaluate(() => Reflect.get(window, "order") as unknown);
    const head = `<script>
      window.Parley = function () { (Parley.q = Parley.q || []).push(arguments); };
      Parley("on", "message", () => order.push("message"));
    </script>`;
    await visitor.open(page(id, { head }));
    await eventually(async () => expect(await order()).toEqual(["start"]));
    await visitor.menu("End conversation");
    await visitor.page.reload();
    await visitor.say("Hello");
    await eventually(async () => expect(await order()).toEqual(["message", "start"]));
  });

  it("says so when the agent's version is not published", async () => {
    const agent = await world.platform.api("POST", "/core/agents", { name: "Draft" });
    const version = await world.platform.api("POST", `/core/agents/${agent["id"]}/versions`, {
      config: {},
    });
    const widget = await world.platform.api("POST", "/core/web-widgets", {
      agent_id: agent["id"],
      agent_version_id: version["id"],
      published: true,
    });
    await visitor.open(page(String(widget["id"])));
    await visitor.say("Hello");
    await visitor.panel.getByText("not available at the moment").waitFor();
    await visitor.panel.getByText("Not sent").waitFor();
  });

  it("breaks no rule of the panel's own policy", async () => {
    await open({ v1: { chat: { light_mode: { background_color: { user_message: "red" } } } } });
    await visitor.say("Hello");
    await visitor.panel.locator(".bubble").waitFor();
    const violations = visitor.console.filter((line) => /Content Security Policy/i.test(line));
    expect(violations).toEqual([]);
  });
});

async function open(options: WidgetOptions): Promise<string> {
  const id = await world.platform.widget(options);
  await visitor.open(page(id));
  return id;
}

function page(id: string, parts: PageParts = {}): string {
  return world.site.origin() + world.site.page({ ...parts, body: world.platform.scriptTag(id) });
}

async function styleOf(locator: Locator, property: string): Promise<string> {
  return locator.evaluate(
    (element, name) => getComputedStyle(element).getPropertyValue(name),
    property,
  );
}

/** Of an element's text, 0 to 1; the style sheet computes it in OKLCH. */
async function lightness(locator: Locator): Promise<number> {
  const color = await styleOf(locator, "color");
  const [first = "0"] = /[\d.]+/.exec(color) ?? [];
  return color.startsWith("oklch") ? Number(first) : Number(first) / 255;
}
