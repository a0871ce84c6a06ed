import { createServer as createHttp } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { LiveKitRooms } from "../../../src/platform/livekit/rooms.js";
import { createLog } from "../../../src/process/log.js";
import { LIVEKIT } from "../../support/app.js";

const ROOMS = Array.from({ length: 40 }, (_, n) => `room-${n}`);

let server: Server | undefined;
afterEach(() => server?.close());

async function roomsOf(livekit: Server): Promise<LiveKitRooms> {
  server = livekit;
  await new Promise<void>((resolve) => livekit.listen(0, "127.0.0.1", resolve));
  const { port } = livekit.address() as AddressInfo;
  return new LiveKitRooms({ ...LIVEKIT, url: `ws://127.0.0.1:${port}` }, createLog("silent"));
}

test("each room is deleted before the client closes, whatever LiveKit says of another", async () => {
  const asked: string[] = [];
  const rooms = await roomsOf(
    createHttp((req, res) => {
      req.on("data", (data) => asked.push(JSON.parse(String(data)).room));
      const status = asked.length % 2 === 0 ? 200 : 500;
      req.on("end", () => res.writeHead(status, { "content-type": "application/json" }).end("{}"));
    }),
  );
  rooms.deleteInBackground(ROOMS);
  await rooms.close();
  expect(asked.toSorted()).toEqual(ROOMS.toSorted());
});

test("a LiveKit that does not answer is asked for a few, not waited for with each", async () => {
  let asked = 0;
  const rooms = await roomsOf(
    createServer((socket) => {
      asked += 1;
      socket.destroy();
    }),
  );
  rooms.deleteInBackground(ROOMS);
  await rooms.close();
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(ROOMS.length / 2);
});
