import { describe, expect, it } from "vitest";
import { CARD_TYPES } from "../../../src/platform/agents/cards.js";
import { readShow, type Card } from "../../../src/widget/panel/card.js";
import { parseSession } from "../../../src/widget/panel/session-store.js";

const items = [{ id: "a", title: "A", image_url: "https://img.example/a.png" }];
const SAMPLES: Record<(typeof CARD_TYPES)[number], object> = {
  detail: {
    title: "Shoe",
    fields: [{ label: "Price", value: 129 }],
    actions: [{ id: "buy", label: "Buy" }],
  },
  carousel: { items },
  info: { text: "Open until six", tone: "success" },
  list: { title: "Shoes", items },
  action_grid: { actions: [{ id: "a", label: "A" }] },
  collect_otp: { length: 4 },
  collect_phone_number: { title: "Your number" },
  order_tracker: { order_id: "A-1", steps: [{ label: "Packed", state: "done" }] },
  comparison: {
    items: [{ name: "A" }, { name: "B" }],
    rows: [{ label: "Weight", values: ["1", "2"] }],
  },
};

describe("what the agent asks the panel to show", () => {
  it.each(CARD_TYPES)("can be a card of the type %s", (type) => {
    expect(card(type, SAMPLES[type])?.type).toBe(type);
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
    expect(shown).toMatchObject({ item: { image: undefined, actions: [{ href: undefined }] } });
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
