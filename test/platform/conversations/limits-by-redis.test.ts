import { afterAll, describe } from "vitest";
import { mayUseRedis, Redis } from "../../support/redis.js";

/** Each test of `limits.test.ts` again, whose apps count in Redis: every answer is the same. */
if (mayUseRedis) {
  const redis = await Redis.start();
  process.env["TEST_REDIS"] = redis.address;
  afterAll(() => redis.stop());
  await import("./limits.test.js");
} else {
  describe.skip("limits counted by Redis", () => {});
}
