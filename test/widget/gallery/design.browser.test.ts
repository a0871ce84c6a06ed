import { expect, it } from "vitest";
import type { Locator } from "playwright-core";
import { describeGallery, useGallery } from "./support.js";

const gallery = useGallery();
const NARROW = { width: 320, height: 568 };

describeGallery("the panel's design", () => {
  it.each(["card-collect-otp", "card-collect-phone"])(
    "breaks no word of a button: %s",
    async (state) => {
      await gallery.show(state, NARROW);
      expect(await linesOf(gallery.page.locator(".collect .button"))).toBe(1);
    },
  );

  it("shows what was chosen stronger than the rest, and not by a colour alone", async () => {
    await gallery.show("card-chosen");
    const chosen = gallery.page.locator('.actions [aria-pressed="true"]');
    const other = gallery.page.locator('.actions [aria-pressed="false"]').first();
    expect(Number(await styleOf(chosen.first(), "opacity"))).toBe(1);
    expect(Number(await styleOf(other, "opacity"))).toBeLessThan(1);
    expect(await chosen.locator(".icon").count()).toBe(await chosen.count());
  });

  it("speaks of new messages only where there are some, also after the window was made smaller", async () => {
    const jump = gallery.page.locator(".jump");
    await gallery.show("scrolled");
    await gallery.page.setViewportSize({ width: 400, height: 560 });
    expect(await jump.innerText()).not.toContain("New messages");
    expect(await jump.getAttribute("data-new")).toBe("false");
    await gallery.show("scrolled-new");
    await expect.poll(async () => jump.innerText()).toContain("New messages");
  });

  it("greets with the owner's words once, and with ways to begin inside the talk", async () => {
    await gallery.show("empty");
    expect(await gallery.page.getByText("Nordhaus", { exact: true }).count()).toBe(1);
    expect(await gallery.page.locator(".log .starters button").count()).toBe(4);
    await gallery.show("empty-plain");
    expect(await gallery.page.locator(".log").innerText()).toContain("How can we help?");
  });

  it("begins a long greeting at its beginning", async () => {
    await gallery.show("empty-logo", NARROW);
    expect(await gallery.page.locator(".log").evaluate((log) => log.scrollTop)).toBe(0);
  });

  it("says who speaks and when, once for a group", async () => {
    await gallery.show("transcript");
    const senders = gallery.page.locator(".message .sender");
    expect(await senders.allInnerTexts()).toEqual([
      "Nordhaus",
      expect.stringMatching(/^You\s9:41$/),
      expect.stringMatching(/^Nordhaus\s9:4\d$/),
      expect.stringMatching(/^You\s9:4\d$/),
      expect.stringMatching(/^Nordhaus\s9:4\d$/),
    ]);
    await gallery.show("past");
    expect(await gallery.page.locator("time").first().innerText()).toContain("16 Mar");
  });

  it("holds the words of an empty field in the middle of it", async () => {
    await gallery.show("empty");
    const middle = await gallery.page.locator(".composer textarea").evaluate((field) => {
      const { paddingTop, lineHeight } = getComputedStyle(field);
      const { top } = field.getBoundingClientRect();
      return top + Number.parseFloat(paddingTop) + Number.parseFloat(lineHeight) / 2;
    });
    const box = await gallery.page.locator(".composer").boundingBox();
    expect(Math.abs(middle - ((box?.y ?? 0) + (box?.height ?? 0) / 2))).toBeLessThan(2);
  });

  it("shows its outline on the right ground before it is drawn", async () => {
    await gallery.page.emulateMedia({ colorScheme: "dark" });
    await gallery.show("loading", { theme: "dark" });
    expect(await styleOf(gallery.page.locator("body"), "backgroundColor")).toBe("rgb(20, 21, 24)");
    expect(await styleOf(gallery.page.locator("#root"), "backgroundImage")).toContain("gradient");
    // As it is before the widget's theme is known.
    const ground = async (): Promise<string> =>
      gallery.page.evaluate(() => {
        document.documentElement.removeAttribute("data-theme");
        return getComputedStyle(document.body).backgroundColor;
      });
    expect(await ground()).toBe("rgb(20, 21, 24)");
    await gallery.page.emulateMedia({ colorScheme: "light" });
    await expect.poll(ground).toBe("rgb(255, 255, 255)");
  });

  it("gives a call a view of its own, and keeps the words in sight", async () => {
    await gallery.show("voice-speaking");
    const voice = await gallery.page.locator(".voice").boundingBox();
    expect(voice?.height).toBeGreaterThan(200);
    const log = await gallery.page.locator(".log").boundingBox();
    expect(log?.height).toBeGreaterThan(90);
    await gallery.show("voice-speaking", { width: 320, height: 256 });
    expect((await gallery.page.locator(".log").boundingBox())?.height).toBeGreaterThan(60);
  });

  it.each(["ltr", "rtl"] as const)("moves a carousel by its arrows: %s", async (dir) => {
    await gallery.show("card-carousel", { dir });
    const row = gallery.page.locator(".carousel");
    const [previous, next] = ["Previous", "Next"].map((name) =>
      gallery.page.getByRole("button", { name, exact: true }),
    );
    const place = async (): Promise<number> => row.evaluate((one) => Math.abs(one.scrollLeft));
    expect(await previous?.isDisabled()).toBe(true);
    await next?.click();
    await expect.poll(place).toBeGreaterThan(100);
    await next?.click();
    await expect.poll(async () => next?.isDisabled()).toBe(true);
    await previous?.click();
    await expect.poll(async () => next?.isDisabled()).toBe(false);
  });

  it("tells each field what is asked for", async () => {
    await gallery.show("pre-form-invalid");
    const problems = await gallery.page.locator(".problem").allInnerTexts();
    expect(problems.length).toBeGreaterThan(5);
    expect(new Set(problems).size).toBe(problems.length);
  });

  it("copies a message and a piece of code, each as its words alone", async () => {
    await gallery.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await gallery.show("transcript-code");
    const copied = async (): Promise<string> =>
      gallery.page.evaluate(async () => navigator.clipboard.readText());
    const code = gallery.page.locator(".log .code");
    await code.getByRole("button", { name: "Copy" }).click();
    await code.getByRole("button", { name: "Copied" }).waitFor();
    expect(await copied()).toBe(
      '<script async src="https://nordhaus.example/shop.js" data-shop="42"></script>',
    );
    const message = gallery.page.locator(".message.agent", { hasText: "Which size?" });
    await message.hover();
    await message.getByRole("button", { name: "Copy" }).click();
    await expect.poll(copied).toBe("Gladly. Which size?");
  });
});

async function styleOf(element: Locator, name: "opacity" | "backgroundColor" | "backgroundImage") {
  return element.evaluate((one, wanted) => getComputedStyle(one)[wanted], name);
}

/** In how many lines its words stand. */
async function linesOf(element: Locator): Promise<number> {
  return element.evaluate((one) => {
    const words = document.createRange();
    words.selectNodeContents(one);
    return new Set([...words.getClientRects()].map(({ top }) => Math.round(top))).size;
  });
}
