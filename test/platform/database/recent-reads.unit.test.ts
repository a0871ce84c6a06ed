import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RecentReads } from "../../../src/platform/database/recent-reads.js";

/** Reads that end when the test says so. */
let reads: ((value: string | undefined) => void)[];
const read = (): Promise<string | undefined> => new Promise((resolve) => void reads.push(resolve));
let recent: RecentReads<string | undefined>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  reads = [];
  recent = new RecentReads((value) => value !== undefined);
});
afterEach(() => {
  vi.useRealTimers();
});

/** As if it was read just now. */
async function hold(value: string): Promise<void> {
  const found = recent.find("widget", read);
  reads.shift()?.(value);
  await found;
}

async function endRead(value: string | undefined): Promise<void> {
  reads.shift()?.(value);
  await Promise.resolve();
}

const peek = (): string | undefined => recent.peek("widget", read);

test("what is asked for all the time is read again before its second is over, once, and nobody waits", async () => {
  await hold("first");
  expect(peek()).toBe("first");
  expect(reads).toHaveLength(0);
  vi.advanceTimersByTime(700);
  expect([peek(), peek()]).toEqual(["first", "first"]);
  expect(reads).toHaveLength(1);
  vi.advanceTimersByTime(200);
  await endRead("second");
  expect(peek()).toBe("second");
  // It is as old as the moment when it was asked for.
  vi.advanceTimersByTime(800);
  expect(peek()).toBeUndefined();
});

test("what nobody asks for is not read again, and what was not read in time is not here", async () => {
  await hold("first");
  vi.advanceTimersByTime(999);
  expect(peek()).toBe("first");
  vi.advanceTimersByTime(1);
  expect(peek()).toBeUndefined();
  expect(reads).toHaveLength(1);
});

test("what was forgotten meanwhile does not come back: the read may be older than the write", async () => {
  await hold("first");
  vi.advanceTimersByTime(700);
  peek();
  recent.forget("widget");
  await endRead("as it was before the write");
  expect(peek()).toBeUndefined();
});

test("what is gone when it is read again is gone", async () => {
  await hold("first");
  vi.advanceTimersByTime(700);
  peek();
  await endRead(undefined);
  expect(peek()).toBeUndefined();
  expect(recent.size).toBe(0);
});
