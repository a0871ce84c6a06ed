import { describe, expect, it } from "vitest";
import { CARD_SCHEMAS, CARD_TYPES } from "../../../src/protocol/cards.js";
import { readShow, type Card } from "../../../src/widget/panel/card.js";
import { parseSession } from "../../../src/widget/panel/session-store.js";
import { sampleOf } from "../../support/sample-of.js";

describe("what the agent asks the panel to show", () => {
  it.each(CARD_TYPES)("can be a card of the type %s, whole", (type) => {
    const fields = sampleOf(CARD_SCHEMAS[type]) as object;
    expect(CARD_SCHEMAS[type].parse(fields)).toEqual(fields);
    const { type: shown, ...read } = card(type, fields) ?? {};
    expect(shown).toBe(type);
    expect(Object.keys(read).toSorted()).toEqual(Object.keys(fields).toSorted());
    const missing = Object.entries(read).filter(([, value]) => value === undefined);
    expect(missing).toEqual([]);
  });

  it("is told from a type that every object has", () => {
    expect(card("constructor", { title: "Hello" })).toMatchObject({ type: "info" });
  });

  it("may have a number for a text", () => {
    const fields = [{ label: "Price", value: 129 }];
    expect(card("detail", { title: 7, fields })).toMatchObject({
      title: "7",
      fields: [{ label: "Price", value: "129" }],
    });
  });

  it.each([3, 9, "many", undefined])("has a code of six digits when it says %s", (length) => {
    expect(card("collect_otp", { length })).toMatchObject({ length: 6 });
  });

  it("can be a form", () => {
    const data = { id: "contact", fields: [{ id: "name", type: "text" }] };
    expect(readShow(JSON.stringify({ id: "1", kind: "form", data }))).toMatchObject({
      kind: "form",
    });
  });

  it.each([
    "",
    "nonsense",
    "[]",
    "{}",
    '{"id":"1","kind":"form","data":{}}',
    '{"id":"1","kind":"card","type":"list","data":{"items":[]}}',
  ])("is refused when there is nothing to show: %s", (payload) => {
    expect(readShow(payload)).toBeUndefined();
  });

  it("links and loads nothing but safe addresses", () => {
    const shown = card("detail", {
      title: "x",
      image_url: "http://tracker.example/pixel",
      actions: [{ id: "a", label: "A", url: "javascript:alert(1)" }],
    });
    expect(shown).toMatchObject({ image_url: undefined, actions: [{ url: undefined }] });
  });

  it("still says something when the type is not known here", () => {
    expect(card("hologram", { title: "Hello" })).toMatchObject({ type: "info", title: "Hello" });
  });
});

describe("a session from storage", () => {
  it("is taken only when it is whole", () => {
    const session = {
      userId: "guest_1",
      conversationId: "c",
      visitorToken: "v",
      owner: "o",
      isOver: false,
      cards: [
        { id: "1", payload: "{}", after: 2, answer: undefined },
        { id: "2", payload: "{}", after: 2, answer: { action: "yes" } },
      ],
    };
    expect(parseSession(JSON.stringify(session))).toEqual(session);
    const odd = { ...session, cards: [7, { id: "3" }, { id: "4", payload: "{}", answer: 1 }] };
    expect(parseSession(JSON.stringify(odd))?.cards).toEqual([
      { id: "4", payload: "{}", after: 0, answer: undefined },
    ]);
    for (const broken of [
      "",
      "null",
      "{}",
      '{"userId":"x"}',
      '{"userId":1,"conversationId":"c"}',
    ]) {
      expect(parseSession(broken)).toBeUndefined();
    }
  });
});

function card(type: string, data: object): Card | undefined {
  const shown = readShow(JSON.stringify({ id: "1", kind: "card", type, data }));
  return shown?.kind === "card" ? shown.card : undefined;
}
