import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_RATE_LIMITS, RateLimits } from "../../../src/platform/auth/rate-limits.js";
import { AppError } from "../../../src/platform/errors.js";

const HOUR_MS = 3_600_000;
const nobody = { counted: () => {} };

beforeEach(() => {
  // Timers stay real: setting a clock does not touch them either.
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ["back", -HOUR_MS],
  ["forward", HOUR_MS],
])("when the clock is set %s by an hour", (_, byMs) => {
  test("nobody is told to wait longer than the window", async () => {
    const limits = new RateLimits({
      ...DEFAULT_RATE_LIMITS,
      start: { points: 1, windowSeconds: 60 },
    });
    const oneAddress = (): Promise<void> => limits.consume("start", "192.0.2.1", nobody);
    const oneWidget = (): Promise<void> => limits.consumeStart("widget", 1, nobody);
    await oneAddress();
    await oneWidget();
    vi.setSystemTime(Date.now() + byMs);
    for (const call of [oneAddress, oneWidget]) {
      const seconds = await retryAfter(call());
      // Set forward, the window may be over: then the call is let through.
      expect(seconds ?? 60).toBeLessThanOrEqual(60);
      expect(seconds ?? 60).toBeGreaterThanOrEqual(1);
    }
  });
});

async function retryAfter(call: Promise<void>): Promise<number | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof AppError && error.code === "rate_limited")
        return error.retryAfterSeconds;
      throw error;
    },
  );
}
