import { describe, expect, test } from "vitest";
import { clock } from "../../src/console/conversations/conversation-words.js";
import {
  entriesOf,
  joinTurns,
  shownBy,
  stagesOf,
  wholeOf,
} from "../../src/console/conversations/turns.js";
import type { TurnFragment } from "../../src/console/generated/operations.js";

const NONE = {
  transcription: null,
  endOfTurn: null,
  modelFirstToken: null,
  speechFirstSound: null,
  total: null,
};

function turn(id: string, second: number, text = ""): TurnFragment {
  const createdAt = `2026-01-01T00:00:0${second}.000Z`;
  const nothing = { error: null, latency: null, usage: null, toolCall: null };
  return { id, role: "USER", mode: "TEXT", text, createdAt, ...nothing };
}

describe("turns of a conversation", () => {
  test("are each there once, as they were told last, oldest first", () => {
    const joined = joinTurns(
      [turn("a", 1), turn("b", 3, "half")],
      [turn("b", 3, "half of it"), turn("c", 2)],
    );
    expect(joined.map(({ id, text }) => `${id} ${text}`.trim())).toEqual([
      "a",
      "c",
      "b half of it",
    ]);
  });

  test("have the stages that took part, and what is left of the whole", () => {
    const latency = { ...NONE, transcription: 100, modelFirstToken: 300, total: 450 };
    expect(stagesOf(latency)).toEqual([
      { stage: "transcription", milliseconds: 100 },
      { stage: "modelFirstToken", milliseconds: 300 },
      { stage: "rest", milliseconds: 50 },
    ]);
    expect(wholeOf(latency)).toBe(450);
    expect(wholeOf({ ...NONE, modelFirstToken: 300, total: 200 })).toBe(300);
    expect(stagesOf(NONE)).toEqual([]);
  });

  test("tell cards and forms from other tools", () => {
    expect(shownBy("show_detail_widget")).toEqual({ kind: "card", id: "detail" });
    expect(shownBy("show_form_callback")).toEqual({ kind: "form", id: "callback" });
    expect(shownBy("get_current_time")).toBeUndefined();
  });

  test("stand at their time", () => {
    expect([0, 65, 3725].map(clock)).toEqual(["0:00", "1:05", "1:02:05"]);
  });
});

test("what is no text is written as JSON beside its name", () => {
  expect(entriesOf({ rating: 5, text: "good", tags: ["a"] })).toEqual([
    ["rating", "5"],
    ["text", "good"],
    ["tags", '["a"]'],
  ]);
  expect(entriesOf(null)).toEqual([]);
});
