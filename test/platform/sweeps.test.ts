import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Sweeps } from "../../src/platform/sweeps.js";
import { TestApp } from "../support/app.js";

let first: TestApp;
let second: TestApp;
let widgetId: string;
/** Which instances swept, in turn. */
let swept: TestApp[] = [];

beforeAll(async () => {
  first = await TestApp.start();
  second = await TestApp.start({ database: first.parley.database });
  const { key } = await first.organization();
  widgetId = (await first.widget(key)).id;
});
afterAll(async () => {
  await second.stop({ keepDatabase: true });
  await first.stop();
});
beforeEach(async () => {
  await first.db.lease.deleteMany();
  vi.restoreAllMocks();
  swept = [];
  for (const app of [first, second]) {
    const { lifecycle } = app.parley;
    const sweep = lifecycle.sweep.bind(lifecycle);
    vi.spyOn(lifecycle, "sweep").mockImplementation(() => {
      swept.push(app);
      return sweep();
    });
  }
});

/** Time goes on everywhere. */
function forward(seconds: number): void {
  for (const app of [first, second]) app.clock.forward(seconds);
}

/** A conversation that nobody has joined while its token was good. */
async function lapsed(): Promise<string> {
  const { body } = await first.begin(widgetId, { user_id: `guest ${randomUUID()}` });
  forward(20 * 60);
  return body.conversation.id;
}

async function statusOf(id: string): Promise<string | undefined> {
  return (await first.db.conversation.findUnique({ where: { id } }))?.status;
}

test("of two instances one sweeps, as long as it lives", async () => {
  const both = [new Sweeps(first.parley), new Sweeps(second.parley)];
  const id = await lapsed();
  for (let beats = 0; beats < 3; beats += 1) {
    await Promise.all(both.map((one) => one.beat()));
    forward(15);
  }
  expect(swept).toHaveLength(3);
  expect(new Set(swept).size).toBe(1);
  expect(await statusOf(id)).toBe("cancelled");
});

test("who stops gives the work back, and who was killed loses it when its time is over", async () => {
  const [one, other] = [new Sweeps(first.parley), new Sweeps(second.parley)];
  await one.beat();
  const early = await lapsed();
  // Twenty minutes later nobody has renewed it.
  await other.beat();
  expect(swept).toEqual([first, second]);
  expect(await statusOf(early)).toBe("cancelled");
  await one.beat();
  expect(swept).toHaveLength(2);
  await other.stop();
  await one.beat();
  expect(swept).toEqual([first, second, first]);
});

test("a clock that was set back keeps nobody from the work for longer than that", async () => {
  forward(3_600);
  await new Sweeps(first.parley).beat();
  forward(-3_600);
  await new Sweeps(second.parley).beat();
  expect(swept).toEqual([first, second]);
});

test("a sweep that fails keeps no other from its work", async () => {
  const { retention, counts } = first.parley;
  vi.spyOn(retention, "sweep").mockRejectedValue(new Error("away"));
  const counting = vi.spyOn(counts, "sweep");
  await new Sweeps(first.parley).beat();
  expect(swept).toEqual([first]);
  expect(counting).toHaveBeenCalledTimes(1);
});
