import { expect, test } from "vitest";
import { returnTo, returnToParameter } from "../../src/console/sign-in/return-to.js";

test("who had to sign in goes on to where they were going", () => {
  expect(returnTo(returnToParameter("/keys"))).toBe("/keys");
  expect(returnTo(returnToParameter("/audit?action=widget.update&first=2"))).toBe(
    "/audit?action=widget.update&first=2",
  );
  expect(returnToParameter("/")).toBe("");
  expect(returnTo("")).toBe("/");
});

test("nobody is sent to another site, whatever a link says", () => {
  for (const wanted of [
    "https://evil.example/",
    "//evil.example/",
    String.raw`/\evil.example/`,
    String.raw`/keys\..\evil`,
    "/\t/evil.example",
    "javascript:alert(1)",
    "keys",
    "",
  ]) {
    expect(returnTo(`?${new URLSearchParams({ return_to: wanted }).toString()}`), wanted).toBe("/");
  }
});
