import { describe, expect, it } from "vitest";
import {
  isHarmless,
  open,
  parse,
  parseIdentity,
  seal,
  TO_LOADER,
  TO_PANEL,
  type ToLoader,
  type ToPanel,
} from "../../src/protocol/panel-messages.js";

const panel = { name: "the panel's window" };
const stranger = { name: "another window" };
const origin = "https://parley.example";
const ready = seal({ type: "ready" });

describe("a message between loader and panel", () => {
  it("counts from the one window and the one origin only", () => {
    const receive = (event: { source: unknown; origin: string }): ToLoader | undefined =>
      open<ToLoader>({ data: ready, ...event }, TO_LOADER, panel, origin);
    expect(receive({ source: panel, origin })).toMatchObject({ type: "ready" });
    expect(receive({ source: stranger, origin })).toBeUndefined();
    expect(receive({ source: panel, origin: "https://evil.example" })).toBeUndefined();
    expect(receive({ source: panel, origin: "null" })).toBeUndefined();
  });

  it("is from nobody as long as there is no frame", () => {
    for (const nobody of [undefined, null]) {
      const event = { data: ready, source: nobody, origin };
      expect(open<ToLoader>(event, TO_LOADER, nobody, origin)).toBeUndefined();
    }
  });

  it.each([
    undefined,
    null,
    "ready",
    7,
    [],
    {},
    { type: "ready" },
    { parley: 2, type: "ready" },
    { parley: 1 },
    { parley: 1, type: "explode" },
    { parley: 1, type: "constructor", x: 1 },
    { parley: 1, type: "size" },
    { parley: 1, type: "size", expanded: "yes" },
    { parley: 1, type: "need_ticket", request: "1" },
    { parley: 1, type: "event", name: "message", detail: null },
    { parley: 1, type: "event", name: "message", detail: "text" },
  ])("is dropped when it is none of ours: %j", (data) => {
    expect(parse<ToLoader>(data, TO_LOADER)).toBeUndefined();
  });

  it("passes whole, in both directions", () => {
    const toPanel: ToPanel[] = [
      { type: "open", focus: true, identity: { userId: "ada", metadata: {} } },
      { type: "open", focus: false, wide: true },
      { type: "closed" },
      { type: "send", text: "Hello" },
      { type: "logout" },
      { type: "ticket", request: 1, status: 200, ticket: "t" },
      { type: "ticket", request: 1, status: 0 },
    ];
    for (const message of toPanel) {
      expect(parse<ToPanel>(seal(message), TO_PANEL)).toMatchObject(message);
    }
    const toLoader: ToLoader[] = [
      { type: "size", expanded: true },
      { type: "live", inCall: false },
      { type: "event", name: "unread", detail: { count: 2 } },
    ];
    for (const message of toLoader) {
      expect(parse<ToLoader>(seal(message), TO_LOADER)).toMatchObject(message);
    }
  });

  it("tells an unknown parent nothing about the talk", () => {
    expect(isHarmless({ type: "ready" })).toBe(true);
    expect(isHarmless({ type: "close" })).toBe(true);
    expect(isHarmless({ type: "size", expanded: true })).toBe(true);
    expect(isHarmless({ type: "need_ticket", request: 1 })).toBe(false);
    expect(isHarmless({ type: "live", inCall: true })).toBe(false);
    expect(isHarmless({ type: "event", name: "message", detail: {} })).toBe(false);
  });
});

describe("a visitor's name", () => {
  it("has 1 to 255 characters; what goes with it is an object", () => {
    expect(parseIdentity({ userId: "ada" })).toEqual({ userId: "ada", metadata: {} });
    expect(parseIdentity({ userId: "👋".repeat(255) })?.userId).toHaveLength(510);
    expect(parseIdentity({ userId: "ada", metadata: { plan: "pro" } })).toEqual({
      userId: "ada",
      metadata: { plan: "pro" },
    });
    for (const bad of [
      undefined,
      "ada",
      {},
      { userId: "" },
      { userId: 7 },
      { userId: "x".repeat(256) },
      { userId: "👋".repeat(256) },
    ]) {
      expect(parseIdentity(bad)).toBeUndefined();
    }
    expect(parseIdentity({ userId: "ada", metadata: [1] })).toEqual({
      userId: "ada",
      metadata: {},
    });
  });
});
