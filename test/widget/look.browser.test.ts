import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  describeInBrowser,
  eventually,
  useBrowser,
  Visitor,
  type WidgetOptions,
} from "./support.js";

const world = useBrowser();
const LONG_WORD = "Datenschutzgrundverordnungsbeauftragtenangelegenheiten";
const OPTION = { value: "a", label: LONG_WORD };
const SHOTS = process.env["SCREENSHOTS"];
let visitor: Visitor;

describeInBrowser("what the visitor sees, hears and reaches", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("keeps its corner on a right-to-left page, with every question and a name that is what is written on it", async () => {
    await visitor.page.setViewportSize({ width: 1000, height: 700 });
    const id = await world.platform.widget({
      v1: {
        trigger: { label: "Chat with us" },
        suggested_questions: Array.from({ length: 8 }, (_, index) => `${index} word`.repeat(33)),
      },
    });
    await visitor.page.goto(page({ head: RTL, body: world.platform.scriptTag(id) }));
    const launcher = visitor.page.getByRole("button", { name: "Open Chat with us" });
    await launcher.waitFor();
    await look("questions");
    const right = async (): Promise<number> => (await boxOf(launcher)).right;
    expect(await right()).toBe(980);
    const cross = visitor.page.getByRole("button", { name: "Hide suggestions" });
    expect((await boxOf(cross)).top).toBeGreaterThan(0);
    const last = visitor.page.locator(".chip").last();
    await last.scrollIntoViewIfNeeded();
    expect((await boxOf(last)).bottom).toBeLessThan((await boxOf(launcher)).top);
    expect((await boxOf(cross)).top).toBeGreaterThan(0);
    await cross.click();
    expect(await right()).toBe(980);
  });

  it("stays in the window, however large or far away it was asked for", async () => {
    await visitor.page.setViewportSize({ width: 360, height: 640 });
    const large = { size: 200, label: "A very long label ".repeat(5).trim() };
    const far = { offset_x: 2000, offset_y: 2000 };
    for (const trigger of [large, far, { ...large, ...far, position: "bottom-left" }]) {
      const id = await world.platform.widget({ v1: { trigger } });
      await visitor.page.goto(page({ body: world.platform.scriptTag(id) }));
      await visitor.launcher.waitFor();
      const { left, top, right, bottom } = await boxOf(visitor.launcher);
      const isInside = left >= 0 && top >= 0 && right <= 360 && bottom <= 640;
      expect(isInside, JSON.stringify({ trigger, left, top, right, bottom })).toBe(true);
    }
    await look("large-and-far");
  });

  it("stands beside another widget of the same corner, not on it, and before it when open", async () => {
    await visitor.page.setViewportSize({ width: 900, height: 700 });
    const ids = [await world.platform.widget(), await world.platform.widget()];
    const body = ids.map((id) => world.platform.scriptTag(id)).join("");
    await visitor.page.goto(page({ body }));
    const launchers = visitor.page.locator("parley-widget .launcher");
    await launchers.nth(1).waitFor();
    const boxes = await Promise.all([boxOf(launchers.nth(0)), boxOf(launchers.nth(1))]);
    expect(Math.max(...boxes.map((box) => box.top))).toBeGreaterThanOrEqual(
      Math.min(...boxes.map((box) => box.bottom)),
    );
    const lower = launchers.nth(boxes[0].top > boxes[1].top ? 0 : 1);
    await lower.click();
    await visitor.page.frameLocator("parley-widget iframe").locator("textarea").waitFor();
    await look("two-widgets");
    const { left, top } = boxes[boxes[0].top > boxes[1].top ? 1 : 0];
    const inFront = async (): Promise<string | undefined> =>
      visitor.page.evaluate(
        ([x, y]) =>
          document.elementFromPoint(x ?? 0, y ?? 0)?.shadowRoot?.elementFromPoint(x ?? 0, y ?? 0)
            ?.tagName,
        [left + 20, top + 20],
      );
    await eventually(async () => expect(await inFront()).toBe("IFRAME"));
  });

  it("draws every form inside its width, every step of a rating, and a choice also in the system's own colours", async () => {
    await visitor.page.setViewportSize({ width: 390, height: 760 });
    await visitor.page.emulateMedia({ forcedColors: "active" });
    const fields = [
      { id: "topics", type: "multiselect", options: [OPTION] },
      { id: "topic", type: "select", options: [OPTION] },
      { id: "nps", type: "rating", label: LONG_WORD, min: 0, max: 10 },
      { id: "long", type: "rating", label: "Up to twenty", min: 1, max: 20 },
    ];
    await open({ v1: { pre_conversation_form: { title: LONG_WORD, fields } } });
    const sheet = visitor.panel.locator(".sheet");
    await sheet.waitFor();
    await visitor.panel.locator(".rating label").nth(7).click();
    await look("form-forced-colours");
    const widths = await sheet.evaluate((element) => [element.scrollWidth, element.clientWidth]);
    expect(widths[0]).toBe(widths[1]);
    const steps = visitor.panel.locator(".rating label");
    const backgrounds = async (): Promise<string[]> =>
      steps.evaluateAll((labels) => labels.map((label) => getComputedStyle(label).backgroundColor));
    // On its way from one colour to another it is still the first.
    await eventually(async () => {
      const [other, chosen] = (await backgrounds()).slice(6);
      expect(chosen).not.toBe(other);
    });
    await visitor.panel.getByLabel("Up to twenty").fill("20");
    await visitor.panel.getByRole("button", { name: "Start" }).click();
    await visitor.field.waitFor();
  });

  it("follows what comes, cards too, until the visitor scrolls up to read", async () => {
    await visitor.page.setViewportSize({ width: 1000, height: 600 });
    const form = {
      id: "callback",
      name: "Call me back",
      title: "When may we call you?",
      fields: ["a", "b", "c", "d"].map((id) => ({ id, type: "text", label: id })),
    };
    await open({
      agent: {
        starting_message: { type: "user_initiates" },
        built_in_tools: { forms: [form] },
      },
    });
    const log = visitor.panel.locator(".log");
    const distance = async (): Promise<number> =>
      log.evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight);
    for (const count of [1, 2, 3, 4]) {
      await visitor.say("Please show me the form");
      await eventually(async () =>
        expect(await visitor.panel.getByText("When may we call you?").count()).toBe(count),
      );
      await visitor.answer(count - 1);
      await eventually(async () => expect(await distance()).toBeLessThan(2));
    }
    await log.hover();
    await visitor.page.mouse.wheel(0, -300);
    await eventually(async () => expect(await distance()).toBeGreaterThan(100));
    await visitor.say("Please show me the form");
    await eventually(async () => expect(await distance()).toBeLessThan(2));
  });

  it("has no border on a phone, no larger window, and room to read above eight suggestions", async () => {
    await visitor.page.setViewportSize({ width: 320, height: 568 });
    const quick_actions = Array.from({ length: 8 }, (_, index) => ({
      id: `${index}`,
      label: `What about my order number ${index}?`,
      message: "order",
    }));
    await open({ v1: { quick_actions } });
    await eventually(async () => {
      const frame = await boxOf(visitor.page.locator("iframe"));
      expect([frame.left, frame.right, frame.bottom]).toEqual([0, 320, 568]);
      expect((await visitor.panel.locator(".log").boundingBox())?.height).toBeGreaterThan(200);
    });
    await visitor.panel.getByLabel("More options").click();
    await visitor.panel.getByText("End conversation").waitFor();
    expect(await visitor.panel.getByText("Larger window").count()).toBe(0);
    await visitor.page.setViewportSize({ width: 1000, height: 700 });
    await visitor.call("close");
    await visitor.call("open");
    await visitor.panel.getByText("Larger window").waitFor();
  });

  it("breaks no word of a table: what is too wide scrolls", async () => {
    const columns = ["Product", "Another", "Description", "Availability", "Price"];
    const row = (cells: string[]): string => `| ${cells.join(" | ")} |`;
    const answer = [row(columns), row(columns.map(() => "---")), row(columns)].join("\n");
    await open({
      agent: {
        starting_message: { type: "user_initiates" },
        faq: [{ question: "Which products?", answer }],
      },
    });
    await visitor.say("Which products?");
    await visitor.answer();
    const table = visitor.panel.locator(".log .table");
    const widths = await table.evaluate((one) => [one.scrollWidth, one.clientWidth]);
    expect(widths[0]).toBeGreaterThan(widths[1] ?? 0);
    const heads = await table.locator("th").evaluateAll((cells) =>
      cells.map((cell) => {
        const words = document.createRange();
        words.selectNodeContents(cell);
        return words.getClientRects().length;
      }),
    );
    expect(heads).toEqual(columns.map(() => 1));
    await look("table");
  });

  it("never loses the keyboard: Escape closes from everywhere, and the focus goes on where a button went away", async () => {
    const form = {
      title: "How was it?",
      fields: [{ id: "stars", type: "rating", label: "Stars" }],
    };
    const white = { background_color: { user_message: "#ffffff", controls_button: "#ffffff" } };
    await open({
      v1: {
        quick_actions: [{ id: "go", label: "Go", message: "go" }],
        post_conversation_feedback: { form },
        chat: { light_mode: white },
      },
    });
    await visitor.panel.getByRole("button", { name: "Go", exact: true }).press("Enter");
    await eventually(async () => expect(await focused()).toContain("Write a message"));
    const bubble = visitor.panel.locator(".bubble");
    expect(await bubble.evaluate((element) => getComputedStyle(element).boxShadow)).not.toBe(
      "none",
    );
    await visitor.answer();
    await look("white");
    await visitor.panel.locator(".avatar.small").click();
    await visitor.page.keyboard.press("Escape");
    await eventually(async () =>
      expect(await visitor.launcher.getAttribute("aria-expanded")).toBe("false"),
    );
    await visitor.launcher.click();
    await visitor.menu("End conversation");
    await visitor.panel.getByText("Skip").press("Enter");
    await eventually(async () => expect(await focused()).toContain("Chat"));
    await visitor.panel.getByRole("button", { name: "New conversation" }).press("Enter");
    await eventually(async () => expect(await focused()).toContain("Write a message"));
  });

  it("tells a screen reader of an answer that is given twice, of a form that the agent shows, and of a call", async () => {
    const form = {
      id: "callback",
      name: "Call me back",
      title: "When may we call you?",
      fields: [{ id: "name", type: "text", label: "Your name" }],
    };
    await open({
      agent: {
        starting_message: { type: "user_initiates" },
        faq: [{ question: "Do you deliver?", answer: "Yes." }],
        built_in_tools: { forms: [form] },
      },
    });
    const region = visitor.panel.locator('.transcript > [aria-live="polite"]');
    await region.evaluate((element) => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
          for (const node of addedNodes) heard.push(node.textContent ?? "");
      }).observe(element, { childList: true });
    });
    const heard = async (): Promise<string[]> =>
      region.evaluate(() => (window as unknown as { heard: string[] }).heard);
    for (const index of [0, 1, 2]) {
      await visitor.say("Do you deliver?");
      await visitor.answer(index);
    }
    await eventually(async () => expect((await heard()).slice(-2)).toEqual(["Yes.", "Yes."]));
    await visitor.say("Please show me the form");
    await visitor.panel.getByRole("group", { name: "When may we call you?" }).waitFor();
    await eventually(async () => expect((await heard()).join()).toContain("Your name"));
    await visitor.panel.getByLabel("Talk by voice").click();
    await eventually(async () => expect((await heard()).join()).toContain("Voice on"));
  });

  it("keeps a call in sight: its state on a narrow phone, its launcher when the page hides it, nothing when it is over", async () => {
    await visitor.page.setViewportSize({ width: 320, height: 640 });
    await open({});
    await visitor.panel.getByLabel("Talk by voice").click();
    await visitor.panel.getByRole("log").getByText("Voice on").waitFor();
    await visitor.panel.getByLabel("Mute microphone").click();
    await visitor.panel.getByText("Microphone muted").waitFor();
    await look("call");
    const isCut = await visitor.panel
      .locator(".voice-state")
      .evaluate((state) => state.scrollWidth > state.clientWidth);
    expect(isCut).toBe(false);
    expect(await visitor.panel.getByRole("button", { name: "Back to text" }).isVisible()).toBe(
      true,
    );
    await visitor.page.setViewportSize({ width: 1000, height: 640 });
    await visitor.panel.getByText("Back to text").waitFor();
    const words = visitor.panel.locator(".voice .stop span");
    await eventually(async () => expect((await words.boundingBox())?.width).toBeGreaterThan(40));
    await visitor.call("hide");
    await launcherSays("Open Chat, in a call");
    await visitor.launcher.waitFor();
    await visitor.page.evaluate(() => document.querySelector("parley-widget")?.remove());
    await visitor.launcher.waitFor({ state: "hidden" });
    await launcherSays("Open Chat");
  });
});

const RTL = "<script>document.documentElement.dir = 'rtl'</script>";

function page(parts: Parameters<typeof world.site.page>[0]): string {
  return world.site.origin() + world.site.page(parts);
}

async function open(options: WidgetOptions): Promise<void> {
  const id = await world.platform.widget(options);
  await visitor.open(page({ body: world.platform.scriptTag(id) }));
}

async function launcherSays(words: string): Promise<void> {
  await eventually(async () =>
    expect(await visitor.launcher.getAttribute("aria-label")).toBe(words),
  );
}

async function focused(): Promise<string> {
  return visitor.panel
    .locator("body")
    .evaluate(({ ownerDocument: { activeElement, body } }) =>
      activeElement === body
        ? "nothing"
        : `${activeElement?.getAttribute("aria-label")} ${activeElement?.textContent}`,
    );
}

interface Edges {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

async function boxOf(element: Visitor["launcher"]): Promise<Edges> {
  return element.evaluate((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return { left, top, right, bottom };
  });
}

/** For people: `SCREENSHOTS=directory` keeps what a test saw. */
async function look(name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await visitor.page.waitForTimeout(400);
  await visitor.page.screenshot({ path: `${SHOTS}/${name}.png` });
}
