import axe from "axe-core";
import { beforeAll, expect, it } from "vitest";
import { describeGallery, useGallery } from "./support.js";

const gallery = useGallery();
/** The size of a window of 1280 × 1024 at 400 %. */
const ZOOMED = { width: 320, height: 256 };
/** Enough lines to read. */
const ROOM_PX = 96;
const WHOLE_GALLERY = { timeout: 300_000 };

describeGallery("every state, for everybody", () => {
  let names: string[] = [];
  beforeAll(async () => {
    names = await gallery.names();
    await gallery.page.addInitScript(axe.source);
    await gallery.page.addInitScript(trackFocus);
  });

  it.each(["light", "dark"] as const)(
    "breaks no rule that a machine can try, nor what is held for good practice: %s",
    WHOLE_GALLERY,
    async (theme) => {
      const wrong: string[] = [];
      // Of "loading" nothing is there yet.
      for (const name of names.filter((one) => one !== "loading")) {
        await gallery.show(name, { theme });
        const found = await gallery.page.evaluate(findViolations);
        wrong.push(...found.map((violation) => `${name}: ${violation}`));
      }
      expect(wrong).toEqual([]);
    },
  );

  it("shows whatever the keyboard gets to, and nothing covers it", WHOLE_GALLERY, async () => {
    const wrong: string[] = [];
    for (const name of names) {
      await gallery.show(name);
      for (let step = 0; step < 80; step += 1) {
        await gallery.page.keyboard.press("Tab");
        const place = await gallery.page.evaluate(lookAtFocus);
        if (place === undefined) break;
        if (place !== "") wrong.push(`${name}: ${place}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("leaves room to read at 400 %, and everything can be reached", WHOLE_GALLERY, async () => {
    const wrong: string[] = [];
    for (const name of names) {
      await gallery.show(name, ZOOMED);
      const [room, ...lost] = await gallery.page.evaluate(measureRoom);
      if (Number(room) < ROOM_PX) wrong.push(`${name}: ${room} px`);
      wrong.push(...lost.map((what) => `${name}: ${what} is out of the window`));
    }
    expect(wrong).toEqual([]);
  });

  it("tells steps and choices to the ear, and by their shape", async () => {
    await gallery.show("card-order-tracker");
    const steps = gallery.page.locator(".steps li");
    expect(await steps.first().innerText()).toContain("(Done)");
    expect(await steps.last().innerText()).toContain("(To come)");
    expect(await steps.nth(2).getAttribute("aria-current")).toBe("step");
    await gallery.show("card-action-grid");
    expect(await gallery.page.locator(".actions [aria-pressed]").count()).toBe(0);
    await gallery.show("card-info");
    const icons = await gallery.page
      .locator(".info .icon path")
      .evaluateAll((paths) => paths.map((path) => path.getAttribute("d")));
    expect(new Set(icons).size).toBe(4);
    await gallery.show("pre-form");
    const grade = gallery.page.locator(".rating:not(.stars) label").nth(7);
    await grade.click();
    expect(await grade.evaluate((one) => getComputedStyle(one).textDecorationLine)).toBe(
      "underline",
    );
  });

  it("keeps what is chosen and what has the focus in sight in the system's own colours", async () => {
    await gallery.page.emulateMedia({ forcedColors: "active" });
    await gallery.show("card-chosen");
    const chosen = gallery.page.locator('.actions [aria-pressed="true"]').first();
    const other = gallery.page.locator('.actions [aria-pressed="false"]').first();
    expect(await styleOf(chosen, "backgroundColor")).not.toBe(
      await styleOf(other, "backgroundColor"),
    );
    await gallery.page.locator(".composer textarea").focus();
    const outline = await styleOf(gallery.page.locator(".composer"), "outlineColor");
    expect(outline).not.toBe("rgba(0, 0, 0, 0)");
    await gallery.show("voice-muted");
    expect(await styleOf(gallery.page.locator(".mute"), "backgroundColor")).not.toBe(
      await styleOf(gallery.page.locator(".devices-button"), "backgroundColor"),
    );
    await gallery.page.emulateMedia({ forcedColors: "none" });
  });

  it("goes on where the visitor writes when a card has its answer", async () => {
    await gallery.show("card-action-grid");
    await gallery.page.getByRole("button", { name: "Money back" }).press("Enter");
    await expect
      .poll(async () => gallery.page.evaluate(() => document.activeElement?.tagName))
      .toBe("TEXTAREA");
  });

  it("makes it as easy not to agree as to agree", async () => {
    await gallery.show("consent");
    const looks = await Promise.all(
      ["Not now", "I agree"].map(async (name) =>
        gallery.page.getByRole("button", { name }).evaluate((button) => {
          const { backgroundColor, borderColor, color, fontWeight, opacity } =
            getComputedStyle(button);
          const { width, height } = button.getBoundingClientRect();
          return { backgroundColor, borderColor, color, fontWeight, opacity, width, height };
        }),
      ),
    );
    expect(looks[0]).toEqual(looks[1]);
  });

  it("begins every line where the panel begins, whatever language the owner wrote it in", async () => {
    await gallery.show("pre-form", { lang: "ar" });
    const lines = gallery.page.locator("#title, .sheet :is(h2, legend, .field > label)");
    const gaps = await lines.evaluateAll((elements) =>
      elements.map((element) => {
        const words = document.createRange();
        words.selectNodeContents(element);
        return element.getBoundingClientRect().right - words.getBoundingClientRect().right;
      }),
    );
    expect(gaps.length).toBeGreaterThan(5);
    expect(Math.max(...gaps)).toBeLessThan(3);
    await gallery.show("empty", { lang: "ar" });
    const field = gallery.page.locator(".composer textarea");
    expect(await field.evaluate((one) => getComputedStyle(one).direction)).toBe("rtl");
  });
});

async function styleOf(
  element: ReturnType<typeof gallery.page.locator>,
  name: "backgroundColor" | "outlineColor",
): Promise<string> {
  return element.evaluate((one, wanted) => getComputedStyle(one)[wanted], name);
}

/** Also the rule of targets of 24 pixels, which axe leaves out unless it is asked. */
async function findViolations(): Promise<string[]> {
  const { axe: there } = window as unknown as { axe: typeof axe };
  const { violations } = await there.run(document, {
    resultTypes: ["violations"],
    rules: { "target-size": { enabled: true } },
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}

function trackFocus(): void {
  Object.assign(window, { seen: new Set<Element>() });
}

/** @returns what is wrong with the place that has the focus, if anything; nothing when all were seen */
function lookAtFocus(): string | undefined {
  const { seen } = window as unknown as { seen: Set<Element> };
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (focused === null || focused === document.body || seen.has(focused)) return undefined;
  seen.add(focused);
  const name = `${focused.tagName} "${focused.getAttribute("aria-label") ?? focused.textContent}"`;
  // A step of a rating is drawn by its label.
  const drawn = focused.closest(".rating label") ?? focused;
  const [box] = drawn.getClientRects();
  if (box === undefined || box.width < 10 || box.height < 10) return `${name} has no place`;
  for (let at: Element | null = drawn; at; at = at.parentElement) {
    if (Number(getComputedStyle(at).opacity) < 0.3) return `${name} is not drawn`;
  }
  const x = (Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2;
  const y = (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2;
  const top = (drawn.getRootNode() as Document | ShadowRoot).elementFromPoint(x, y);
  return top !== null && drawn.contains(top)
    ? ""
    : `${name} is covered by ${top?.tagName}.${top?.className}`;
}

/** How high what can be read is, and what of the panel nobody can get to. */
function measureRoom(): string[] {
  const sheet = document.querySelector(".sheet");
  const read = sheet ?? document.querySelector(".log");
  const lost = [...document.querySelectorAll("button, input, textarea, select, .menu")].filter(
    (element) => {
      if (element.closest(".sheet, .log, .voice, .menu, .sr-only")) {
        if (!element.matches(".menu")) return false;
      }
      const { top, bottom, left, right } = element.getBoundingClientRect();
      return top < 0 || left < 0 || bottom > innerHeight || right > innerWidth;
    },
  );
  return [
    `${read?.clientHeight ?? innerHeight}`,
    ...lost.map((element) => element.getAttribute("aria-label") ?? element.className),
  ];
}
