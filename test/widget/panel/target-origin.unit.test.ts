import { describe, expect, it, vi } from "vitest";
import { chooseTargetOrigin } from "../../../src/widget/panel/target-origin.js";
import { panelAddress, readScriptAddress } from "../../../src/widget/loader/script-address.js";

const shop = "https://shop.example";

describe("the origin that the panel talks to", () => {
  it("is the parent's, or anybody's where every origin may embed and none is named", () => {
    expect(chooseTargetOrigin([], shop)).toBe(shop);
    expect(chooseTargetOrigin([], undefined)).toBe("*");
    expect(chooseTargetOrigin([], null)).toBe("*");
    expect(chooseTargetOrigin([], "")).toBe("*");
  });

  it("is the parent's when it is listed", () => {
    expect(chooseTargetOrigin([shop, "https://other.example"], shop)).toBe(shop);
  });

  it.each([
    undefined,
    null,
    "",
    "null",
    "*",
    "https://www.shop.example",
    "https://shop.example:8443",
    "http://shop.example",
    "https://shop.example/",
    "https://shop.example.evil.example",
  ])("is nobody's when the list does not hold it: %s", (claimed) => {
    expect(chooseTargetOrigin([shop], claimed)).toBe("null");
  });

  it.each(["shop.example", "https://shop.example/path", "javascript:1", "file://", "*"])(
    "is not taken from what is no origin: %s",
    (claimed) => {
      expect(chooseTargetOrigin([], claimed)).toBe("*");
    },
  );
});

describe("the script's own address", () => {
  it("says where the platform is and which widget is meant", () => {
    const id = "6f1c2e0a-0f6b-4c0e-9a53-1c7a2a8f4a11";
    expect(readScriptAddress(`https://p.example/public/embed/${id}`)).toEqual({
      base: "https://p.example",
      origin: "https://p.example",
      widgetId: id,
    });
    expect(readScriptAddress(`https://p.example:8443/chat/public/embed/${id}?v=1#x`)).toEqual({
      base: "https://p.example:8443/chat",
      origin: "https://p.example:8443",
      widgetId: id,
    });
    for (const other of [
      "",
      "https://p.example/embed/x",
      "data:text/javascript,/public/embed/x",
      "https://p.example/?/public/embed/x",
    ]) {
      expect(readScriptAddress(other)).toBeNull();
    }
  });

  it("cannot smuggle a parentOrigin into the panel", () => {
    const address = readScriptAddress(
      "https://p.example/public/embed/abc?parentOrigin=https://evil.example&x=1",
    );
    vi.stubGlobal("self", { origin: shop });
    vi.stubGlobal("document", { documentElement: { dir: "rtl", lang: "ar-EG" } });
    const url = new URL(address ? panelAddress(address) : "");
    vi.unstubAllGlobals();
    expect(url.searchParams.getAll("parentOrigin")).toEqual([shop]);
    expect([...url.searchParams.keys()]).toEqual(["parentOrigin", "dir", "lang", "vision"]);
    expect(url.pathname).toBe("/public/embed/abc/panel");
  });
});
