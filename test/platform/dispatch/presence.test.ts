import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { PresenceService } from "../../../src/platform/dispatch/presence.service.js";
import type { RequestContext } from "../../../src/platform/auth/context.js";
import { AGENT_SECRET, TestApp } from "../../support/app.js";
import { asWorker } from "./support.js";

const READINESS = "query ($id: UUID!) { widget(id: $id) { readiness { live warnings { code } } } }";

let app: TestApp;
let key: string;
let widgetId: string;

beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
  widgetId = (await app.widget(key)).id;
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.db.worker.deleteMany();
});

async function report(id: string, fields: object = {}): Promise<void> {
  const body = { worker_id: id, active_jobs: 0, ...fields };
  const answer = await asWorker(app, "POST", "heartbeat", { body });
  expect(answer.body).toEqual({ status: "ok" });
}

/** What a visitor and an administrator are told. */
async function available(): Promise<{ visitor: boolean; warned: boolean }> {
  // The service remembers its answer for a second.
  app.clock.forward(2);
  const started = await app.begin(widgetId, { user_id: "visitor" });
  const { body } = await app.gql(READINESS, { id: widgetId }, key);
  const codes = body.data.widget.readiness.warnings.map((one: { code: string }) => one.code);
  expect(body.data.widget.readiness.live).toBe(true);
  return {
    visitor: started.body.capabilities.agentAvailable,
    warned: codes.includes("AGENT_DOWN"),
  };
}

const UP = { visitor: true, warned: false };
const DOWN = { visitor: false, warned: true };

describe("an agent is available", () => {
  test("as long as nobody ever reported: nothing is known then", async () => {
    expect(await available()).toEqual(UP);
  });

  test("while a worker reports, and not when it has been silent for three reports", async () => {
    await report("worker-0001");
    expect(await available()).toEqual(UP);
    app.clock.forward(10);
    expect(await available()).toEqual(UP);
    app.clock.forward(4);
    expect(await available()).toEqual(DOWN);
    await report("worker-0001");
    expect(await available()).toEqual(UP);
  });

  test("while one of several workers reports", async () => {
    await report("worker-0001");
    app.clock.forward(60);
    await report("worker-0002");
    expect(await available()).toEqual(UP);
  });

  test("no longer when its last worker says goodbye", async () => {
    await report("worker-0001");
    await report("worker-0001", { stopping: true });
    expect(await available()).toEqual(DOWN);
  });

  test("no longer when the process that runs the worker says that it died", async () => {
    await report("worker-0001");
    await app.parley.presence.lost("worker-0001");
    expect(await available()).toEqual(DOWN);
  });

  test("by what is reported after the clock was set back, and not by what was reported before", async () => {
    await report("worker-0001");
    await report("worker-0002");
    expect(await available()).toEqual(UP);
    app.clock.forward(-3_600);
    expect(await available()).toEqual(DOWN);
    await report("worker-0002");
    expect(await available()).toEqual(UP);
    await app.parley.presence.lost("worker-0002");
    expect(await available()).toEqual(DOWN);
  });

  test("not while all workers are full, and again as soon as one has room", async () => {
    await report("worker-0001", { active_jobs: 2, max_jobs: 2 });
    await report("worker-0002", { active_jobs: 5, max_jobs: 5 });
    expect(await available()).toEqual(DOWN);
    await report("worker-0002", { active_jobs: 4, max_jobs: 5 });
    expect(await available()).toEqual(UP);
    await report("worker-0002", { active_jobs: 5, max_jobs: 5, stopping: true });
    expect(await available()).toEqual(DOWN);
  });

  test("whatever workers of another agent name report", async () => {
    await app.db.worker.create({
      data: {
        id: randomUUID(),
        agentName: "someone-else",
        activeJobs: 0,
        seenAt: new Date(app.clock.now().getTime() - 3_600_000),
      },
    });
    expect(await available()).toEqual(UP);
  });
});

test("a clock that is set back makes no answer last, and no worker look like one of an earlier run", async () => {
  const own = await TestApp.start({ ownWorker: true });
  const { presence } = own.parley;
  const reports = (): Promise<unknown> =>
    asWorker(own, "POST", "heartbeat", { body: { worker_id: "worker-0001", active_jobs: 0 } });
  try {
    expect(await presence.available()).toBe(false);
    await reports();
    expect(await presence.available()).toBe(true);
    own.clock.forward(-3_600);
    expect(await presence.available()).toBe(false);
    await reports();
    expect(await presence.available()).toBe(true);
  } finally {
    await own.stop();
  }
});

test("a platform that runs the worker itself knows that it is down until it reports", async () => {
  const workerAuth = app.parley.workerAuth;
  await report("worker-of-an-earlier-run");
  app.clock.forward(1);
  const presence = new PresenceService({
    db: app.db,
    auth: workerAuth,
    agentName: app.parley.config.agentName,
    ownWorker: true,
    now: app.clock.now,
  });
  expect(await presence.available()).toBe(false);
  await report("worker-0002");
  app.clock.forward(2);
  expect(await presence.available()).toBe(true);
});

test("a hundred starts at once ask the database once", async () => {
  app.clock.forward(2);
  const asked = vi.spyOn(app.db.worker, "findMany");
  await Promise.all(Array.from({ length: 100 }, () => app.parley.presence.available()));
  expect(asked).toHaveBeenCalledTimes(1);
  asked.mockRestore();
});

test("workers that have been gone for a day are forgotten, and that there was one is not", async () => {
  await report("worker-0001");
  app.clock.forward(25 * 60 * 60);
  await report("worker-0002");
  expect((await app.db.worker.findMany()).map((worker) => worker.id)).toEqual(["worker-0002"]);
  app.clock.forward(25 * 60 * 60);
  expect(await available()).toEqual(DOWN);
});

test("who waits is called for when a worker comes, and when full workers have room again, not at each report", async () => {
  const { presence } = app.parley;
  const ctx = { bearer: AGENT_SECRET } as RequestContext;
  const change = (workerId: string, activeJobs: number): Promise<string | undefined> =>
    presence.report(ctx, { workerId, activeJobs, maxJobs: 2, stopping: false });
  expect(await change("worker-0001", 1)).toBe("worker_came");
  expect(await change("worker-0001", 2)).toBe(undefined);
  expect(await change("worker-0001", 1)).toBe("room_came");
  expect(await change("worker-0001", 0)).toBe(undefined);
  expect(await change("worker-0002", 2)).toBe(undefined);
  expect(await change("worker-0001", 2)).toBe(undefined);
  expect(await change("worker-0002", 1)).toBe("room_came");
});
