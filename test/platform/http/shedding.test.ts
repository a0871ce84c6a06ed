import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import express from "express";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { RecentlyVerified } from "../../../src/platform/auth/recently-verified.js";
import { createHttpServer, listen } from "../../../src/platform/http/server.js";
import { LOAD_LIMITS, shedding, type LoadLimits } from "../../../src/platform/http/shedding.js";
import { AGENT_SECRET, PUBLIC_URL, TestApp } from "../../support/app.js";
import { publicPath } from "../../support/visitor.js";

const NO_WAIT: LoadLimits = { ...LOAD_LIMITS, waiting: 0, loopLagMs: Infinity };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Two requests for anybody and one more for a verified credential; `/core/wait` is answered by `release`. */
async function small(limits: Partial<LoadLimits> = {}): Promise<{
  url: string;
  verified: RecentlyVerified;
  waiting: () => number;
  release: () => void;
}> {
  const verified = new RecentlyVerified();
  const waiting: (() => void)[] = [];
  const app = express();
  app.use(
    shedding(
      { verified, consoleUrl: PUBLIC_URL },
      { ...NO_WAIT, anybody: 2, verified: 3, ...limits },
    ).handler,
  );
  app.get("/core/wait", (_req, res) => void waiting.push(() => res.end("done")));
  app.post("/core/body", express.json(), (_req, res) => void res.end("read"));
  app.get("/core/quick", (_req, res) => void res.end("quick"));
  const log = pino({ level: "silent" });
  const server = createHttpServer(app);
  const url = await listen(server, { port: 0, host: "127.0.0.1", log });
  ends.push(() => server.drain(0));
  return {
    url,
    verified,
    waiting: () => waiting.length,
    release: () => waiting.splice(0).forEach((answer) => answer()),
  };
}

const get = (url: string, token?: string): Promise<Response> =>
  fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

test("what is more than can be done is sent away at once, until there is room again", async () => {
  const { url, waiting, release } = await small();
  const first = [get(`${url}/core/wait`), get(`${url}/core/wait`)];
  await expect.poll(waiting).toBe(2);
  const refused = await get(`${url}/core/quick`);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  release();
  for (const answer of first) expect((await answer).status).toBe(200);
  await expect.poll(async () => (await get(`${url}/core/quick`)).status).toBe(200);
});

test("who is sent away is counted", async () => {
  let shed = 0;
  const app = express();
  app.use(
    shedding(
      { verified: new RecentlyVerified(), consoleUrl: PUBLIC_URL },
      { ...NO_WAIT, anybody: 0 },
      () => (shed += 1),
    ).handler,
  );
  const server = createHttpServer(app);
  const log = pino({ level: "silent" });
  const url = await listen(server, { port: 0, host: "127.0.0.1", log });
  ends.push(() => server.drain(0));
  expect((await get(`${url}/core/quick`)).status).toBe(503);
  expect(shed).toBe(1);
});

test("a credential that was verified has a reserve; one that was only sent has none", async () => {
  const { url, verified, waiting, release } = await small();
  verified.add("ak_good.secret");
  const first = [get(`${url}/core/wait`, "ak_bogus.x"), get(`${url}/core/wait`, "ak_bogus.y")];
  await expect.poll(waiting).toBe(2);
  expect((await get(`${url}/core/quick`, "ak_bogus.z")).status).toBe(503);
  expect((await get(`${url}/core/quick`, "ak_good.secret")).status).toBe(200);
  const reserve = get(`${url}/core/wait`, "ak_good.secret");
  await expect.poll(waiting).toBe(3);
  expect((await get(`${url}/core/quick`, "ak_good.secret")).status).toBe(503);
  release();
  await Promise.all([...first, reserve]);
});

test("when many come at once, a few wait for a place, and no longer than they would like to", async () => {
  const { url, verified, waiting, release } = await small({ waiting: 1, waitMs: 60_000 });
  verified.add("ak_good.secret");
  const first = [get(`${url}/core/wait`), get(`${url}/core/wait`)];
  await expect.poll(waiting).toBe(2);
  const later = get(`${url}/core/quick`);
  await expect.poll(async () => (await get(`${url}/core/quick`)).status).toBe(503);
  // Past those who wait.
  expect((await get(`${url}/core/quick`, "ak_good.secret")).status).toBe(200);
  release();
  expect((await later).status).toBe(200);
  await Promise.all(first);

  const hasty = await small({ waiting: 1, waitMs: 1 });
  const held = [get(`${hasty.url}/core/wait`), get(`${hasty.url}/core/wait`)];
  await expect.poll(hasty.waiting).toBe(2);
  expect((await get(`${hasty.url}/core/quick`)).status).toBe(503);
  hasty.release();
  await Promise.all(held);
});

test("bodies that come slowly take nobody's place", async () => {
  const { url } = await small();
  const sockets = Array.from({ length: 4 }, () => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write(
      "POST /core/body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    );
    return new Promise<() => void>((resolve) => {
      // "100 Continue": the request has come in.
      socket.once("data", () => resolve(() => socket.destroy()));
    });
  });
  const cuts = await Promise.all(sockets);
  expect((await get(`${url}/core/quick`)).status).toBe(200);
  for (const cut of cuts) cut();
});

test("an event loop that is late serves who is verified, and the first who comes", async () => {
  const verified = new RecentlyVerified();
  verified.add("ak_good.secret");
  const app = express();
  // Later than this it always is.
  app.use(
    shedding({ verified, consoleUrl: PUBLIC_URL }, { ...LOAD_LIMITS, loopLagMs: -Infinity })
      .handler,
  );
  app.get("/core", (_req, res) => void res.end("here"));
  const begun = new Promise<() => void>((resolve) => {
    app.get("/core/wait", (_req, res) => resolve(() => res.end("here")));
  });
  const log = pino({ level: "silent" });
  const server = createHttpServer(app);
  const url = await listen(server, { port: 0, host: "127.0.0.1", log });
  ends.push(() => server.drain(0));
  const first = get(`${url}/core/wait`);
  const release = await begun;
  expect((await get(`${url}/core`)).status).toBe(503);
  expect((await get(`${url}/core`, "ak_good.secret")).status).toBe(200);
  release();
  expect((await first).status).toBe(200);
});

test("every door sheds in its own form; healthz, readyz and verified credentials are served", async () => {
  const app = await TestApp.start({ load: { anybody: 0, waiting: 0, verified: 10 } });
  ends.push(() => app.stop());
  const { id, key } = await app.organization();
  const other = await app.key(id, ["agents:read"]);
  const widget = randomUUID();
  const origin = "https://shop.example";
  const rest = [
    await app.get("/core/agents", key),
    await app.get(publicPath(widget), undefined, { origin }),
    await app.post(`${publicPath(widget)}/conversations`, { user_id: "ada" }),
    await app.post("/core/worker/heartbeat", {}, AGENT_SECRET),
    await app.get(`/public/embed/${widget}/panel`),
  ];
  for (const answer of rest) {
    expect(answer.status).toBe(503);
    expect(answer.body).toEqual({ detail: expect.any(String) });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect(rest[1]?.headers.get("access-control-allow-origin")).toBe(origin);
  const graphql = await app.gql("{ __typename }");
  expect(graphql.status).toBe(503);
  expect(graphql.body.errors[0].extensions.code).toBe("SERVICE_UNAVAILABLE");
  expect(Number(graphql.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await app.get("/healthz")).status).toBe(200);
  expect((await app.get("/readyz")).status).toBe(200);

  // As after a call within the last minute.
  app.parley.verified.add(key);
  expect((await app.get("/core/agents", key)).status).toBe(200);
  expect((await app.get("/core/agents", other)).status).toBe(503);
  await app.db.apiKey.updateMany({ data: { revokedAt: app.clock.now() } });
  expect((await app.post("/core/agents", { name: "Ada" }, key)).status).toBe(401);
});

test("a token that opened something is remembered as verified, a wrong one is not", async () => {
  const app = await TestApp.start();
  ends.push(() => app.stop());
  const { key } = await app.organization();
  await app.get("/core/agents", key);
  await app.get("/core/agents", `${key}x`);
  await app.post("/core/worker/heartbeat", {}, AGENT_SECRET);
  const { verified } = app.parley;
  expect([key, `${key}x`, AGENT_SECRET].map((token) => verified.has(token))).toEqual([
    true,
    false,
    true,
  ]);
});
