import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MemoryCounter } from "../../../src/platform/auth/call-counter.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a window begins with its first call and ends when its time is over, whenever others began", () => {
  const counter = new MemoryCounter(60);
  counter.count("somebody", 5);
  vi.advanceTimersByTime(59_000);
  expect(counter.count("ada", 2)).toEqual({ calls: 1, isOver: false, msLeft: 60_000 });
  vi.advanceTimersByTime(2_000);
  expect(counter.count("somebody", 5)).toMatchObject({ calls: 1, msLeft: 60_000 });
  expect(counter.count("ada", 2)).toEqual({ calls: 2, isOver: false, msLeft: 58_000 });
  vi.advanceTimersByTime(57_999);
  expect(counter.count("ada", 2)).toEqual({ calls: 2, isOver: true, msLeft: 1 });
  vi.advanceTimersByTime(1);
  expect(counter.count("ada", 2)).toEqual({ calls: 1, isOver: false, msLeft: 60_000 });
});

test("a call beyond uses up nothing: it counts once more are allowed", () => {
  const counter = new MemoryCounter(60);
  expect(counter.count("widget", 1).isOver).toBe(false);
  for (let n = 0; n < 3; n += 1) expect(counter.count("widget", 1).isOver).toBe(true);
  expect(counter.count("widget", 2)).toMatchObject({ calls: 2, isOver: false });
});

test("what is over is forgotten", () => {
  const counter = new MemoryCounter(60);
  for (let n = 0; n < 1_000; n += 1) {
    counter.count(`client ${n}`, 1);
    vi.advanceTimersByTime(60_000);
  }
  const kept = Object.values(counter).filter((value) => value instanceof Map);
  expect(kept.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(3);
});
