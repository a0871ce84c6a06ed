import { jwtVerify, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { signHs256, verifyHs256 } from "../../src/platform/hs256.js";

const KEY = new TextEncoder().encode("a-key-of-thirty-two-bytes-at-least");
const NOW = new Date("2026-11-29T12:00:00.500Z");
const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);
const CLAIMS = { u: "ünï ☃", n: [1, null], exp: NOW_SECONDS + 60 };

describe("a token of ours", () => {
  test("is one that jose reads, and byte for byte the one that jose makes", async () => {
    const token = signHs256(CLAIMS, KEY);
    expect((await jwtVerify(token, KEY, { currentDate: NOW })).payload).toEqual(CLAIMS);
    expect(await new SignJWT(CLAIMS).setProtectedHeader({ alg: "HS256" }).sign(KEY)).toBe(token);
    expect(verifyHs256(token, KEY, NOW)).toEqual(CLAIMS);
  });

  test.each([1, 0, -1])("with %i s to go is good exactly where jose says so", async (seconds) => {
    const token = signHs256({ exp: NOW_SECONDS + seconds }, KEY);
    const isGood = await jwtVerify(token, KEY, { currentDate: NOW }).then(
      () => true,
      () => false,
    );
    expect(verifyHs256(token, KEY, NOW) !== undefined).toBe(isGood);
  });

  test("is refused after any change, under another key, header or algorithm, and without an end", async () => {
    const token = signHs256(CLAIMS, KEY);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const other = Buffer.from(JSON.stringify({ ...CLAIMS, u: "eve" })).toString("base64url");
    const signed = (alg: string): Promise<string> =>
      new SignJWT(CLAIMS).setProtectedHeader({ alg }).sign(Buffer.alloc(64, 1));
    const bad = [
      "",
      ".",
      "..",
      header,
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}.${other}.${signature}`,
      `${token}=`,
      ` ${token}`,
      token.slice(0, -1),
      `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
      new UnsecuredJWT(CLAIMS).encode(),
      await signed("HS256"),
      await signed("HS512"),
      await new SignJWT(CLAIMS).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(KEY),
      await new SignJWT({ u: "ada" }).setProtectedHeader({ alg: "HS256" }).sign(KEY),
    ];
    for (const text of bad) expect(verifyHs256(text, KEY, NOW), text).toBeUndefined();
    const flipped = [...token].map((char, index) =>
      char === "."
        ? token
        : token.slice(0, index) + (char === "x" ? "y" : "x") + token.slice(index + 1),
    );
    for (const text of flipped) {
      if (text !== token) expect(verifyHs256(text, KEY, NOW), text).toBeUndefined();
    }
  });
});
