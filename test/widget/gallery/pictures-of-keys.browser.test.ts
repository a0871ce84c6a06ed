import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";
import { buildLoader } from "../../../src/tooling/build-loader.js";
import { ROOT } from "../../structure/source-files.js";
import { KEY_PICTURES, type KeyPicture, type LauncherShot } from "./key-pictures.js";
import { pack } from "./picture.js";
import { describeGallery, useGallery } from "./support.js";

/** Shown by the page of keys. They are drawn anew with the gallery's own, and compared with nothing. */
const KEPT = join(ROOT, ".github/pictures");
const SITE = "https://shop.example";
const BETWEEN = 16;
const GROUND = "#e3e6ea";
/** `npm run gallery:renew` */
const isRenewing = process.env["RENEW_PICTURES"] !== undefined;

const gallery = useGallery();
let loader = "";

describeGallery("the pictures of what each key does", () => {
  beforeAll(async () => {
    loader = Buffer.from((await buildLoader()).first.contents).toString();
    if (!isRenewing) return;
    await rm(KEPT, { recursive: true, force: true });
    await mkdir(KEPT, { recursive: true });
  });

  it.each(KEY_PICTURES)("can be drawn: $name", async ({ name, shots }) => {
    const pictures: Buffer[] = [];
    for (const shot of shots) pictures.push(await shoot(shot));
    const picture = await pack(await sideBySide(pictures));
    if (isRenewing) await writeFile(join(KEPT, `${name}.png`), picture);
  });
});

async function shoot(shot: KeyPicture["shots"][number]): Promise<Buffer> {
  // Questions leave a page by themselves, which is an animation too.
  let animations: "allow" | "disabled" = "allow";
  if ("launcher" in shot) await showLauncher(shot);
  else {
    animations = "disabled";
    expect(await gallery.show(shot.state, shot.look)).toEqual([]);
  }
  return gallery.page.screenshot({ animations, caret: "hide" });
}

/** The loader as it is built, on a website of its own. */
async function showLauncher({ launcher, width, height, html = "" }: LauncherShot): Promise<void> {
  const { page } = gallery;
  const answers: Readonly<Record<string, [contentType: string, body: string]>> = {
    "/": [
      "text/html",
      `<!doctype html><body style="background:#fff">${html}<script async src="/public/embed/shop"></script>`,
    ],
    "/public/embed/shop": ["text/javascript", loader],
    "/core/public/web-widgets/shop": [
      "application/json",
      JSON.stringify({ domains: [], config: { v1: { ...launcher, theme: "light" } } }),
    ],
  };
  await page.unrouteAll();
  await page.route(`${SITE}/**`, async (route) => {
    const [contentType, body] = answers[new URL(route.request().url()).pathname] ?? [];
    await (body === undefined ? route.abort() : route.fulfill({ contentType, body }));
  });
  await page.setViewportSize({ width, height });
  await page.goto(SITE);
  await page.locator("parley-widget .launcher").waitFor();
  await page.evaluate(async () => {
    // What it says in the font of the gallery's other pictures.
    const box = document.querySelector("parley-widget")?.shadowRoot?.querySelector(".box");
    if (box instanceof HTMLElement) box.style.fontFamily = '"Noto Sans", sans-serif';
    await document.fonts.ready;
  });
}

async function sideBySide(pictures: readonly Buffer[]): Promise<Buffer> {
  let left = BETWEEN;
  let tallest = 0;
  const placed: { input: Buffer; left: number; top: number }[] = [];
  for (const input of pictures) {
    const { width, height } = await sharp(input).metadata();
    placed.push({ input, left, top: BETWEEN });
    left += width + BETWEEN;
    tallest = Math.max(tallest, height);
  }
  const size = { width: left, height: tallest + 2 * BETWEEN };
  return sharp({ create: { ...size, channels: 3, background: GROUND } })
    .composite(placed)
    .png()
    .toBuffer();
}
