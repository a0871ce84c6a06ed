import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/agent/platform-client.js";
import { TurnLog } from "../../src/agent/turn-log.js";
import { makeTurn, TurnClock, type Turn } from "../../src/agent/turn.js";
import type { TalkLimit, ToolCall } from "../../src/protocol/worker-api.js";
import { jsonBytes } from "../../src/protocol/json-bytes.js";
import { createLog } from "../../src/process/log.js";
import { MAX_TOOL_CALL_BYTES, MAX_TURN_CHARACTERS } from "../../src/protocol/limits.js";

const DOWN = new PlatformError("down", undefined);
const REFUSED = new PlatformError("refused", 422);
const OVER = new PlatformError("over", 401);

/** A platform that stores turns by id, and fails as a test wants. */
class Platform {
  readonly stored = new Map<string, string>();
  readonly batches: string[][] = [];
  failure: ((turns: readonly Turn[]) => PlatformError | undefined) | undefined;
  over = 0;
  limit: TalkLimit | null = null;
  readonly limits: TalkLimit[] = [];
  readonly logger = createLog("silent");
  readonly log = new TurnLog({
    send: async (turns) => {
      const failure = this.failure?.(turns);
      if (failure) throw failure;
      this.batches.push(turns.map((turn) => turn.text));
      for (const turn of turns) this.stored.set(turn.id, turn.text);
      return this.limit;
    },
    onOver: () => (this.over += 1),
    onLimit: (limit) => this.limits.push(limit),
    log: this.logger,
  });

  async say(text: string): Promise<void> {
    const turn = makeTurn({ role: "user", text, mode: "text", createdAt: new Date() });
    if (turn) await this.log.add(turn);
  }

  get texts(): string[] {
    return [...this.stored.values()];
  }
}

let platform: Platform;
beforeEach(() => {
  vi.useFakeTimers();
  platform = new Platform();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what is said together is sent together, in order, without being asked", async () => {
  for (const text of ["a", "b", "c"]) void platform.say(text);
  await vi.advanceTimersByTimeAsync(200);
  expect(platform.batches).toEqual([["a", "b", "c"]]);
});

test("the talk learns that its share is used up, and only then", async () => {
  void platform.say("a");
  await vi.advanceTimersByTimeAsync(200);
  expect(platform.limits).toEqual([]);
  platform.limit = "tokens";
  void platform.say("b");
  await vi.advanceTimersByTimeAsync(200);
  expect(platform.limits).toEqual(["tokens"]);
});

test("batches are bounded, in turns and in size", async () => {
  for (let count = 0; count < 45; count += 1) void platform.say(String(count));
  await vi.advanceTimersByTimeAsync(500);
  expect(platform.batches.map((batch) => batch.length)).toEqual([20, 20, 5]);
  for (let count = 0; count < 15; count += 1) void platform.say("x".repeat(MAX_TURN_CHARACTERS));
  await vi.advanceTimersByTimeAsync(500);
  expect(platform.batches.slice(3).map((batch) => batch.length)).toEqual([10, 5]);
});

describe("who adds a turn", () => {
  async function isSettled(added: Promise<void>): Promise<boolean> {
    return Promise.race([added.then(() => true), Promise.resolve(false)]);
  }

  test("learns when the platform has it, and not before", async () => {
    platform.failure = () => DOWN;
    const added = platform.say("a");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await isSettled(added)).toBe(false);
    platform.failure = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    await added;
    expect(platform.texts).toEqual(["a"]);
  });

  test.each([REFUSED, OVER])("does not wait for what never will be there: %s", async (failure) => {
    platform.failure = () => failure;
    const added = platform.say("a");
    await vi.advanceTimersByTimeAsync(5_000);
    await added;
    expect(platform.texts).toEqual([]);
  });
});

test("while the platform is away nothing is lost, and it is asked ever less often", async () => {
  let attempts = 0;
  platform.failure = () => {
    attempts += 1;
    return DOWN;
  };
  void platform.say("a");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(attempts).toBeGreaterThan(3);
  expect(attempts).toBeLessThan(9);
  void platform.say("b");
  platform.failure = undefined;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(platform.texts).toEqual(["a", "b"]);
});

test("an answer that was lost on its way does not double a turn", async () => {
  let lost = true;
  platform.failure = (turns) => {
    if (!lost) return undefined;
    lost = false;
    for (const turn of turns) platform.stored.set(turn.id, turn.text);
    return DOWN;
  };
  void platform.say("a");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(platform.texts).toEqual(["a"]);
});

describe("a turn that is refused", () => {
  /** The batch is refused for its second turn; the first, which then goes alone, meets this. */
  function refuseAndMeet(first: PlatformError | undefined): void {
    platform.failure = (turns) => {
      if (turns.some((turn) => turn.text === "bad")) return REFUSED;
      const failure = first;
      first = undefined;
      return failure;
    };
    for (const text of ["a", "bad", "b"]) void platform.say(text);
  }

  test("goes, keeps none of the others, and is in the log", async () => {
    const errors = vi.spyOn(platform.logger, "error");
    refuseAndMeet(undefined);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(platform.texts).toEqual(["a", "b"]);
    expect(errors.mock.calls).toEqual([
      [{ err: REFUSED, turns: [expect.any(String)] }, "a turn was refused: it is lost"],
    ]);
  });

  test("changes no order, also when the platform is away while turns go one by one", async () => {
    refuseAndMeet(DOWN);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(platform.texts).toEqual(["a", "b"]);
  });

  test("hides no end of the job, which ends it while turns go one by one", async () => {
    refuseAndMeet(OVER);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(platform.over).toBe(1);
    expect(platform.texts).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("a job that is over ends it once", async () => {
  platform.failure = () => OVER;
  void platform.say("a");
  void platform.say("b");
  await vi.advanceTimersByTimeAsync(60_000);
  void platform.say("c");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(platform.over).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("what waits is bounded: the oldest goes", async () => {
  platform.failure = () => DOWN;
  for (let count = 0; count < 1005; count += 1) void platform.say(String(count));
  platform.failure = undefined;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(platform.texts).toHaveLength(1000);
  expect(platform.texts[0]).toBe("5");
});

describe("the last flush", () => {
  test("sends everything at once", async () => {
    for (let count = 0; count < 45; count += 1) void platform.say(String(count));
    expect(await flushed()).toBe(true);
    expect(platform.texts).toHaveLength(45);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("tries again while there is time", async () => {
    let failures = 2;
    platform.failure = () => (failures-- > 0 ? DOWN : undefined);
    void platform.say("a");
    expect(await flushed()).toBe(true);
    expect(platform.texts).toEqual(["a"]);
  });

  test("gives up in time", async () => {
    platform.failure = () => DOWN;
    void platform.say("a");
    expect(await flushed()).toBe(false);
  });

  test("gives up in time when the clock is set back meanwhile", async () => {
    platform.failure = () => DOWN;
    void platform.say("a");
    const flushing = platform.log.flush(3_000).then(() => "gave up");
    vi.setSystemTime(Date.now() - 3_600_000);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(await Promise.race([flushing, Promise.resolve("still trying")])).toBe("gave up");
  });

  async function flushed(): Promise<boolean> {
    const flushing = platform.log.flush(3_000);
    await vi.advanceTimersByTimeAsync(3_500);
    return flushing;
  }
});

describe("a turn", () => {
  test("can always be stored: no NUL, no half characters, not too long, not empty", () => {
    const make = (text: string): string | undefined =>
      makeTurn({ role: "user", text, mode: "text", createdAt: new Date() })?.text;
    expect(make("a\0b")).toBe("ab");
    expect(make("a\ud800b")).toBe("a\ufffdb");
    expect(make(`${"x".repeat(MAX_TURN_CHARACTERS - 1)}😀`)?.isWellFormed()).toBe(true);
    expect(make("x".repeat(30_000))).toHaveLength(MAX_TURN_CHARACTERS);
    expect(make(" \n")).toBeUndefined();
    expect(make("\0")).toBeUndefined();
  });

  test("keeps of a tool call what can be stored, and of too large a one its name", () => {
    const make = (call: Partial<ToolCall>): ToolCall | undefined => {
      const toolCall = {
        call_id: "1",
        name: "show_form_a",
        arguments: {},
        result: null,
        error: null,
        ...call,
      };
      const turn = { role: "tool", text: "Shown.", mode: "text", createdAt: new Date() } as const;
      return makeTurn({ ...turn, toolCall })?.toolCall;
    };
    expect(make({ result: { values: { name: "A\0da", mood: "\ud800" } } })?.result).toEqual({
      values: { name: "Ada", mood: "\ufffd" },
    });
    const large = make({
      arguments: { rows: "x ".repeat(10_000).split(" ") },
      error: "Too large.",
    });
    expect(large).toMatchObject({ name: "show_form_a", arguments: null, error: "Too large." });
    expect(jsonBytes(large)).toBeLessThan(MAX_TOOL_CALL_BYTES);
  });

  test("is later than the one before, also within a millisecond", () => {
    const clock = new TurnClock();
    const times = Array.from({ length: 5 }, () => clock.next().getTime());
    expect(new Set(times).size).toBe(5);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});
