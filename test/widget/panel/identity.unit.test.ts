import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readIdentity } from "../../../src/widget/panel/identity.js";

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

describe("an identity token", () => {
  const payload = (claims: object): string => {
    const bytes = new TextEncoder().encode(JSON.stringify(claims));
    return Buffer.from(bytes).toString("base64url");
  };
  const tokenOf = (claims: object): string => `e30.${payload(claims)}.c2ln`;

  it("is taken when it is one of the person who is named, in whatever script", () => {
    for (const userId of ["ada", "Ада ÿ?>"]) {
      const token = tokenOf({ sub: userId, exp: 2_000_000_000 });
      expect(readIdentity({ userId, token })).toEqual({ userId, token, metadata: {} });
    }
    expect(logged).not.toHaveBeenCalled();
  });

  it.each([
    tokenOf({ sub: "grace", exp: 2_000_000_000 }),
    tokenOf({ sub: "ada" }),
    "no token",
    "a.b.c",
    "e30.%.c2ln",
    "",
    7,
    // What is left of a promise that the page did not wait for.
    {},
  ])("is left out, and the developers are told, when the platform would refuse it: %j", (token) => {
    expect(readIdentity({ userId: "ada", token })).toEqual({ userId: "ada", metadata: {} });
    expect(logged).toHaveBeenCalledOnce();
  });

  it("is in no line of the console", () => {
    const token = tokenOf({ sub: "grace", exp: 2_000_000_000 });
    readIdentity({ userId: "ada", token });
    expect(JSON.stringify(logged.mock.calls)).not.toContain(token);
  });
});
