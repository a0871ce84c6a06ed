import { describe, expect, it } from "vitest";
import { checkSizes, SIZE_LIMITS } from "../../src/tooling/sizes.js";

const fine = {
  loader: { file: "l.js", gzipBytes: 4000 },
  released: undefined,
  frame: { file: "f.js", gzipBytes: 3000 },
  panel: { entry: "p.js", css: "p.css", preload: [], gzipBytes: 40_000 },
  livekit: { file: "r.js", gzipBytes: 150_000 },
  markdown: { file: "m.js", gzipBytes: 43_000 },
  phones: { file: "n.js", gzipBytes: 40_000 },
};

const page = { entry: "c.js", css: "c.css", preload: [], gzipBytes: 180_000 };

describe("the sizes that a visitor pays", () => {
  it("are 5 KB for the loader and 60 KB for the panel's first paint", () => {
    expect(SIZE_LIMITS).toMatchObject({ loader: 5120, panel: 61_440 });
    expect(checkSizes(fine, page).problems).toEqual([]);
  });

  it("fail the build when they grow, and when a part is missing", () => {
    const grown = { ...fine, loader: { file: "l.js", gzipBytes: 5121 } };
    expect(checkSizes(grown, page).problems).toHaveLength(1);
    const missing = { ...fine, livekit: { file: "r.js", gzipBytes: 0 } };
    expect(checkSizes(missing, page).problems).toHaveLength(1);
  });

  it("are 250 KB for the console's first page", () => {
    expect(checkSizes(fine, { ...page, gzipBytes: 256_000 }).problems).toEqual([]);
    expect(checkSizes(fine, { ...page, gzipBytes: 256_001 }).problems).toHaveLength(1);
  });
});
