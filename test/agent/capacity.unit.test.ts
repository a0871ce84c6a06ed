import { expect, test } from "vitest";
import { Capacity, defaultMaxTalks, type RunningTalk } from "../../src/agent/capacity.js";

let nowMs = 0;

function holding(max: number): { capacity: Capacity; running: RunningTalk[] } {
  const running: RunningTalk[] = [];
  return { capacity: new Capacity({ max, running: () => running, nowMs: () => nowMs }), running };
}

function talk(id: string): RunningTalk {
  return { id, room: `room of ${id}`, identity: `agent-${id}` };
}

test("a worker that has room for one more reports less than what LiveKit stops calling at", () => {
  const { capacity } = holding(40);
  for (let taken = 0; taken < 40; taken += 1) {
    expect(capacity.load).toBeLessThan(0.7);
    expect(capacity.take(String(taken))).toBe(true);
  }
  expect(capacity.load).toBe(1);
  expect(capacity.isFull).toBe(true);
});

test("the emptier of two workers reports less", () => {
  const { capacity: one } = holding(2);
  const { capacity: other } = holding(2);
  one.take("a");
  expect(other.load).toBeLessThan(one.load);
});

test("a talk that has no process yet counts, once, and no longer than it can still get one", () => {
  const { capacity, running } = holding(2);
  expect([capacity.take("a"), capacity.take("b"), capacity.take("c")]).toEqual([true, true, false]);
  running.push(talk("a"));
  expect(capacity.taken).toBe(2);
  nowMs += 120_001;
  expect(capacity.taken).toBe(1);
});

test("there is room again when a talk's process has gone, which is told once", () => {
  const { capacity, running } = holding(1);
  capacity.take("a");
  running.push(talk("a"));
  expect(capacity.takeGone()).toEqual([]);
  running.pop();
  expect(capacity.takeGone()).toEqual([talk("a")]);
  expect(capacity.takeGone()).toEqual([]);
  expect(capacity.take("b")).toBe(true);
});

test("every machine holds a talk", () => {
  expect(defaultMaxTalks()).toBeGreaterThanOrEqual(1);
});
