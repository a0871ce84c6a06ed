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
