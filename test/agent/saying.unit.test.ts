import { describe, expect, test } from "vitest";
import { answerId, newGreetingId, opening, unanswered } from "../../src/agent/saying.js";

type PastTurn = Parameters<typeof unanswered>[0][number];

const SAID_AT = Date.parse("2026-11-01T12:00:00Z");
const said = { cut_off: false, created_at: new Date(SAID_AT).toISOString() };
const user = (id: string): PastTurn => ({ ...said, id, role: "user" });
const agent = (id: string, cut_off = false): PastTurn => ({ ...said, id, role: "agent", cut_off });
const tool: PastTurn = { ...said, id: "t", role: "tool" };

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

describe("where nothing is open, a visitor", () => {
  const greeting = agent(newGreetingId());
  const talk = [greeting, user("q"), agent("q.a")];
  const begins = (transcript: PastTurn[], nowMs: number, resumed = transcript.length > 0): string =>
    opening({ resumed, transcript }, nowMs);
  const [soon, later] = [SAID_AT + 60_000, SAID_AT + 600_000];

  test("is greeted once, whatever the page, and by whichever agent", () => {
    expect(begins([], later)).toBe("greet");
    expect(begins([greeting], soon)).toBe("go_on");
    expect(begins([greeting], later)).toBe("go_on");
    expect(begins(talk, soon)).toBe("go_on");
    // Nothing is told of what was said to whoever came back by a name alone.
    expect(begins([], later, true)).toBe("go_on");
  });

  test("is greeted again when the greeting broke off", () => {
    expect(begins([agent(newGreetingId(), true)], soon)).toBe("greet");
  });

  test("is welcomed once on return after some minutes", () => {
    expect(begins(talk, later)).toBe("welcome");
    expect(begins([...talk, agent(newGreetingId())], later)).toBe("go_on");
  });
});
