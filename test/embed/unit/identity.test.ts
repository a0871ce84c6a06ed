import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readIdentity } from "../../../src/embed/panel/identity.js";

const logged = vi.spyOn(console, "error");

beforeEach(() => {
  logged.mockReturnValue(undefined);
});
afterEach(() => {
  logged.mockReset();
});

describe("what a page says of its visitor", () => {
  it("is taken as it is when the platform takes it", () => {
    const ada = { userId: "ada", metadata: { plan: "pro" } };
    expect(readIdentity(ada)).toEqual(ada);
    expect(logged).not.toHaveBeenCalled();
  });

  it.each([
    {},
    { userId: "" },
    { userId: "x".repeat(256) },
    { userId: "a\nb" },
    { userId: "a\u0085" },
  ])(
    "is dropped, and the developers are told, when the platform would refuse the name: %j",
    (value) => {
      expect(readIdentity(value)).toBeUndefined();
      expect(logged).toHaveBeenCalledOnce();
    },
  );

  it("is a name without metadata when that is more than the platform keeps, in bytes", () => {
    const fits = { userId: "ada", metadata: { note: "x".repeat(16 * 1024 - 11) } };
    expect(readIdentity(fits)).toEqual(fits);
    const large = { userId: "ada", metadata: { note: "é".repeat(8 * 1024) } };
    expect(readIdentity(large)).toEqual({ userId: "ada", metadata: {} });
    expect(logged).toHaveBeenCalledOnce();
  });
});
