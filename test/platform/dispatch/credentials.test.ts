import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT_SECRET, TestApp } from "../../support/app.js";
import { asWorker, claim, claimedTalk, sendTurns, turn, type ClaimedTalk } from "./support.js";

const ROUTES = [
  ["POST", "heartbeat", { worker_id: "worker-0001", active_jobs: 0 }],
  ["POST", "jobs", { room: "parley_x" }],
  ["GET", "job", undefined],
  ["POST", "job/turns", { turns: [turn()] }],
  ["POST", "job/end", { reason: "shutdown" }],
] as const;

let app: TestApp;
let key: string;
let widgetId: string;
let talk: ClaimedTalk;
let livekitToken: string;

beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
  widgetId = (await app.widget(key)).id;
  talk = await claimedTalk(app, widgetId);
  const started = await app.begin(widgetId, { user_id: "another" });
  livekitToken = started.body.connection_details.token;
});
afterAll(() => app.stop());

describe.each(ROUTES)("%s /core/worker/%s", (method, path, body) => {
  const bearers: [string, () => string | undefined][] = [
    ["no credential", () => undefined],
    ["a visitor token, decoded or not", () => talk.visitorToken],
    ["a visitor's LiveKit token", () => livekitToken],
    ["an organization key with every scope", () => key],
    ["another secret of the same length", () => AGENT_SECRET.replace(/.$/, "x")],
    ["a prefix of the secret", () => AGENT_SECRET.slice(0, -1)],
  ];

  test.each(bearers)("is not opened by %s", async (_name, bearer) => {
    const answer = await app.call(method, `/core/worker/${path}`, {
      key: bearer(),
      ...(body === undefined ? {} : { body }),
    });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ detail: expect.any(String) });
    expect(answer.text).not.toContain(AGENT_SECRET);
  });
});

test.each(["job", "job/turns", "job/end"])(
  "the worker's secret alone opens no conversation: %s",
  async (path) => {
    const method = path === "job" ? "GET" : "POST";
    const body = path === "job" ? undefined : { turns: [turn()], reason: "shutdown" };
    expect((await asWorker(app, method, path, { body })).status).toBe(401);
  },
);

test.each(["heartbeat", "jobs"])("a job token is not the worker's secret: %s", async (path) => {
  const body = { worker_id: "worker-0001", active_jobs: 0, room: talk.room };
  expect((await asWorker(app, "POST", path, { bearer: talk.token, body })).status).toBe(401);
});

test("what a visitor token says opens no worker route under another signature either", async () => {
  const [header = "", payload = ""] = talk.token.split(".");
  const [, , signature = ""] = talk.visitorToken.split(".");
  const forged = `${header}.${payload}.${signature}`;
  expect((await asWorker(app, "GET", "job", { bearer: forged })).status).toBe(401);
});

test("failed secrets are counted, and the right one still passes", async () => {
  const limited = await TestApp.start({
    rateLimits: { failed_credentials: { points: 3, windowSeconds: 60 } },
  });
  try {
    const body = { worker_id: "worker-0001", active_jobs: 0 };
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const answer = await asWorker(limited, "POST", "heartbeat", { bearer: "guess", body });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await asWorker(limited, "POST", "heartbeat", { body })).status).toBe(200);
  } finally {
    await limited.stop();
  }
});

test("a room of ours gives a token for its own conversation, and the same room again ends that token", async () => {
  const first = await claimedTalk(app, widgetId);
  const second = await claim(app, first.room);
  expect(second.body.conversation_id).toBe(first.conversationId);
  expect((await asWorker(app, "GET", "job", { bearer: first.token })).status).toBe(401);
  const job = await asWorker(app, "GET", "job", { bearer: second.body.token });
  expect(job.body).toMatchObject({
    conversation_id: first.conversationId,
    visitor_identity: first.identity,
    resumed: false,
    transcript: [],
  });
});

test("a token writes to its own conversation alone", async () => {
  const one = await claimedTalk(app, widgetId);
  const other = await claimedTalk(app, widgetId);
  expect((await sendTurns(app, one.token, [turn({ text: "mine" })])).status).toBe(200);
  const count = { where: { conversationId: other.conversationId } };
  expect(await app.db.turn.count(count)).toBe(0);
});

test("a room that nobody started is not found", async () => {
  expect((await claim(app, "parley_unknown")).status).toBe(404);
});
