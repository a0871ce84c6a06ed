import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { orAfter } from "../../src/process/or-after.js";

test("a bound of time comes, however often garbage is collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const signal = orAfter(new AbortController().signal, 200);
  for (let times = 0; times < 5; times += 1) {
    await delay(10);
    collectGarbage();
  }
  await vi.waitFor(() => expect(signal.aborted).toBe(true), 10_000);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("whoever ends it sooner ends it", () => {
  const ending = new AbortController();
  const signal = orAfter(ending.signal, 60_000);
  ending.abort(new Error("the platform stops"));
  expect(signal.reason).toEqual(new Error("the platform stops"));
});
