import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { RoomEvent } from "@livekit/rtc-node";
import { RoomAgentDispatch, RoomConfiguration } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endsWithUs } from "../support/children.js";
import {
  eventually,
  newRoomName,
  next,
  nextText,
  pause,
  useLiveKit,
  type Joined,
} from "./support.js";

const livekit = useLiveKit();
const workers = new Set<ChildProcess>();
const agentName = `agent-${randomUUID()}`;

beforeAll(async () => {
  await startWorker(agentName);
});

afterAll(async () => {
  for (const worker of workers) await stop(worker);
});

describe("agent dispatch", () => {
  it("brings the agent that the token names into the room that the join creates", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor", {}, { roomConfig: calling("for Ada") });
    const agent = await agentIn(visitor);
    expect(agent.attributes).toMatchObject({ "lk.agent.name": agentName, metadata: "for Ada" });
    const AGENT = 4;
    const info = await livekit.rooms.getParticipant(room, agent.identity);
    expect(info.kind).toBe(AGENT);
    const answer = nextText(visitor.client, "lk.transcription");
    await visitor.me.sendText("hello", { topic: "lk.chat" });
    expect(await answer).toEqual({ text: "heard hello", identity: agent.identity });
  });

  it("ignores the agents of a token for a room that is already there", async () => {
    const room = newRoomName();
    await livekit.rooms.createRoom({ name: room });
    const visitor = await livekit.join(room, "visitor", {}, { roomConfig: calling("late") });
    const dispatches = await livekit.dispatches.listDispatch(room);
    expect(dispatches.filter((one) => one.agentName === agentName)).toEqual([]);
    expect(visitor.client.remoteParticipants.size).toBe(0);
  });

  it("brings an agent into a live room by CreateDispatch, and takes it away by DeleteDispatch", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const dispatch = await livekit.dispatches.createDispatch(room, agentName, { metadata: "now" });
    const agent = await agentIn(visitor);
    expect(agent.attributes.metadata).toBe("now");
    const listed = await livekit.dispatches.listDispatch(room);
    expect(listed.map(({ id }) => id)).toContain(dispatch.id);
    const gone = next(visitor.client, RoomEvent.ParticipantDisconnected);
    await livekit.dispatches.deleteDispatch(dispatch.id, room);
    expect((await gone)[0].identity).toBe(agent.identity);
  });

  it("brings the agents that CreateRoom names", async () => {
    const room = newRoomName();
    const agents = [new RoomAgentDispatch({ agentName, metadata: "made" })];
    await livekit.rooms.createRoom({ name: room, agents });
    const visitor = await livekit.join(room, "visitor");
    expect((await agentIn(visitor)).attributes.metadata).toBe("made");
  });

  it("ends the job's process when the visitor has left and the room has closed", async () => {
    const room = newRoomName();
    const roomConfig = calling("", 1);
    const visitor = await livekit.join(room, "visitor", {}, { roomConfig });
    const agent = await agentIn(visitor);
    const pid = Number(agent.attributes.pid);
    expect(isRunning(pid)).toBe(true);
    await visitor.client.disconnect();
    await eventually(async () => (await livekit.rooms.listRooms([room])).length === 0);
    await eventually(() => !isRunning(pid));
  });

  it("ends the job's process when the room is deleted", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor", {}, { roomConfig: calling("") });
    const pid = Number((await agentIn(visitor)).attributes.pid);
    await livekit.rooms.deleteRoom(room);
    await eventually(() => !isRunning(pid));
  });

  it("stores a dispatch for which there is no worker, and nothing fails", async () => {
    const room = newRoomName();
    const nobody = `nobody-${randomUUID()}`;
    const agents = [new RoomAgentDispatch({ agentName: nobody })];
    const roomConfig = new RoomConfiguration({ agents });
    const visitor = await livekit.join(room, "visitor", {}, { roomConfig });
    const dispatches = await livekit.dispatches.listDispatch(room);
    expect(dispatches.map((one) => one.agentName)).toContain(nobody);
    expect(visitor.client.isConnected).toBe(true);
  });

  it("asks the next worker when one declines", async () => {
    const name = `picky-${randomUUID()}`;
    const declining = await startWorker(name, { declines: true });
    const asked = new Promise((resolve) => {
      declining.on("message", (message) => message === "asked" && resolve(message));
    });
    const first = newRoomName();
    await livekit.dispatches.createDispatch(first, name).catch(() => {});
    await livekit.join(first, "visitor");
    await livekit.dispatches.createDispatch(first, name);
    await asked;
    await startWorker(name);
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    await livekit.dispatches.createDispatch(room, name);
    await agentIn(visitor);
  });

  it("calls no worker that is as busy as 0.7, without an error, and one that is a little less so", async () => {
    const name = `busy-${randomUUID()}`;
    const full = await startWorker(name, { load: 0.75 });
    await said(full, "weighed");
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const asked = said(full, "asked").then(() => "asked");
    await livekit.dispatches.createDispatch(room, name);
    expect(await Promise.race([asked, pause(5_000)])).toBe(undefined);
    expect(visitor.client.remoteParticipants.size).toBe(0);
    const able = await startWorker(name, { load: 0.65 });
    await said(able, "weighed");
    await livekit.dispatches.createDispatch(room, name);
    await agentIn(visitor);
  });

  it("gives no job to a worker that has gone", async () => {
    const name = `leaving-${randomUUID()}`;
    await stop(await startWorker(name));
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    await livekit.dispatches.createDispatch(room, name);
    const returned = await startWorker(name);
    await livekit.dispatches.createDispatch(room, name);
    await agentIn(visitor);
    expect(returned.exitCode).toBeNull();
    expect(visitor.client.remoteParticipants.size).toBe(1);
  });
});

function calling(metadata: string, departureTimeout = 20): RoomConfiguration {
  const agents = [new RoomAgentDispatch({ agentName, metadata })];
  return new RoomConfiguration({ agents, departureTimeout });
}

/** The agent, once it says that it listens. */
async function agentIn(
  visitor: Joined,
): Promise<{ identity: string; attributes: Record<string, string> }> {
  let found: { identity: string; attributes: Record<string, string> } | undefined;
  await eventually(() => {
    found = [...visitor.client.remoteParticipants.values()].find(
      ({ attributes }) => attributes["lk.agent.state"] === "listening",
    );
    return found !== undefined;
  });
  if (found === undefined) throw new Error("no agent");
  return { identity: found.identity, attributes: found.attributes };
}

/** Starts a worker and waits until it has registered. */
async function startWorker(
  name: string,
  { declines = false, load = 0 }: { declines?: boolean; load?: number } = {},
): Promise<ChildProcess> {
  const worker = endsWithUs(
    fork(new URL("fixtures/worker.ts", import.meta.url), {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: {
        ...process.env,
        LIVEKIT_URL: livekit.url,
        LIVEKIT_API_KEY: livekit.apiKey,
        LIVEKIT_API_SECRET: livekit.apiSecret,
        WORKER_AGENT_NAME: name,
        WORKER_DECLINES: declines ? "yes" : "no",
        WORKER_LOAD: String(load),
      },
    }),
  );
  workers.add(worker);
  await new Promise<void>((resolve, reject) => {
    worker.on("message", (message) => message === "registered" && resolve());
    worker.on("exit", (code) => reject(new Error(`the worker exited with ${code}`)));
  });
  return worker;
}

async function said(worker: ChildProcess, what: string): Promise<void> {
  await new Promise<void>((resolve) => {
    worker.on("message", (message) => message === what && resolve());
  });
}

async function stop(worker: ChildProcess): Promise<void> {
  workers.delete(worker);
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = new Promise((resolve) => {
    worker.once("exit", resolve);
  });
  worker.kill("SIGTERM");
  await exited;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
