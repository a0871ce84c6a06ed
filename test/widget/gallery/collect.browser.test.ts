import { expect, it } from "vitest";
import { describeGallery, useGallery } from "./support.js";

const gallery = useGallery();

/** What the agent was told. */
async function answer(): Promise<unknown> {
  const told = gallery.page.locator("html[data-answer]");
  await told.waitFor({ state: "attached" });
  const payload = JSON.parse((await told.getAttribute("data-answer")) ?? "") as object;
  return (payload as { values?: unknown }).values;
}

describeGallery("a card that asks for a code", () => {
  it("has a box for each digit, which the keyboard, pasting and the browser fill", async () => {
    await gallery.show("card-collect-otp");
    const { page } = gallery;
    const group = page.getByRole("group", { name: "Enter the code" });
    const boxes = group.getByRole("textbox");
    const digits = async (): Promise<string> =>
      (await boxes.evaluateAll((all) => all.map((box) => (box as HTMLInputElement).value))).join(
        "",
      );
    expect(await boxes.count()).toBe(6);
    expect(await boxes.first().getAttribute("autocomplete")).toBe("one-time-code");
    expect(await boxes.nth(1).getAttribute("aria-label")).toBe("2 of 6");

    await boxes.first().focus();
    await page.keyboard.type("12a3");
    expect(await digits()).toBe("123");
    // Over what is there, then back over it.
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("9");
    expect(await digits()).toBe("129");
    await page.keyboard.press("Backspace");
    expect(await digits()).toBe("12");
    await page.keyboard.press("Enter");
    await page.getByText("Please enter all 6 digits.").waitFor();

    await boxes.nth(2).evaluate((box) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text", "code: ٤56 789");
      const options = { clipboardData, bubbles: true, cancelable: true };
      box.dispatchEvent(new ClipboardEvent("paste", options));
    });
    expect(await digits()).toBe("456789");
    // As a browser fills in what came by SMS: all of it, into the box that asks for it.
    await boxes.first().evaluate((box) => {
      (box as HTMLInputElement).value = "314159";
      box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    });
    expect(await digits()).toBe("314159");
    await page.keyboard.press("Enter");
    expect(await answer()).toEqual({ otp: "314159" });
  });

  it("goes from left to right where the language goes the other way", async () => {
    await gallery.show("card-collect-otp", { dir: "rtl" });
    const boxes = gallery.page.locator(".code-boxes input");
    const [first, second] = [await boxes.first().boundingBox(), await boxes.nth(1).boundingBox()];
    expect(first?.x).toBeLessThan(second?.x ?? 0);
  });
});

describeGallery("a card that asks for a telephone number", () => {
  it("knows its country, and answers as the whole world writes it", async () => {
    await gallery.show("card-collect-phone");
    const { page } = gallery;
    const country = page.getByLabel("Country");
    await country.locator("option").nth(200).waitFor({ state: "attached" });
    expect(await country.inputValue()).toBe("NO");
    const named = country.locator("option:checked");
    expect((await named.innerText()).replace(/[\u2066\u2069]/g, "")).toBe("Norway (+47)");
    const field = page.getByRole("textbox", { name: "Your phone number" });
    await field.fill("123");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Please enter a phone number").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");

    await country.selectOption("DE");
    await field.fill("030 123456");
    await page.keyboard.press("Enter");
    expect(await answer()).toEqual({ phone_number: "+4930123456" });
  });

  it("takes the country from a number that names it", async () => {
    await gallery.show("card-collect-phone");
    const { page } = gallery;
    await page.getByLabel("Country").locator("option").nth(200).waitFor({ state: "attached" });
    await page.getByRole("textbox", { name: "Your phone number" }).fill("+44 20 7946 0958");
    expect(await page.getByLabel("Country").inputValue()).toBe("GB");
    await page.keyboard.press("Enter");
    expect(await answer()).toEqual({ phone_number: "+442079460958" });
  });

  it("names countries in the visitor's language", async () => {
    await gallery.show("card-collect-phone", { lang: "de" });
    await gallery.page
      .getByLabel("Land")
      .locator('option[value="NO"]')
      .waitFor({ state: "attached" });
    const text = await gallery.page.locator('option[value="NO"]').textContent();
    expect(text).toContain("Norwegen");
  });
});

describeGallery("a call", () => {
  it("has captions of both sides, how long it has been, and a name for each thing to press", async () => {
    await gallery.show("voice-listening");
    const call = gallery.page.getByRole("region", { name: "Voice call" });
    const captions = call.locator(".captions");
    expect(await captions.textContent()).toMatch(/Agent[^]*The Fjord[^]*You[^]*which colour/);
    expect(await call.getByRole("timer").innerText()).toMatch(/^\d+:\d\d$/);
    const names = ["Mute microphone", "Microphone and speaker", "Back to text"];
    for (const name of names) await call.getByRole("button", { name }).waitFor();
    // A screen reader hears it once: from the transcript.
    expect(await captions.getAttribute("aria-hidden")).toBe("true");
    const log = gallery.page.getByRole("log");
    expect(await log.innerText()).toContain("And in which colour?");
  });

  it("shows what is being said before it is whole", async () => {
    await gallery.show("voice-speaking");
    const caption = gallery.page.locator('.caption.agent[data-state="streaming"]');
    expect(await caption.innerText()).toContain("The Fjord is the one that most people");
  });
});
