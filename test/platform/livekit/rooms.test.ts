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

/** A LiveKit that has the rooms `alive`, and says of every other deletion that it failed. */
function livekitWith(alive: readonly string[], asked: { method: string; room: string }[]): Server {
  return createHttp(async (req, res) => {
    let body = "";
    for await (const chunk of req.setEncoding("utf8")) body += chunk;
    const method = req.url?.split("/").at(-1) ?? "";
    const { room = "", names = [] } = JSON.parse(body) as { room?: string; names?: string[] };
    asked.push({ method, room });
    const rooms = names.filter((name) => alive.includes(name)).map((name) => ({ name }));
    const isFailed = method === "DeleteRoom" && asked.length % 2 === 0;
    res
      .writeHead(isFailed ? 500 : 200, { "content-type": "application/json" })
      .end(JSON.stringify({ rooms }));
  });
}

const deletedOf = (asked: readonly { method: string; room: string }[]): string[] =>
  asked.filter(({ method }) => method === "DeleteRoom").map(({ room }) => room);

test("each room is deleted before the client closes, whatever LiveKit says of another", async () => {
  const asked: { method: string; room: string }[] = [];
  const rooms = await roomsOf(livekitWith(ROOMS, asked));
  rooms.deleteInBackground(ROOMS);
  await rooms.close();
  expect(deletedOf(asked).toSorted()).toEqual(ROOMS.toSorted());
});

test("of many rooms LiveKit is asked first which there are", async () => {
  const asked: { method: string; room: string }[] = [];
  const rooms = await roomsOf(livekitWith(["room-7"], asked));
  rooms.deleteInBackground(ROOMS);
  await rooms.close();
  expect(deletedOf(asked)).toEqual(["room-7"]);
  expect(asked.length).toBe(2);
});

test("a room whose deletion failed is tried again", async () => {
  const asked: string[] = [];
  const rooms = await roomsOf(
    createHttp((req, res) => {
      asked.push(req.url ?? "");
      const status = asked.length === 1 ? 500 : 200;
      res.writeHead(status, { "content-type": "application/json" }).end("{}");
    }),
  );
  rooms.deleteInBackground(["room-1"]);
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(2);
  await rooms.close();
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
