import { fork, type ChildProcess } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { RoomEvent } from "@livekit/rtc-node";
import { AccessToken } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { endsWithUs } from "../support/children.js";
import { eventually, listen, newRoomName, next, nextText, pause, useLiveKit } from "./support.js";

const livekit = useLiveKit();
const clients = new Set<ChildProcess>();
let received: Awaited<ReturnType<typeof livekit.webhooks>>;

beforeAll(async () => {
  received = await livekit.webhooks();
});
afterAll(() => {
  for (const client of clients) client.kill("SIGKILL");
});

describe("a participant whose process dies without a word", () => {
  it("keeps its place for a while, and is told to have left after that", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const dying = await joinToDie(room, "dies");
    await eventually(() => visitor.client.remoteParticipants.has("dies"));
    const left = next(visitor.client, RoomEvent.ParticipantDisconnected);
    dying.kill("SIGKILL");
    await pause(5_000);
    expect(await identities(room)).toEqual(["dies", "visitor"]);
    expect((await left)[0].identity).toBe("dies");
    expect(await identities(room)).toEqual(["visitor"]);
    if (received) await eventually(() => names(room).includes("dies participant_left"));
  });

  it("is taken out by RemoveParticipant at once, and whoever comes then is another", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    (await joinToDie(room, "agent-1", "agent")).kill("SIGKILL");
    await livekit.rooms.removeParticipant(room, "agent-1");
    expect(await identities(room)).toEqual(["visitor"]);
    await livekit.joinAsAgent(room, "agent-2");
    // News of both may come together.
    await eventually(() => [...visitor.client.remoteParticipants.keys()].join() === "agent-2");
  });

  it("is replaced at once when the same identity joins again", async () => {
    const room = newRoomName();
    (await joinToDie(room, "visitor")).kill("SIGKILL");
    await livekit.join(room, "visitor");
    expect(await identities(room)).toEqual(["visitor"]);
  });
});

describe("a participant whose signalling is cut for five seconds", () => {
  it("is there all the time, and goes on", async () => {
    const room = newRoomName();
    const stays = await livekit.join(room, "stays");
    const line = await Line.to(livekit.url);
    const token = await livekit.token({ room, roomJoin: true }, { identity: "cut" });
    const client = await livekit.connect(token, line.url);
    await livekit.untilActive(room, "cut");
    let isOver = false;
    client.on(RoomEvent.Disconnected, () => (isOver = true));
    line.cut();
    await pause(5_000);
    expect(await identities(room)).toEqual(["cut", "stays"]);
    line.mend();
    await eventually(async () => {
      const answer = nextText(stays.client, "lk.chat").catch(() => undefined);
      await client.localParticipant?.sendText("still here", { topic: "lk.chat" });
      const text = await Promise.race([answer, pause(3_000)]);
      stays.client.unregisterTextStreamHandler("lk.chat");
      return text?.text === "still here";
    });
    expect(isOver).toBe(false);
    line.close();
  });
});

describe("webhooks", () => {
  it("tell that somebody went who never was connected, and not that they had joined", async (context) => {
    if (received === undefined) return context.skip();
    const room = newRoomName();
    await livekit.join(room, "stays");
    const token = await livekit.token({ room, roomJoin: true }, { identity: "half" });
    const socket = new WebSocket(`${livekit.url}/rtc?access_token=${token}&protocol=15`);
    await new Promise((resolve) => {
      socket.once("message", resolve);
    });
    socket.close();
    await eventually(() => names(room).includes("half participant_connection_aborted"));
    expect(names(room)).not.toContain("half participant_joined");
    expect(names(room)).not.toContain("half participant_left");
  });
});

/** A way to a server's signalling that can be cut, while media goes its own. */
class Line {
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<Line> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    const line = new Line(server, (await listen(server)).replace("http", "ws"));
    server.on("connection", (near: Socket) => {
      if (line.#isCut) return near.destroy();
      const far = connect(Number(port || 80), hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        line.#sockets.add(one);
        one.on("error", () => other.destroy()).on("close", () => other.destroy());
        one.pipe(other);
      }
    });
    return line;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

async function joinToDie(room: string, identity: string, kind?: "agent"): Promise<ChildProcess> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity, ttl: 600 });
  token.addGrant({ room, roomJoin: true, ...(kind ? { agent: true } : {}) });
  if (kind) token.kind = kind;
  const client = endsWithUs(
    fork(new URL("fixtures/client.ts", import.meta.url), {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, LIVEKIT_URL: livekit.url, CLIENT_TOKEN: await token.toJwt() },
    }),
  );
  clients.add(client);
  await new Promise<void>((resolve, reject) => {
    client.once("message", () => resolve());
    client.once("exit", (code) => reject(new Error(`the client exited with ${code}`)));
  });
  await livekit.untilActive(room, identity);
  return client;
}

async function identities(room: string): Promise<string[]> {
  return (await livekit.rooms.listParticipants(room)).map(({ identity }) => identity).toSorted();
}

function names(room: string): string[] {
  return (received ?? [])
    .filter((event) => event.room?.name === room)
    .map(({ event, participant }) => `${participant?.identity} ${String(event)}`);
}
