import { fork, type ChildProcess } from "node:child_process";
import { RoomEvent } from "@livekit/rtc-node";
import { AccessToken } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { eventually, newRoomName, next, pause, useLiveKit } from "./support.js";

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

async function joinToDie(room: string, identity: string, kind?: "agent"): Promise<ChildProcess> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity, ttl: 600 });
  token.addGrant({ room, roomJoin: true, ...(kind ? { agent: true } : {}) });
  if (kind) token.kind = kind;
  const client = fork(new URL("fixtures/client.ts", import.meta.url), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, LIVEKIT_URL: livekit.url, CLIENT_TOKEN: await token.toJwt() },
  });
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
