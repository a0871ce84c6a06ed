import { expect, test } from "vitest";
import { relyingPartyOf, type RelyingParty } from "../../../src/platform/people/relying-party.js";

function partyOf(
  publicUrl: string,
  isProduction: boolean,
  consoleUrl = publicUrl,
): RelyingParty | undefined {
  return relyingPartyOf({ publicUrl, consoleUrl, isProduction });
}

test("passkeys belong to a name, by https or on this machine", () => {
  for (const [publicUrl, id, origin] of [
    ["https://parley.test", "parley.test", "https://parley.test"],
    ["https://parley.test:8443/chat", "parley.test", "https://parley.test:8443"],
    ["http://localhost:4000", "localhost", "http://localhost:4000"],
    ["http://one.localhost:4000", "one.localhost", "http://one.localhost:4000"],
  ] as const) {
    for (const isProduction of [true, false]) {
      expect(partyOf(publicUrl, isProduction), publicUrl).toEqual({ id, origin });
    }
  }
});

test("there are none for another machine's name without https, nor for an address", () => {
  for (const publicUrl of [
    "http://parley.test",
    "http://192.0.2.7:4000",
    "https://192.0.2.7",
    "https://[2001:db8::7]",
  ]) {
    for (const isProduction of [true, false]) {
      expect(partyOf(publicUrl, isProduction), publicUrl).toBeUndefined();
    }
  }
});

test("in development this machine's addresses have a name", () => {
  const there = { id: "localhost", origin: "http://localhost:4000" };
  for (const publicUrl of ["http://127.0.0.1:4000", "http://[::1]:4000"]) {
    expect(partyOf(publicUrl, false)).toEqual(there);
    expect(partyOf(publicUrl, true)).toBeUndefined();
  }
});

test("they belong to the console's host, where it has one of its own", () => {
  const id = "console.parley.test";
  const there = { id, origin: `https://${id}` };
  expect(partyOf("https://parley.test", true, `https://${id}`)).toEqual(there);
  const local = { id: "localhost", origin: "http://localhost:4000" };
  expect(partyOf("http://127.0.0.1:4000", false, "http://localhost:4000")).toEqual(local);
});
