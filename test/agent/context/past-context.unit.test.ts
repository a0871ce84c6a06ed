import { expect, test } from "vitest";
import { answerInWords, pastContext } from "../../../src/agent/context/past-context.js";

type PastTurn = Parameters<typeof pastContext>[0][number];

function turn(id: string, role: PastTurn["role"], parts: Partial<PastTurn> = {}): PastTurn {
  const created_at = "2026-07-01T10:00:00.000Z";
  return {
    id,
    role,
    text: id,
    mode: "text",
    created_at,
    tool_call: null,
    cut_off: false,
    ...parts,
  };
}

function call(name: string, args: object, result: object | null, error: string | null = null) {
  return { tool_call: { call_id: "c1", name, arguments: args, result, error } };
}

/** As a model reads it. */
const read = (transcript: readonly PastTurn[]): unknown[] =>
  pastContext(transcript).items.map((item) => {
    if (item.type === "message") return [item.role, item.textContent];
    if (item.type === "function_call") return [item.name, item.args];
    return item.type === "function_call_output" ? [item.name, item.output, item.isError] : [];
  });

test("a resumed talk is read with what was said, called, shown and filled in", () => {
  const form = "show_form_callback";
  const name = "retrieve_webpage";
  expect(
    read([
      turn("greeting.1", "agent"),
      turn("q1", "user"),
      turn("t1", "tool", call(name, { url: "https://a.example/" }, { characters: 5 })),
      turn("t2", "tool", call(name, { url: "x" }, null, "This page cannot be read.")),
      turn("t3", "tool", call(form, {}, { shown: true })),
      turn("q1.a", "agent"),
      turn("t4", "tool", call(form, {}, { values: { name: "Ada" } })),
    ]),
  ).toEqual([
    ["assistant", "greeting.1"],
    ["user", "q1"],
    [name, '{"url":"https://a.example/"}'],
    [name, '{"characters":5}', false],
    [name, '{"url":"x"}'],
    [name, "This page cannot be read.", true],
    [form, "{}"],
    [form, '{"shown":true}', false],
    ["assistant", "q1.a"],
    ["user", '{"answered":"show_form_callback","values":{"name":"Ada"}}'],
  ]);
});

test("an answer on a card reads the same when it comes and when it is long past", () => {
  const given = { values: { name: "Ada" } };
  const tool = "show_form_callback";
  const [[, past] = []] = read([turn("t", "tool", call(tool, {}, given))]) as string[][];
  expect(past).toBe(answerInWords({ tool, given }));
});

test("an answer that broke off is said anew, so it is not read", () => {
  const broken = turn("q1.a", "agent", { cut_off: true });
  expect(read([turn("q1", "user"), broken])).toEqual([["user", "q1"]]);
  expect(read([turn("q1", "user"), broken, turn("q2", "user")])).toHaveLength(3);
});
