import { expect, test } from "vitest";
import { openRoom } from "../../src/agent/talk-room.js";

test("a room takes its own events alone: in a process of many, each would cost what all of them cost", async () => {
  const room = openRoom();
  const taken: unknown[] = [];
  Reflect.set(room, "processFfiEvent", async (event: unknown) => taken.push(event));
  const tell = (event: object): unknown => Reflect.get(room, "onFfiEvent")(event);
  const roomEvent = (roomHandle: bigint): object => ({
    message: { case: "roomEvent", value: { roomHandle } },
  });
  const call = { message: { case: "rpcMethodInvocation", value: {} } };

  // Which handle is its own it learns when it is connected.
  await tell(roomEvent(1n));
  expect(taken).toEqual([]);
  Reflect.set(room, "localParticipant", {});
  Reflect.set(room, "info", {});
  Reflect.set(room, "ffiHandle", { handle: 1n });
  await tell(roomEvent(1n));
  expect(taken).toEqual([roomEvent(1n), roomEvent(1n)]);
  expect(tell(roomEvent(2n))).toBeUndefined();
  expect(tell({ message: { case: "textStreamReaderEvent", value: {} } })).toBeUndefined();
  await tell(call);
  expect(taken).toEqual([roomEvent(1n), roomEvent(1n), call]);
});
