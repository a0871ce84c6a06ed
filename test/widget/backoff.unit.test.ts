import { expect, it, vi } from "vitest";
import { Backoff } from "../../src/widget/backoff.js";
import { useFakeBrowser } from "./panel/fake-talk.js";

useFakeBrowser();

/** @returns whether it is over by now */
function watch(waiting: Promise<void>): () => boolean {
  let isOver = false;
  void waiting.then(() => {
    isOver = true;
  });
  return () => isOver;
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

it("a network that comes back right after a try is not missed, and waited for as long as the server asked", async () => {
  const backoff = new Backoff();
  // The longest waits there are.
  for (let tries = 0; tries < 6; tries++) {
    const waiting = backoff.wait();
    backoff.hurry();
    await waiting;
  }
  const isOver = watch(backoff.wait(3000));
  window.dispatchEvent(new Event("online"));
  await pass(2999);
  expect(isOver()).toBe(false);
  await pass(1);
  expect(isOver()).toBe(true);
});

it("a wait that is over listens to nothing any more", async () => {
  const listen = vi.spyOn(document, "addEventListener");
  const isOver = watch(new Backoff().wait());
  const options = listen.mock.lastCall?.[2] as AddEventListenerOptions;
  expect(options.signal?.aborted).toBe(false);
  await pass(2000);
  expect(isOver()).toBe(true);
  expect(options.signal?.aborted).toBe(true);
});
