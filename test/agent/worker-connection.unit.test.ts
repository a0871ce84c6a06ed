import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { AvailabilityRequest, Job, ServerMessage } from "@livekit/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { WorkerConnection } from "../../src/agent/worker-connection.js";

let livekit: WebSocketServer;
let connection: WorkerConnection;
const take = vi.fn<(jobId: string) => boolean>(() => true);
const warn = vi.fn<() => void>();

beforeEach(async () => {
  livekit = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(livekit, "listening");
  const { port } = livekit.address() as AddressInfo;
  connection = new WorkerConnection({
    livekit: { url: `ws://127.0.0.1:${port}`, apiKey: "key", apiSecret: "secret" },
    agentName: "agent",
    load: () => 0,
    take,
    giveBack: () => {},
    begin: () => {},
    end: () => {},
    onRegistered: () => {},
    log: { warn } as unknown as ConstructorParameters<typeof WorkerConnection>[0]["log"],
  });
});

afterEach(() => {
  connection.close();
  livekit.close();
});

test("what is no message of LiveKit's is told and dropped, and the next one is read", async () => {
  const connected = once(livekit, "connection") as Promise<[WebSocket]>;
  connection.start();
  const [socket] = await connected;
  socket.send(Buffer.from([0xff, 0xff, 0xff]));
  const value = new AvailabilityRequest({ job: new Job({ id: "AJ_1" }) });
  socket.send(new ServerMessage({ message: { case: "availability", value } }).toBinary());
  await vi.waitFor(() => expect(take).toHaveBeenCalledWith("AJ_1"), 10_000);
  expect(warn).toHaveBeenCalledOnce();
});
