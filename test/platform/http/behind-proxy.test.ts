import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import express from "express";
import { PlatformClient } from "../../../src/agent/platform-client.js";
import { warnOfProxy } from "../../../src/platform/http/behind-proxy.js";
import { createHttpServer, listen } from "../../../src/platform/http/server.js";
import { AGENT_SECRET, TestApp } from "../../support/app.js";

describe.each(["", "/chat"])("below a public path, a request that came as %s/...", (prefix) => {
  let app: TestApp;
  let key: string;
  let widgetId: string;
  beforeAll(async () => {
    app = await TestApp.start({ config: { PUBLIC_URL: "https://parley.test/chat/" } });
    ({ key } = await app.organization());
    widgetId = (await app.widget(key, { domains: ["https://shop.example"] })).id;
  });
  afterAll(() => app.stop());

  test.each(["/graphql", "/core/docs"])(
    "gets %s, which names its files with the path",
    async (page) => {
      const { text, status } = await app.get(prefix + page, undefined, { accept: "text/html" });
      expect(status).toBe(200);
      const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = ""]) => file);
      expect(files.length).toBeGreaterThan(2);
      for (const file of files) {
        expect(file).toMatch(/^\/chat\//);
        expect((await app.get(file)).status, file).toBe(200);
        expect((await app.get(file.slice("/chat".length))).status, file).toBe(200);
      }
      expect(
        (await app.get(files.findLast((file) => file.endsWith("init.js")) ?? "")).text,
      ).toMatch(/url: "\/chat\//);
    },
  );

  test("gets a panel page that names its files with the path", async () => {
    const { text } = await app.get(`${prefix}/public/embed/${widgetId}/panel`);
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      expect(file).toMatch(/^\/chat\/public\/embed\/assets\//);
      expect((await app.get(file)).status).toBe(200);
    }
  });

  test("gets the address of the next page with the path, and the document says where the server is", async () => {
    for (const name of ["Ada", "Bea"]) await app.post("/core/agents", { name }, key);
    const { headers } = await app.get(`${prefix}/core/agents?limit=1`, key);
    const next = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1] ?? "";
    expect(next).toMatch(/^\/chat\/core\/agents\?limit=1&cursor=/);
    expect((await app.get(next, key)).status).toBe(200);
    const { body } = await app.get(`${prefix}/core/openapi.json`);
    expect(body.servers).toEqual([{ url: "/chat", description: "This server." }]);
  });

  test("is answered at every other door", async () => {
    const start = (origin: string): Promise<{ status: number }> =>
      app.post(
        `${prefix}/core/public/web-widgets/${widgetId}/conversations`,
        { user_id: "ada" },
        undefined,
        { origin },
      );
    // An origin has no path: our own is PUBLIC_URL's without it.
    expect((await start("https://parley.test")).status).toBe(200);
    expect((await start("https://shop.example")).status).toBe(200);
    expect((await start("https://stranger.example")).status).toBe(403);
    for (const path of ["/healthz", "/readyz"]) {
      expect((await app.get(prefix + path)).status, path).toBe(200);
    }
    expect((await app.post(`${prefix}/livekit/webhook`, {})).status).toBe(401);
    const worker = new PlatformClient(app.url + prefix, AGENT_SECRET);
    await worker.heartbeat({ id: "worker-0001", activeJobs: 0, maxJobs: 1, stopping: false });
    expect((await app.get(`${prefix}/nowhere`)).status).toBe(404);
    expect((await app.get("/chatter/core/agents", key)).status).toBe(404);
  });
});

describe("what a proxy says of the client's address", () => {
  async function warnings(
    trustProxy: number | string | false,
    requests: readonly Record<string, string>[],
  ): Promise<{ level: number; header: string; msg: string }[]> {
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    const app = express().use(warnOfProxy(log, trustProxy), (_req, res) => void res.end());
    const server = createHttpServer(app);
    const url = await listen(server, { port: 0, host: "127.0.0.1", log });
    for (const headers of requests) await (await fetch(url, { headers })).text();
    await server.drain(0);
    return lines.map((line) => JSON.parse(line));
  }

  test.each<Record<string, string>>([
    { "x-forwarded-for": "198.51.100.7" },
    { forwarded: "for=198.51.100.7" },
    { "x-real-ip": "198.51.100.7" },
  ])("is said once to be ignored while TRUST_PROXY is not set: %o", async (headers) => {
    const said = await warnings(false, [{}, headers, headers, { "x-forwarded-for": "::1" }]);
    expect(said).toHaveLength(1);
    expect(said[0]?.level).toBe(40);
    expect(said[0]?.header).toBe(Object.keys(headers)[0]);
    expect(said[0]?.msg).toContain("TRUST_PROXY");
    expect(JSON.stringify(said)).not.toContain("198.51.100.7");
  });

  test("is taken without a word with TRUST_PROXY, and 0 says that there is no proxy", async () => {
    const all = { "x-forwarded-for": "::1", forwarded: "for=::1", "x-real-ip": "::1" };
    expect(await warnings(1, [{}, all])).toEqual([]);
    expect(await warnings("loopback", [{}, all])).toEqual([]);
    expect(await warnings(0, [{}, all])).toEqual([]);
  });

  test("is said once not to be read when it stands where TRUST_PROXY does not look", async () => {
    const said = await warnings(1, [{ "x-real-ip": "::1" }, { forwarded: "for=::1" }]);
    expect(said.map(({ header }) => header)).toEqual(["x-real-ip"]);
    expect(said[0]?.msg).toContain("X-Forwarded-For");
  });
});
