import { expect, it } from "vitest";
import { describeGallery, useGallery } from "./support.js";

const gallery = useGallery();

describeGallery("every state of the gallery", () => {
  it("is drawn, within its width and without an error", { timeout: 180_000 }, async () => {
    const names = await gallery.names();
    expect(names.length).toBeGreaterThan(40);
    for (const name of names) {
      expect(await gallery.show(name), name).toEqual([]);
      const widths = await gallery.page
        .locator("html")
        .evaluate((root) => [root.scrollWidth, root.clientWidth]);
      expect(widths[0], name).toBe(widths[1]);
    }
  });
});
