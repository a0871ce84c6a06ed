import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  describeInBrowser,
  eventually,
  useBrowser,
  Visitor,
  type WidgetOptions,
} from "./support.js";

const world = useBrowser({ isStorageBlocked: true });
const HOST = "shop.example";
const FORM = {
  id: "pre",
  title: "Before we start",
  submit_label: "Start chatting",
  fields: [
    { id: "name", type: "text", label: "Your name", required: true },
    { id: "city", type: "text", label: "Your city" },
  ],
};
let visitor: Visitor;

describeInBrowser("where the panel's storage is blocked", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser, { microphone: false });
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("the talk and the form's values survive a page, and the one after it", async () => {
    const { id, url } = await widget({ v1: { pre_conversation_form: FORM } });
    await visitor.open(url);
    const frame = visitor.page.frames()[1];
    const blocked = await frame?.evaluate(() => {
      try {
        return typeof localStorage;
      } catch (error) {
        return error instanceof DOMException ? error.name : "";
      }
    });
    expect(blocked).toBe("SecurityError");
    await visitor.panel.getByLabel("Your name").fill("Ada Lovelace");
    await visitor.panel.getByRole("button", { name: "Start chatting" }).click();
    await visitor.say("Is anybody there?");
    await kept(visitor.page, id);
    const [talk] = await world.platform.conversations(id);
    await spoken(talk?.["id"], "Is anybody there?");
    const handles: string[] = [];
    for (const path of ["page two", "page three"]) {
      handles.push(await kept(visitor.page, id));
      const another = world.site.page({ body: world.platform.scriptTag(id) });
      await visitor.page.goto(`${world.site.origin(HOST)}${another}?${encodeURI(path)}`);
      // It was open, and opens by itself.
      await visitor.panel.getByText("Is anybody there?", { exact: true }).waitFor();
      expect(await visitor.panel.getByLabel("Your name").count()).toBe(0);
      await eventually(async () => expect(handles).not.toContain(await kept(visitor.page, id)));
    }
    await visitor.say("And now?");
    await eventually(async () => {
      const found = await world.platform.conversation(talk?.["id"]);
      expect(found).toMatchObject({ custom_metadata: { name: "Ada Lovelace" } });
    });
    expect(await world.platform.conversations(id)).toHaveLength(1);
    // What the page has says nothing.
    const storage = await visitor.page.evaluate(() =>
      JSON.stringify([localStorage, sessionStorage]),
    );
    for (const hidden of ["Ada", "anybody", "guest_", String(talk?.["id"])]) {
      expect(storage).not.toContain(hidden);
    }
  });

  it("a past conversation that is opened again is the one that the next page has", async () => {
    const { id, url } = await widget();
    await visitor.open(url);
    await visitor.say("The first one");
    await kept(visitor.page, id);
    const [first] = await world.platform.conversations(id);
    await spoken(first?.["id"], "The first one");
    await visitor.menu("New conversation");
    await visitor.say("The second one");
    await eventually(async () => {
      expect(await world.platform.conversations(id)).toHaveLength(2);
    });
    await visitor.menu("Past conversations");
    const answered = visitor.page.waitForResponse((response) => {
      const body = response.request().postData() ?? "";
      return response.url().endsWith("/handles") && body.includes(String(first?.["id"]));
    });
    await visitor.panel.locator(".past-talks").getByText("The first one").click();
    const { handle } = (await (await answered).json()) as { handle: string };
    await eventually(async () => expect(await kept(visitor.page, id)).toBe(handle));
    await visitor.page.goto(url);
    await visitor.panel.getByText("The first one", { exact: true }).waitFor();
    expect(await visitor.panel.getByText("The second one").count()).toBe(0);
  });

  it("two tabs that open at once both have the talk, and go on having it", async () => {
    const { id, url } = await widget();
    await visitor.open(url);
    await visitor.say("From the first tab");
    await kept(visitor.page, id);
    const [talk] = await world.platform.conversations(id);
    await spoken(talk?.["id"], "From the first tab");
    const tabs = await Promise.all([0, 1].map(() => visitor.context.newPage()));
    for (let round = 0; round < 2; round++) {
      await Promise.all(
        tabs.map(async (tab) => {
          await tab.goto(url);
          if (round === 0) await tab.locator("parley-widget .launcher").click();
          const panel = tab.frameLocator("parley-widget iframe");
          await panel.getByText("From the first tab", { exact: true }).waitFor();
        }),
      );
    }
    expect(await world.platform.conversations(id)).toHaveLength(1);
  });

  it("an answer that is lost on the way to the next page throws nobody out", async () => {
    const { id, url } = await widget();
    await visitor.open(url);
    await visitor.say("Do you remember?");
    await kept(visitor.page, id);
    const [talk] = await world.platform.conversations(id);
    await spoken(talk?.["id"], "Do you remember?");
    let isLost = false;
    await visitor.page.route("**/handles/exchange", async (route) => {
      if (isLost) return route.continue();
      await route.fetch();
      isLost = true;
      return route.abort();
    });
    await visitor.page.goto(url);
    await eventually(() => expect(isLost).toBe(true));
    await visitor.page.goto(url);
    await visitor.panel.getByText("Do you remember?", { exact: true }).waitFor();
  });

  it("a copy of the handle opens nothing in a panel on another website, nor in a page's own hands", async () => {
    const { id, url } = await widget();
    await visitor.open(url);
    await visitor.say("A secret");
    const handle = await kept(visitor.page, id);
    const [talk] = await world.platform.conversations(id);
    await spoken(talk?.["id"], "A secret");
    const thief = await Visitor.arrive(world.browser, { microphone: false });
    await thief.page.goto(url.replace(HOST, "thief.example"));
    await thief.page.evaluate(
      ([key, value]) => localStorage.setItem(`${key}`, `${value}`),
      [`parley-handle-${id}`, handle],
    );
    const stolen = await thief.page.evaluate(
      async ([base, text]) => {
        const { ticket } = (await (
          await fetch(`${base}/embed-ticket`, { method: "POST" })
        ).json()) as { ticket: string };
        const response = await fetch(`${base}/handles/exchange`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-Embed-Ticket": ticket },
          body: JSON.stringify({ handle: text, attempt: "an-attempt-by-a-thief" }),
        });
        return response.status;
      },
      [`${world.platform.origin}/core/public/web-widgets/${id}`, handle],
    );
    expect(stolen).toBe(403);
    await thief.open(url.replace(HOST, "thief.example"));
    await thief.panel.locator(".composer").waitFor();
    await eventually(async () => {
      const left = await thief.page.evaluate(
        (key) => localStorage.getItem(key),
        `parley-handle-${id}`,
      );
      expect(left).toBeNull();
    });
    expect(await thief.panel.getByText("A secret", { exact: true }).count()).toBe(0);
    await thief.leave();
    await visitor.page.reload();
    await visitor.panel.getByText("A secret", { exact: true }).waitFor();
  });

  it("a logout ends what the page keeps, though the page goes away before anybody heard of it", async () => {
    const { id, url } = await widget();
    await visitor.open(url);
    await visitor.say("Mine alone");
    const handle = await kept(visitor.page, id);
    const [talk] = await world.platform.conversations(id);
    await spoken(talk?.["id"], "Mine alone");
    // Another page, whose panel never comes: nobody is told.
    await visitor.page.route("**/panel?*", (route) => route.abort());
    await visitor.page.goto(url);
    await visitor.call("logout");
    await visitor.page.unroute("**/panel?*");
    await visitor.page.goto(url);
    await visitor.panel.locator(".composer").waitFor();
    await eventually(async () => {
      const left = await visitor.page.evaluate(() => Object.keys(localStorage));
      expect(left).toEqual([]);
    });
    expect(await visitor.panel.getByText("Mine alone", { exact: true }).count()).toBe(0);
    // A copy of it is of no use to the next person.
    await visitor.page.evaluate(
      ([key, value]) => localStorage.setItem(`${key}`, `${value}`),
      [`parley-handle-${id}`, handle],
    );
    await visitor.page.goto(url);
    await eventually(async () => {
      const left = await visitor.page.evaluate(() => Object.keys(localStorage));
      expect(left).toEqual([]);
    });
    expect(await visitor.panel.getByText("Mine alone", { exact: true }).count()).toBe(0);
  });
});

async function widget(options: WidgetOptions = {}): Promise<{ id: string; url: string }> {
  const id = await world.platform.widget(options);
  const page = world.site.page({ body: world.platform.scriptTag(id) });
  return { id, url: world.site.origin(HOST) + page };
}

/** The handle that the page has, once it has one and no exchange is under way. */
async function kept(page: Page, id: string): Promise<string> {
  let handle: string | null = null;
  await eventually(async () => {
    handle = await page.evaluate((key) => localStorage.getItem(key), `parley-handle-${id}`);
    expect(handle).toMatch(/^[\w-]+\.[\w-]+$/);
  });
  return `${handle}`;
}

/** The agent has heard it, so that the platform has it. */
async function spoken(conversationId: unknown, text: string): Promise<void> {
  await eventually(async () => {
    expect(await world.platform.userTexts(conversationId)).toContain(text);
  });
}
