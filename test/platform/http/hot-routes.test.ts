import { Writable } from "node:stream";
import express from "express";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readyAnswer, withHotRoutes } from "../../../src/platform/http/hot-routes.js";
import { requestLog } from "../../../src/platform/http/request-log.js";
import { createHttpServer, listen } from "../../../src/platform/http/server.js";
import { ask, type Reply } from "../../faults/ask.js";
import { TestApp } from "../../support/app.js";
import { publicPath } from "../../support/visitor.js";

const SITE = "https://shop.example";
/** A query that says nothing is out of the ordinary, and so is a word about how old an answer may be. */
const LONG_WAY = { "cache-control": "max-age=0" };
/** What differs from answer to answer, and what the transport adds. */
const OWN = ["date", "x-request-id", "ratelimit", "connection", "keep-alive"];

let app: TestApp;
let key: string;
beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
});
afterAll(() => app.stop());

/** As it is: with a tag of the caller's own `fetch` asks for no answer from memory. */
const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
  ask(app.url + path, { headers });

const shown = ({ status, headers, body }: Reply): object => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.includes(name))),
  body,
});

describe("a public widget", () => {
  const HAS_IT = { "if-none-match": "TAG" };
  test.each([
    ["a page of its website", { origin: SITE }, 200, "at once"],
    ["our own panel", { "sec-fetch-site": "same-origin" }, 200, "at once"],
    ["a server", {}, 200, "at once"],
    ["a page that has it", { origin: SITE, ...HAS_IT }, 304, "at once"],
    ["one whose proxy packs it", { "if-none-match": "W/TAG" }, 304, "at once"],
    ["one that has an older one", { "if-none-match": '"older"' }, 200, "at once"],
    ["one that has several", { "if-none-match": '"older", TAG' }, 304, "the long way"],
    ["one that has any", { "if-none-match": "*" }, 304, "the long way"],
    ["one that wants a new one", { ...HAS_IT, "cache-control": "no-cache" }, 200, "the long way"],
    ["another website's page", { origin: "https://other.example" }, 403, "the long way"],
  ])("is answered at once as the long way does it: %s", async (_who, given, status, way) => {
    const widget = await app.widget(key, { domains: [SITE], config: { v1: { theme: "dark" } } });
    const path = publicPath(widget.id);
    // On a busy machine the second would be over.
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    const tag = String((await get(path)).headers.etag);
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace("TAG", tag)]),
    );
    const slow = await get(path, { ...LONG_WAY, ...headers });
    const read = vi.spyOn(app.parley.gate, "read");
    const fast = await get(path, headers);
    expect(read).toHaveBeenCalledTimes(way === "at once" ? 0 : 1);
    read.mockRestore();
    clock.mockRestore();
    expect(shown(fast)).toEqual(shown(slow));
    expect(fast.status).toBe(status);
    expect(fast.headers["x-request-id"]).toMatch(/^[\w-]{36}$/);
    expect(fast.headers["ratelimit"]).toMatch(/^"public_widget";r=\d+;t=\d+$/);
  });

  test("that was changed by us is seen at once, and gone when it is unpublished", async () => {
    const widget = await app.widget(key);
    const path = publicPath(widget.id);
    for (const theme of ["dark", "light", "system"]) {
      await app.get(path);
      await app.put(`/core/web-widgets/${widget.id}`, { config: { v1: { theme } } }, key);
      expect((await app.get(path)).body.config).toEqual({ v1: { theme } });
    }
    await app.put(`/core/web-widgets/${widget.id}/security`, { strict: true }, key);
    expect((await app.get(path)).status).toBe(403);
    await app.put(`/core/web-widgets/${widget.id}/security`, { strict: false }, key);
    expect((await app.get(path)).status).toBe(200);
    await app.put(`/core/web-widgets/${widget.id}`, { published: false }, key);
    expect((await app.get(path)).status).toBe(404);
    await app.put(`/core/web-widgets/${widget.id}`, { published: true }, key);
    expect((await app.get(path)).status).toBe(200);
    await app.delete(`/core/web-widgets/${widget.id}`, key);
    expect((await app.get(path)).status).toBe(404);
  });

  test("that another instance has changed is seen when a second is over; nobody starts with it meanwhile", async () => {
    const other = await TestApp.start({ database: app.parley.database });
    const widget = await app.widget(key);
    const path = publicPath(widget.id);
    expect((await other.get(path)).status).toBe(200);
    await app.put(`/core/web-widgets/${widget.id}`, { published: false }, key);
    expect((await other.begin(widget.id, { user_id: "guest_1" })).status).toBe(404);
    await expect.poll(async () => (await other.get(path)).status, { timeout: 10_000 }).toBe(404);
    await other.stop({ keepDatabase: true });
  });

  test("counts against its client's limit, however it is answered", async () => {
    const limited = await TestApp.start({
      rateLimits: { public_widget: { points: 4, windowSeconds: 60 } },
      database: app.parley.database,
    });
    const path = publicPath((await app.widget(key)).id);
    const left: (string | undefined)[] = [];
    for (const query of ["", "", "?x=1", ""]) {
      const answer = await limited.get(path + query);
      expect(answer.status).toBe(200);
      left.push(/r=(\d+)/.exec(answer.headers.get("ratelimit") ?? "")?.[1]);
    }
    expect(left).toEqual(["3", "2", "1", "0"]);
    const refused = await limited.get(path);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(refused.body).toEqual({ detail: "Too many requests. Try again later." });
    await limited.stop({ keepDatabase: true });
  });

  test("is found below a public path, whether a proxy takes it off or not", async () => {
    const below = await TestApp.start({
      config: { PUBLIC_URL: "http://parley.test:4000/chat" },
      database: app.parley.database,
    });
    const path = publicPath((await app.widget(key)).id);
    for (const prefix of ["", "/chat", "", "/chat"]) {
      expect((await below.get(prefix + path)).status).toBe(200);
    }
    await below.stop({ keepDatabase: true });
  });
});

describe("the loader", () => {
  test.each(["br", "gzip", "identity", "*;q=0"])(
    "is answered at once as the long way answers it, packed as %s",
    async (encoding) => {
      const path = "/public/embed/8f14e45f-ceea-467f-a9ee-3f3b6f3e0f5e";
      const packed = { "accept-encoding": encoding };
      const fast = await get(path, packed);
      expect(fast.status).toBe(200);
      expect(shown(fast)).toEqual(shown(await get(path, { ...packed, ...LONG_WAY })));
      const kept = { ...packed, "if-none-match": String(fast.headers.etag) };
      const same = await get(path, kept);
      expect(same.status).toBe(304);
      expect(shown(same)).toEqual(shown(await get(path, { ...kept, ...LONG_WAY })));
    },
  );
});

test("the loader is packed as each asks, however many others have asked in other words", async () => {
  const path = "/public/embed/8f14e45f-ceea-467f-a9ee-3f3b6f3e0f5e";
  const packing = async (headers: Record<string, string>): Promise<unknown> =>
    (await get(path, headers)).headers["content-encoding"];
  for (let n = 0; n < 150; n += 1) {
    expect(await packing({ "accept-encoding": `gzip;q=0.${n + 1}` })).toBe("gzip");
  }
  for (const _again of [1, 2]) {
    expect(await packing({ "accept-encoding": "br, gzip" })).toBe("br");
    expect(await packing({ "accept-encoding": "identity" })).toBeUndefined();
    expect(await packing({})).toBeUndefined();
  }
});

test("a ready answer leaves the same line in the log as any other, and none when all are late", async () => {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write: (line, _encoding, done) => {
      lines.push(JSON.parse(String(line)) as Record<string, unknown>);
      done();
    },
  });
  const log = pino({ base: undefined }, stream);
  const inner = express();
  inner.use(requestLog(log));
  inner.get("/hot/:id", (_req, res) => void res.end("slow"));
  let isLate = false;
  const ready = readyAnswer("text/plain", Buffer.from("fast"), []);
  const outer = withHotRoutes(inner, {
    routes: [{ prefix: "/hot/", answer: () => ({ ready, headers: [] }) }],
    serveCall: () => false,
    publicPath: "",
    isLate: () => isLate,
    log,
  });
  const server = createHttpServer(outer);
  const url = await listen(server, { port: 0, host: "127.0.0.1", log });
  const asked = async (): Promise<string> => {
    const headers = { "x-request-id": "asked-by-a-test" };
    return (await fetch(`${url}/hot/1?secret=1`, { headers })).text();
  };
  expect(await asked()).toBe("fast");
  isLate = true;
  expect(await asked()).toBe("slow");
  await expect.poll(() => lines.length).toBe(2);
  const [fast, slow] = lines.map(({ time: _time, responseTime, ...line }) => ({
    ...line,
    isTimed: typeof responseTime === "number",
  }));
  expect(fast).toEqual(slow);
  expect(fast).toMatchObject({
    req: { id: "asked-by-a-test", method: "GET", path: "/hot/1" },
    res: { status: 200 },
    msg: "request completed",
  });
  await server.drain(0);
});

test("Express finds its prototypes in place, and changes none: that would cost every request the most", async () => {
  const inner = express();
  inner.get("/", (req, res) => {
    res.json({ isFound: req.app === inner && res.app === inner, ip: req.ip });
  });
  const log = pino({ level: "silent" });
  const outer = withHotRoutes(inner, {
    routes: [],
    serveCall: () => false,
    publicPath: "",
    isLate: () => false,
    log,
  });
  const server = createHttpServer(outer);
  const prototypes: unknown[] = [];
  server.server.prependListener("request", (req, res) => {
    prototypes.push(Object.getPrototypeOf(req), Object.getPrototypeOf(res));
  });
  const url = await listen(server, { port: 0, host: "127.0.0.1", log });
  expect(await (await fetch(url)).json()).toEqual({ isFound: true, ip: "127.0.0.1" });
  expect(prototypes[0]).toBe(inner.request);
  expect(prototypes[1]).toBe(inner.response);
  await server.drain(0);
});
