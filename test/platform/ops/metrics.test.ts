import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { createHttpServer, listen } from "../../../src/platform/http/server.js";
import { createOpsApp } from "../../../src/platform/ops/ops-app.js";
import { AGENT_SECRET, TestApp } from "../../support/app.js";
import { callRoute } from "../../support/operations.js";
import { CONVERSATION_STATUSES } from "../../support/statuses.js";
import { publicPath } from "../../support/visitor.js";
import { claimedTalk, sendTurns, turn } from "../dispatch/support.js";
import { makeWorld, type World } from "../../support/world.js";

/** One line of the answer: `name{label="value"} 3`. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function samplesIn(text: string): Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name = "", labels = "", value = ""] =
        /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, key = "", label = ""]) => [key, label])),
        value: Number(value),
      };
    });
}

let app: TestApp;
let opsUrl: string;
let stopOps: () => Promise<void>;
let world: World;
beforeAll(async () => {
  app = await TestApp.start({
    config: { OPS_PORT: "9464" },
    rateLimits: { logout: { points: 1, windowSeconds: 60 } },
  });
  const { metrics, log } = app.parley;
  if (!metrics) throw new Error("nothing is counted");
  const ops = createHttpServer(createOpsApp(metrics, log));
  opsUrl = await listen(ops, { port: 0, host: "127.0.0.1", log });
  stopOps = () => ops.drain(0);
  world = await makeWorld(app);
});
afterAll(async () => {
  await stopOps();
  await app.stop();
});

async function scrape(): Promise<Sample[]> {
  const answer = await fetch(`${opsUrl}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/plain");
  return samplesIn(await answer.text());
}

/** The value of the one sample with these labels. */
async function valueOf(
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const all = await scrape();
  return all.find(
    (one) =>
      one.name === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text),
  )?.value;
}

const REQUESTS = "parley_http_request_duration_seconds_count";

describe("what operators see", () => {
  test("names no widget, visitor, organization or anything else that a client chose", async () => {
    const secret = `secret-${randomUUID()}`;
    for (const route of ROUTES) await callRoute(app, route, world);
    await app.gql("query ($id: ID!) { widget(id: $id) { id } }", { id: world.widgetId }, world.key);
    await app.get(`/core/public/web-widgets/${world.widgetId}?${secret}`);
    await app.get(`/public/embed/${secret}`);
    await app.get(`/${secret}`);
    await app.get(`/core/agents/${secret}/${secret}`, world.key);
    await app.call("PROPFIND", `/core/agents/${world.agentId}`, { key: world.key });
    const beat = { worker_id: randomUUID(), active_jobs: 2, max_jobs: 5 };
    await app.post("/core/worker/heartbeat", beat, AGENT_SECRET);

    const samples = await scrape();
    const values = new Set(samples.flatMap(({ labels }) => Object.values(labels)));
    const known = /^([\w.+-]{1,30}|\/[\w/{}.-]*)$/;
    expect([...values].filter((text) => !known.test(text))).toEqual([]);
    const all = [...values].join("\n");
    for (const own of [...Object.values(world), secret, beat.worker_id])
      expect(all).not.toContain(own);
    expect(all).not.toMatch(/[\da-f]{8}-[\da-f]{4}/);
    const routes = new Set(samples.flatMap(({ labels }) => labels["route"] ?? []));
    const missing = ROUTES.filter(({ path }) => !routes.has(path));
    expect(missing.map(({ path }) => path)).toEqual([]);
    expect(routes).toContain("/graphql");
    expect(routes).toContain("/core/worker/heartbeat");
    expect(routes).toContain("other");
    expect(await valueOf(REQUESTS, { method: "other", status: "4xx" })).toBe(1);
  });

  test("counts a page view by its template, whether the way was short or long", async () => {
    const widget = await app.widget(world.key);
    const labels = { method: "GET", route: "/core/public/web-widgets/{id}", status: "2xx" };
    const before = (await valueOf(REQUESTS, labels)) ?? 0;
    const hit = { cache: "live_widgets", result: "hit" };
    const hitsBefore = (await valueOf("parley_cache_reads_total", hit)) ?? 0;
    for (let view = 0; view < 3; view += 1) await app.get(publicPath(widget.id));
    await expect.poll(() => valueOf(REQUESTS, labels)).toBe(before + 3);
    expect(await valueOf("parley_cache_reads_total", hit)).toBeGreaterThan(hitsBefore);
    expect(await valueOf("parley_cache_entries", { cache: "live_widgets" })).toBeGreaterThan(0);
  });

  test("says which limit was hit", async () => {
    const path = `/core/public/web-widgets/${world.widgetId}/logout`;
    const calls = [1, 2].map(() => app.post(path, {}));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses).toContain(429);
    expect(await valueOf("parley_rate_limited_total", { limit: "logout" })).toBeGreaterThan(0);
  });

  test("says how long answers took, what models read and wrote, and what went wrong with them", async () => {
    const { token } = await claimedTalk(app, (await app.widget(world.key)).id);
    await sendTurns(app, token, [
      turn({
        role: "agent",
        latency: { model_first_token: 300, total: 1200 },
        usage: { input_tokens: 40, output_tokens: 7 },
        error: "timeout",
      }),
    ]);
    const stages = "parley_answer_seconds_sum";
    expect(await valueOf(stages, { stage: "model_first_token" })).toBe(0.3);
    expect(await valueOf(stages, { stage: "total" })).toBe(1.2);
    expect(await valueOf(stages, { stage: "transcription" })).toBeUndefined();
    expect(await valueOf("parley_model_tokens_total", { direction: "input" })).toBe(40);
    expect(await valueOf("parley_model_tokens_total", { direction: "output" })).toBe(7);
    expect(await valueOf("parley_model_errors_total", { error: "timeout" })).toBe(1);
  });

  test("has every status of conversations, workers and jobs, the event loop and the process", async () => {
    const samples = await scrape();
    const statuses = samples.filter(({ name }) => name === "parley_conversations");
    expect(statuses.map(({ labels }) => labels["status"]).toSorted()).toEqual(
      CONVERSATION_STATUSES.toSorted(),
    );
    const names = new Set(samples.map(({ name }) => name));
    expect(names).toContain("nodejs_eventloop_lag_p99_seconds");
    expect(names).toContain("process_resident_memory_bytes");
    expect(names).toContain("parley_shed_requests_total");
    expect(names.has("parley_database_connections")).toBe(app.parley.database.pool !== undefined);
    expect(samples.filter(({ name }) => name === "parley_workers").length).toBe(3);
  });

  test("is described on the operators' page, and nothing else is", async () => {
    const page = await readFile(new URL("../../../.github/OPERATING.md", import.meta.url), "utf8");
    const described = new Set([...page.matchAll(/`(parley_\w+)`/g)].map(([, name]) => name));
    // A histogram has three names, and only PostgreSQL has a pool.
    const names = (await scrape()).map(({ name }) => name.replace(/_(bucket|sum|count)$/, ""));
    const own = new Set(names.filter((name) => name.startsWith("parley_")));
    own.add("parley_database_connections");
    expect([...own].toSorted()).toEqual([...described].toSorted());
  });

  test("is on no other port, and nothing else is on this one", async () => {
    expect((await app.get("/metrics")).status).toBe(404);
    expect((await fetch(`${opsUrl}/core/agents`)).status).toBe(404);
    expect((await fetch(`${opsUrl}/metrics`, { method: "POST" })).status).toBe(405);
  });
});

test("nothing is counted unless somebody wants to see it", async () => {
  const plain = await TestApp.start();
  expect(plain.parley.metrics).toBeUndefined();
  await plain.stop();
});
