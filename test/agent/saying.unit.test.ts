import { expect, test } from "vitest";
import { answerId, newGreetingId, unanswered } from "../../src/agent/saying.js";

type PastTurn = Parameters<typeof unanswered>[0][number];

const user = (id: string): PastTurn => ({ id, role: "user", cut_off: false });
const agent = (id: string, cut_off = false): PastTurn => ({ id, role: "agent", cut_off });
const tool: PastTurn = { id: "t", role: "tool", cut_off: false };

test("who comes after an agent answers what the last one left open", () => {
  const open: readonly (readonly PastTurn[])[] = [
    [user("q")],
    [user("q"), tool],
    [user("q"), agent("q.a", true)],
    [user("p"), agent("p.a"), user("q"), agent("q.a", true)],
    // Asked before the agent had greeted.
    [user("q"), agent(newGreetingId())],
  ];
  for (const transcript of open) expect(unanswered(transcript)?.id).toBe("q");
});

test("and greets where nothing is open", () => {
  expect(unanswered([])).toBe(undefined);
  expect(unanswered([agent(newGreetingId())])).toBe(undefined);
  expect(unanswered([user("q"), agent("q.a")])).toBe(undefined);
  // By an agent that names its turns otherwise.
  expect(unanswered([user("q"), agent("x")])).toBe(undefined);
});

test("an answer's id is its question's, however often it is given, and no longer than ids may be", () => {
  expect(answerId({ id: "q" })).toBe("q.a");
  expect(answerId({ id: "x".repeat(64) })).toHaveLength(64);
});
