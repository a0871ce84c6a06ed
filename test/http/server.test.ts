import express from "express";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createHttpServer, listen } from "../../src/http/server.js";

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
