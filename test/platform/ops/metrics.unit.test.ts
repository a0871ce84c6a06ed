import { expect, test } from "vitest";
import { Metrics } from "../../../src/platform/ops/metrics.js";
import { RouteNames } from "../../../src/platform/ops/watched.js";

const IDLE = {
  caches: {},
  pool: undefined,
  streams: () => 0,
  workers: async () => ({ count: 0, activeJobs: 0, free: 0 }),
};

test("what a database that is away does not say is left out, and it is asked once", async () => {
  const metrics = new Metrics();
  let asked = 0;
  metrics.watch({
    ...IDLE,
    conversations: () => {
      asked += 1;
      return new Promise(() => {});
    },
    workers: () => Promise.reject(new Error("no connection")),
  });
  const [text] = await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
  expect(text).toContain("process_cpu_seconds_total");
  expect(text).not.toContain("parley_conversations{");
  expect(text).not.toContain("parley_workers{");
  expect(asked).toBe(1);
});

test("many scrapes ask the database once", async () => {
  const metrics = new Metrics();
  let asked = 0;
  metrics.watch({
    ...IDLE,
    conversations: async () => {
      asked += 1;
      return new Map([["completed", 3]] as const);
    },
  });
  const texts = [await metrics.text(), await metrics.text(), await metrics.text()];
  for (const text of texts) expect(text).toContain('parley_conversations{status="completed"} 3');
  expect(asked).toBe(1);
});

test("a path has the name of its template, and what is none of ours has one name", () => {
  const routes = new RouteNames([
    "/core/agents",
    "/core/agents/:id",
    "/core/agents/:agent_id/versions",
  ]);
  expect(routes.of("/core/agents?limit=3")).toBe("/core/agents");
  expect(routes.of("/core/agents/")).toBe("/core/agents");
  expect(routes.of("/core/agents/a%20b")).toBe("/core/agents/{id}");
  expect(routes.of("/core/agents/1/versions")).toBe("/core/agents/{agent_id}/versions");
  for (const url of ["/core", "/core/agents/1/versions/2", "/", "", "*", "/x?/core/agents"]) {
    expect(routes.of(url)).toBe("other");
  }
});
