import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LastWords, type LastWordsOptions } from "../../src/agent/last-words.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ANY = { talk_seconds: null, turns: null, tokens: null };

/** A talk with a share, and what its agent did at its end. */
function talk(limits: Partial<LastWordsOptions["limits"]>) {
  const done: string[] = [];
  const lastWords = new LastWords({
    limits: { ...ANY, ...limits },
    say: async () => void done.push("said"),
    hangUp: () => void done.push("hung up"),
  });
  lastWords.watch();
  const wait = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);
  return { done, lastWords, wait };
}

test("a talk whose time is over ends in words, once", async () => {
  const { done, lastWords, wait } = talk({ talk_seconds: 60 });
  await wait(59);
  expect(done).toEqual([]);
  await wait(1);
  expect(done).toEqual(["said", "hung up"]);
  expect(lastWords.mayAnswer()).toBe(false);
  lastWords.begin();
  await wait(60);
  expect(done).toHaveLength(2);
});

test("the visitor's first message that is one too many is not answered", async () => {
  const { done, lastWords, wait } = talk({ turns: 2 });
  expect([1, 2, 3, 4].map(() => lastWords.mayAnswer())).toEqual([true, true, false, false]);
  await wait(0);
  expect(done).toEqual(["said", "hung up"]);
});

test("an agent that takes over a talk with nothing left ends it", async () => {
  for (const limits of [{ tokens: 0 }, { talk_seconds: 0 }]) {
    const { done, wait } = talk(limits);
    await wait(0);
    expect(done).toEqual(["said", "hung up"]);
  }
});

test("without limits a talk goes on, and one that is closed says nothing", async () => {
  const endless = talk({});
  const closed = talk({ talk_seconds: 1 });
  closed.lastWords.close();
  closed.lastWords.begin();
  await endless.wait(1_000_000);
  expect(endless.lastWords.mayAnswer()).toBe(true);
  expect([endless.done, closed.done]).toEqual([[], []]);
});
