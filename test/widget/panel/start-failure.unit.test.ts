import { describe, expect, it } from "vitest";
import { RuntimeError } from "../../../src/widget/panel/runtime-api.js";
import { explainStart } from "../../../src/widget/panel/start-failure.js";

describe("a start that is refused with 429", () => {
  const refused = (code?: string) => explainStart(new RuntimeError(429, "Refused.", 43_200, code));

  it("says that others talk, and may be tried again", () => {
    expect(refused("too_many_talks")).toMatchObject({
      text: expect.stringContaining("Many people"),
      isPassing: true,
    });
  });

  it("says that the day is used up, which no try changes", () => {
    expect(refused("day_used_up")).toMatchObject({
      text: expect.stringContaining("tomorrow"),
      isPassing: false,
    });
  });

  it("says how long to wait where it was one start too many", () => {
    expect(refused()).toMatchObject({
      text: expect.stringContaining("43,200 seconds"),
      isPassing: true,
    });
  });
});
