import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { compare, pack } from "./picture.js";
import { SHOTS } from "./shots.js";
import { describeGallery, useGallery, type Look } from "./support.js";

const KEPT = fileURLToPath(new URL("pictures/", import.meta.url));
/** Where a person finds what has changed. */
const DIFFERENCES = fileURLToPath(new URL("../../../dist/gallery-differences/", import.meta.url));
const MAX_CHANGED_SHARE = 0.002;
/** `npm run gallery:renew` */
const isRenewing = process.env["RENEW_PICTURES"] !== undefined;

const gallery = useGallery();

describeGallery("the gallery's pictures", () => {
  beforeAll(async () => {
    if (!isRenewing) return;
    await rm(KEPT, { recursive: true, force: true });
    await mkdir(KEPT, { recursive: true });
  });

  it("are few, and each is one of a shot", async () => {
    expect(SHOTS.length).toBeLessThanOrEqual(60);
    if (isRenewing) return;
    const files = await readdir(KEPT);
    expect(files.toSorted()).toEqual(SHOTS.map(({ name }) => `${name}.png`).toSorted());
  });

  it.each(SHOTS)("look as they did: $name", async ({ name, state, look }) => {
    const seen = await shoot(state, look);
    const path = join(KEPT, `${name}.png`);
    if (isRenewing) return writeFile(path, await pack(seen));
    const { changedShare, difference } = await compare(await readFile(path), seen);
    if (changedShare > MAX_CHANGED_SHARE) {
      await mkdir(DIFFERENCES, { recursive: true });
      await writeFile(join(DIFFERENCES, `${name}.png`), difference);
      await writeFile(join(DIFFERENCES, `${name}.seen.png`), seen);
    }
    expect(changedShare, `see dist/gallery-differences/${name}.png`).toBeLessThanOrEqual(
      MAX_CHANGED_SHARE,
    );
  });

  describe.skipIf(isRenewing)("are compared so", () => {
    it.each([
      ["a wrong space", ".card { padding: 20px !important }"],
      ["a wrong colour", ".button { background: #f0b429 !important }"],
      ["a line that is gone", ".actions { display: block !important }"],
    ])("that one line of a style sheet fails them: %s", async (_, line) => {
      const kept = await readFile(join(KEPT, "card-detail.light.png"));
      const right = await compare(kept, await shoot("card-detail"));
      expect(right.changedShare).toBeLessThanOrEqual(MAX_CHANGED_SHARE);
      const broken = await compare(kept, await shoot("card-detail", {}, line));
      expect(broken.changedShare).toBeGreaterThan(MAX_CHANGED_SHARE);
    });
  });
});

async function shoot(state: string, look: Look = {}, line?: string): Promise<Buffer> {
  expect(await gallery.show(state, look)).toEqual([]);
  if (line !== undefined) await gallery.page.addStyleTag({ content: line });
  return gallery.page.screenshot({ animations: "disabled", caret: "hide" });
}
