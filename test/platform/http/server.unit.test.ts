import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import express from "express";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import {
  createHttpServer,
  listen,
  type ConnectionLimits,
  type HttpServer,
} from "../../../src/platform/http/server.js";

const LIMITS: ConnectionLimits = {
  headers: 300,
  request: 600,
  stalled: 60_000,
  keepAlive: 60_000,
  maxConnections: 100,
};
/** How many requests a busy machine does in a second says nothing here. */
const PATIENT = { timeout: 60_000 };
const running: HttpServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.drain(0);
});

async function serve(limits: Partial<ConnectionLimits> = {}): Promise<[HttpServer, string]> {
  const app = express();
  app.all("/", express.json(), (_req, res) => void setTimeout(() => res.json("here"), 2));
  const server = createHttpServer(app, { ...LIMITS, ...limits });
  running.push(server);
  return [
    server,
    await listen(server, { port: 0, host: "127.0.0.1", log: pino({}, { write() {} }) }),
  ];
}

/** A connection that sends `text` and nothing more. */
function say(url: string, text: string): { socket: Socket; end: Promise<string> } {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let heard = "";
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString()));
  socket.on("error", () => {});
  if (text) socket.write(text);
  return { socket, end: new Promise((resolve) => socket.once("close", () => resolve(heard))) };
}

describe("a connection ends in bounded time", () => {
  const HEADERS = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  test.each([
    ["that says nothing", ""],
    ["whose headers do not end", HEADERS],
    ["whose body does not end", `${HEADERS}Content-Length: 100\r\n\r\n{"a":`],
  ])("%s", async (_what, text) => {
    const [, url] = await serve();
    const heard = await say(url, text).end;
    if (text) expect(heard).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test("there are so many connections and no more; those that only wait make room", async () => {
  const [server, url] = await serve({ maxConnections: 2, headers: 60_000, request: 60_000 });
  const hello = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const kept = [say(url, hello), say(url, hello)];
  await Promise.all(
    kept.map(({ socket }) => new Promise((resolve) => socket.once("data", resolve))),
  );
  expect(await say(url, hello).end).toBe("");
  await Promise.all(kept.map(({ end }) => end));
  expect((await fetch(url)).status).toBe(200);
  expect(server.server.maxConnections).toBe(2);
});

test("a proxy that keeps a connection for a minute is not the one who finds it closed", () => {
  const { server } = createHttpServer(express());
  expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
  expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 30_000]);
});

test("a stop breaks off no request of clients that keep their connections", async () => {
  for (let round = 0; round < 5; round += 1) {
    const [server, url] = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const outcomes: string[] = [];
    const readiness = { isOn: true };
    const send = (method: string): Promise<string> =>
      new Promise((resolve) => {
        const body = method === "POST" ? '{"a":1}' : "";
        const headers = { "content-type": "application/json", "content-length": body.length };
        const sent = request(url, { agent, method, headers }, (res) => {
          res.resume();
          res.once("end", () => resolve(`${res.statusCode}`));
          res.once("error", () => resolve("broken off"));
        });
        sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
        sent.end(body);
      });
    const client = async (method: string): Promise<void> => {
      while (readiness.isOn) outcomes.push(await send(method));
    };
    const clients = ["GET", "POST", "GET", "POST"].map((method) => client(method));
    await expect.poll(() => outcomes.length, PATIENT).toBeGreaterThan(20);
    server.sayGoodbye();
    const before = outcomes.length;
    // Each of them has heard by now that its connection ends.
    await expect.poll(() => outcomes.length, PATIENT).toBeGreaterThan(before + 20);
    // What a load balancer does when readiness is off.
    readiness.isOn = false;
    await Promise.all([server.drain(5_000), ...clients]);
    agent.destroy();
    expect(new Set(outcomes)).toEqual(new Set(["200"]));
  }
});

test("a stop breaks off no request of clients that come again and again until nobody listens", async () => {
  for (let round = 0; round < 5; round += 1) {
    // A busy machine may keep us from reading for longer than the others allow.
    const [server, url] = await serve({ headers: 60_000, request: 60_000 });
    const outcomes: string[] = [];
    const client = async (): Promise<void> => {
      for (let last = ""; last !== "ECONNREFUSED"; outcomes.push(last)) {
        last = await new Promise<string>((resolve) => {
          const sent = request(url, { agent: false }, (res) => {
            res.resume();
            res.once("end", () => resolve(`${res.statusCode}`));
            res.once("error", () => resolve("broken off"));
          });
          sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
          sent.end();
        });
      }
    };
    const clients = Array.from({ length: 16 }, () => client());
    await expect.poll(() => outcomes.length, PATIENT).toBeGreaterThan(50);
    server.sayGoodbye();
    await Promise.all([server.drain(5_000), ...clients]);
    expect(new Set(outcomes)).toEqual(new Set(["200", "ECONNREFUSED"]));
  }
});

test("every answer of a server that is about to stop ends its connection", async () => {
  const [server, url] = await serve();
  const early = fetch(url);
  await new Promise((resolve) => server.server.once("request", resolve));
  server.sayGoodbye();
  expect((await early).headers.get("connection")).toBe("close");
  expect((await fetch(url)).headers.get("connection")).toBe("close");
});

test("a connection that the system cannot hand over is logged, each one, and the server goes on", async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line) => lines.push(line) });
  const server = createHttpServer(express().get("/", (_req, res) => void res.end("here")));
  const url = await listen(server, { port: 0, host: "127.0.0.1", log });
  try {
    server.server.emit("error", new Error("accept ENFILE"));
    server.server.emit("error", new Error("accept ENOBUFS"));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("accept ENFILE");
    expect(await (await fetch(url)).text()).toBe("here");
  } finally {
    await server.drain(0);
  }
});

test.each([
  ["::", "[::1]"],
  ["0.0.0.0", "127.0.0.1"],
  ["::1", "[::1]"],
  ["127.0.0.1", "127.0.0.1"],
])("who listens on %s is told that it is reached at %s", async (host, name) => {
  const server = createHttpServer(express().get("/", (_req, res) => void res.end("here")));
  const url = await listen(server, { port: 0, host, log: pino({ level: "silent" }) });
  try {
    expect(new URL(url).hostname).toBe(name);
    expect(await (await fetch(url)).text()).toBe("here");
  } finally {
    await server.drain(0);
  }
});

test.each([
  ["nowhere.invalid", "cannot be used: HOST is a name that does not resolve"],
  ["192.0.2.1", "cannot be used: HOST is not an address of this machine"],
  ["2001:db8::1", "cannot be used: HOST is not an address of this machine"],
])("who cannot listen on %s is told why in one sentence", async (host, reason) => {
  const server = createHttpServer(express());
  const listening = listen(server, { port: 18_499, host, log: pino({ level: "silent" }) });
  await expect(listening).rejects.toThrow(`Port 18499 on ${host} ${reason}.`);
});
