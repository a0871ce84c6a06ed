import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { AccessToken, WebhookReceiver } from "livekit-server-sdk";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  startEmbeddedLiveKit,
  type EmbeddedLiveKit,
} from "../../src/livekit-dev/embedded-livekit.js";
import { upgradeStatus } from "../support/upgrade-status.js";

const KEY = "testkey";
const SECRET = "a test secret that is long enough";
const open = new Set<{ close(): unknown }>();

afterEach(async () => {
  for (const one of open) await one.close();
  open.clear();
});

describe("who may reach the embedded LiveKit", () => {
  it("refuses a Host that is not this machine's own name for itself", async () => {
    const livekit = await start();
    for (const host of [
      "evil.example",
      "evil.example:7880",
      "192.0.2.2",
      "localhost.evil.example",
    ]) {
      expect([host, await status(livekit, "/", { host })]).toEqual([host, 403]);
      expect([host, await upgrade(livekit, "/rtc", { host })]).toEqual([host, 403]);
    }
    for (const host of ["localhost:7880", "127.0.0.1", "[::1]:7880", "LOCALHOST"]) {
      expect([host, await status(livekit, "/", { host })]).toEqual([host, 200]);
    }
  });

  it("refuses an Origin that is neither loopback nor allowed", async () => {
    const livekit = await start(["https://shop.example"]);
    const token = await joinToken();
    const rtc = `/rtc?access_token=${token}`;
    for (const origin of ["https://evil.example", "null", "http://localhost.evil.example", "x"]) {
      expect([origin, await status(livekit, "/", { origin })]).toEqual([origin, 403]);
      // A sandbox takes a page's origin; the token is left to tell who joins.
      const joins = origin === "null" ? 101 : 403;
      expect([origin, await upgrade(livekit, rtc, { origin })]).toEqual([origin, joins]);
    }
    expect(await upgrade(livekit, "/rtc?access_token=x", { origin: "null" })).toBe(401);
    expect(await upgrade(livekit, "/agent", { origin: "null" })).toBe(403);
    for (const origin of ["https://shop.example", "http://localhost:3000", "http://127.0.0.1"]) {
      expect([origin, await upgrade(livekit, rtc, { origin })]).toEqual([origin, 101]);
    }
  });

  it("lets go of a connection that it has refused, also where the client does not", async () => {
    const livekit = await start();
    const socket = connect({ port: livekit.port, host: "127.0.0.1", allowHalfOpen: true });
    const gone = new Promise((resolve) => {
      socket.on("error", resolve);
    });
    // Only what is gone answers this with a reset.
    const ask = (): void =>
      void socket.write("still there?", (error) => !error && setImmediate(ask));
    socket.on("end", ask);
    socket.resume();
    socket.write(
      "GET /rtc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    expect(await gone).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) });
  });

  it("ends the connection of a call that is too large, and says so", async () => {
    const livekit = await start();
    const refused = await createRoom(livekit, "n".repeat(3 * 1024 * 1024));
    expect([refused.status, refused.headers.get("connection")]).toEqual([400, "close"]);
    expect((await createRoom(livekit, "r")).status).toBe(200);
  });

  it("takes a worker's token from the header only", async () => {
    const livekit = await start();
    const worker = new AccessToken(KEY, SECRET, { ttl: 60 });
    worker.addGrant({ agent: true });
    const token = await worker.toJwt();
    expect(await upgrade(livekit, `/agent?access_token=${token}`, {})).toBe(401);
    expect(await upgrade(livekit, "/agent", { authorization: `Bearer ${token}` })).toBe(101);
  });

  it("lets a page read why its join was refused, and hides the newer protocol from clients that it does not understand in it", async () => {
    const livekit = await start(["https://shop.example"]);
    const origin = "https://shop.example";
    const refused = await fetch(`${http(livekit)}/rtc/validate?access_token=x`, {
      headers: { origin },
    });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([
      401,
      origin,
    ]);
    const newer = await fetch(`${http(livekit)}/rtc/v1/validate`, { headers: { origin } });
    expect([newer.status, newer.headers.get("access-control-allow-origin")]).toEqual([404, origin]);
    expect(await upgrade(livekit, `/rtc/v1?access_token=${await joinToken()}`, {})).toBe(404);
  });
});

describe("starting and stopping", () => {
  it("says in words that its port is in use", async () => {
    const first = await start();
    await expect(start([], first.port)).rejects.toThrow(`port ${first.port} is in use`);
  });

  it("ends its connections when it is closed, and answers no more", async () => {
    const livekit = await start();
    const socket = new WebSocket(`${livekit.url}/rtc?access_token=${await joinToken()}`);
    const closed = new Promise((resolve) => {
      socket.on("close", resolve);
    });
    await new Promise((resolve) => {
      socket.once("message", resolve);
    });
    await livekit.close();
    await closed;
    await expect(fetch(http(livekit))).rejects.toThrow();
  });

  it("survives whatever a client sends", async () => {
    const livekit = await start();
    const worker = new AccessToken(KEY, SECRET, { ttl: 60 });
    worker.addGrant({ agent: true });
    const authorization = `Bearer ${await worker.toJwt()}`;
    for (const bytes of nonsense()) {
      for (const path of [`/rtc?access_token=${await joinToken()}`, "/agent"]) {
        const socket = new WebSocket(`${livekit.url}${path}`, {
          headers: path === "/agent" ? { authorization } : {},
        });
        socket.on("error", () => {});
        await new Promise((resolve) => {
          socket.once("open", resolve);
        });
        socket.send(bytes);
        socket.send("text");
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
        socket.terminate();
      }
    }
    expect(await status(livekit, "/", {})).toBe(200);
  });
});

describe("webhooks", () => {
  it("are tried again when the platform does not answer well", async () => {
    const receiver = new WebhookReceiver(KEY, SECRET);
    const seen: string[] = [];
    let failures = 2;
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        failures -= 1;
        if (failures >= 0) {
          response.writeHead(500).end();
          return;
        }
        receiver.receive(body, request.headers.authorization).then(
          (event) => {
            seen.push(`${event.event} ${request.headers["content-type"]}`);
            response.end();
          },
          () => response.writeHead(400).end(),
        );
      });
    });
    open.add(server);
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const livekit = await start();
    livekit.setWebhookUrl(`http://127.0.0.1:${port}/webhook`);
    await createRoom(livekit, "r");
    const deadline = Date.now() + 15_000;
    while (seen.length === 0 && Date.now() < deadline) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    expect(seen).toEqual(["room_started application/webhook+json"]);
  });
});

async function start(allowedOrigins: string[] = [], port = 0): Promise<EmbeddedLiveKit> {
  const log = { info: () => {}, warn: () => {}, debug: () => {} };
  const options = { port, apiKey: KEY, apiSecret: SECRET, allowedOrigins, log };
  const livekit = await startEmbeddedLiveKit(options);
  open.add(livekit);
  return livekit;
}

async function joinToken(): Promise<string> {
  const token = new AccessToken(KEY, SECRET, { ttl: 60, identity: "visitor" });
  token.addGrant({ room: "r", roomJoin: true });
  return token.toJwt();
}

async function createRoom(livekit: EmbeddedLiveKit, name: string): Promise<Response> {
  const token = new AccessToken(KEY, SECRET, { ttl: 60 });
  token.addGrant({ roomCreate: true });
  return fetch(`${http(livekit)}/twirp/livekit.RoomService/CreateRoom`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${await token.toJwt()}`,
    },
    body: JSON.stringify({ name }),
  });
}

function http(livekit: EmbeddedLiveKit): string {
  return `http://127.0.0.1:${livekit.port}`;
}

async function status(
  livekit: EmbeddedLiveKit,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = livekit;
    const request = httpRequest({ host: "127.0.0.1", port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    request.end();
  });
}

function upgrade(
  livekit: EmbeddedLiveKit,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  return upgradeStatus(livekit.url + path, headers);
}

/** Bytes that are no message, messages that make no sense, and one that is too large. */
function nonsense(): Uint8Array[] {
  const offerWithoutSense = Buffer.from("0a0b0a056f6666657212026161", "hex");
  const answerWithoutSense = Buffer.from("120a0a06616e7377657212007a7a", "hex");
  return [
    Buffer.from([]),
    Buffer.from([255, 255, 255, 255]),
    Buffer.alloc(1_000, 7),
    offerWithoutSense,
    answerWithoutSense,
    Buffer.alloc(3 * 1024 * 1024),
  ];
}
