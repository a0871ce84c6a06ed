import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Inactivity, type InactivityOptions } from "../../src/agent/inactivity.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A talk in which a nudge takes no time. */
function talk(inactivityNudge: InactivityOptions["inactivityNudge"]) {
  const seen = { said: [] as string[], hangUps: 0, isVoice: true };
  const inactivity = new Inactivity({
    inactivityNudge,
    isVoice: () => seen.isVoice,
    say: (one) => {
      seen.said.push(one.type === "bot_initiates_static" ? one.text : `prompt: ${one.prompt}`);
      inactivity.somebodySpeaks();
      inactivity.nobodySpeaks();
    },
    hangUp: () => (seen.hangUps += 1),
  });
  inactivity.nobodySpeaks();
  return { seen, inactivity, wait: (seconds: number) => vi.advanceTimersByTime(seconds * 1000) };
}

test("a silence is spoken into twice after 30 and 15 seconds, and then it hangs up", () => {
  const { seen, wait } = talk({});
  wait(29);
  expect(seen.said).toEqual([]);
  wait(1);
  expect(seen.said).toEqual(["Are you still there?"]);
  wait(15);
  expect(seen.said).toHaveLength(2);
  expect(seen.hangUps).toBe(0);
  wait(15);
  expect(seen.hangUps).toBe(1);
  wait(1000);
  expect(seen.hangUps).toBe(1);
});

test("what a version says is said, when it says so", () => {
  const nudges = [{ type: "bot_initiates_dynamic" as const, prompt: "Ask if they need help." }];
  const { seen, wait } = talk({ timeout_seconds: 10, nudge_interval_seconds: 5, nudges });
  wait(10);
  expect(seen.said).toEqual(["prompt: Ask if they need help."]);
  wait(5);
  expect(seen.hangUps).toBe(1);
});

test("a visitor who says something begins the silence anew", () => {
  const { seen, inactivity, wait } = talk({});
  wait(31);
  inactivity.visitorActs();
  wait(29);
  expect(seen.said).toHaveLength(1);
  wait(1);
  expect(seen.said).toEqual(["Are you still there?", "Are you still there?"]);
});

test("while somebody speaks there is no silence", () => {
  const { seen, inactivity, wait } = talk({});
  inactivity.somebodySpeaks();
  inactivity.visitorActs();
  wait(600);
  expect(seen.said).toEqual([]);
  inactivity.nobodySpeaks();
  wait(30);
  expect(seen.said).toHaveLength(1);
});

test("who reads and writes may take their time: nobody hangs up on a text", () => {
  const { seen, wait } = talk({});
  seen.isVoice = false;
  wait(3600);
  expect(seen).toMatchObject({ said: [], hangUps: 0 });
  seen.isVoice = true;
  wait(30);
  expect(seen.said).toHaveLength(1);
});
