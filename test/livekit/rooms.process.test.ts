import { DisconnectReason, RoomEvent } from "@livekit/rtc-node";
import { RoomConfiguration, TwirpError } from "livekit-server-sdk";
import { describe, expect, it } from "vitest";
import { eventually, newRoomName, next, useLiveKit } from "./support.js";

const livekit = useLiveKit();

describe("rooms by the server API", () => {
  it("creates a room with its settings, lists it, and deletes it", async () => {
    const name = newRoomName();
    const room = await livekit.rooms.createRoom({
      name,
      emptyTimeout: 60,
      departureTimeout: 30,
      maxParticipants: 5,
      metadata: "m",
    });
    expect(room).toMatchObject({
      name,
      emptyTimeout: 60,
      departureTimeout: 30,
      maxParticipants: 5,
      metadata: "m",
    });
    expect(room.sid).toMatch(/^RM_/);
    expect((await livekit.rooms.listRooms([name])).map(({ sid }) => sid)).toEqual([room.sid]);
    await livekit.rooms.deleteRoom(name);
    expect(await livekit.rooms.listRooms([name])).toEqual([]);
  });

  it("keeps a room as it is when it is created again", async () => {
    const name = newRoomName();
    const first = await livekit.rooms.createRoom({ name });
    const second = await livekit.rooms.createRoom({ name });
    expect(second.sid).toBe(first.sid);
  });

  it("lists who is in a room, with identity, state and kind", async () => {
    const name = newRoomName();
    await livekit.join(name, "one", {}, { name: "One" });
    await livekit.join(name, "two");
    const participants = await livekit.rooms.listParticipants(name);
    const ACTIVE = 2;
    expect(participants.map(({ identity, state, kind }) => ({ identity, state, kind }))).toEqual(
      expect.arrayContaining([
        { identity: "one", state: ACTIVE, kind: 0 },
        { identity: "two", state: ACTIVE, kind: 0 },
      ]),
    );
  });

  it("lists nobody in a room that does not exist", async () => {
    expect(await livekit.rooms.listParticipants(newRoomName())).toEqual([]);
  });

  it("answers not_found for what does not exist", async () => {
    const name = newRoomName();
    await expect(livekit.rooms.deleteRoom(name)).rejects.toMatchObject(notFound);
    await expect(livekit.rooms.removeParticipant(name, "x")).rejects.toMatchObject(notFound);
    await livekit.rooms.createRoom({ name });
    await expect(livekit.rooms.removeParticipant(name, "x")).rejects.toMatchObject(notFound);
    await expect(livekit.rooms.getParticipant(name, "x")).rejects.toMatchObject(notFound);
  });

  it("answers with an error that the SDK understands", async () => {
    const error = await livekit.rooms.deleteRoom(newRoomName()).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(TwirpError);
  });

  it("refuses metadata and names that are too long", async () => {
    const tooLong = { status: 400, code: "invalid_argument" };
    const metadata = "m".repeat(513 * 1024);
    await expect(livekit.rooms.createRoom({ name: newRoomName(), metadata })).rejects.toMatchObject(
      tooLong,
    );
    await expect(livekit.rooms.createRoom({ name: "n".repeat(300) })).rejects.toMatchObject(
      tooLong,
    );
  });

  it("disconnects everybody when the room is deleted", async () => {
    const name = newRoomName();
    const visitor = await livekit.join(name, "visitor");
    const gone = next(visitor.client, RoomEvent.Disconnected);
    await livekit.rooms.deleteRoom(name);
    expect((await gone)[0]).toBe(DisconnectReason.ROOM_DELETED);
  });

  it("disconnects a participant who is removed, and only that one", async () => {
    const name = newRoomName();
    const [removed, stays] = [await livekit.join(name, "a"), await livekit.join(name, "b")];
    const gone = next(removed.client, RoomEvent.Disconnected);
    await eventually(() => stays.client.remoteParticipants.has("a"));
    const seen = next(stays.client, RoomEvent.ParticipantDisconnected);
    await livekit.rooms.removeParticipant(name, "a");
    expect((await gone)[0]).toBe(DisconnectReason.PARTICIPANT_REMOVED);
    expect((await seen)[0].identity).toBe("a");
    expect(stays.client.isConnected).toBe(true);
  });
});

describe("coming and going", () => {
  it("removes the older participant when the same identity joins again", async () => {
    const name = newRoomName();
    const older = await livekit.join(name, "visitor");
    const gone = next(older.client, RoomEvent.Disconnected);
    const newer = await livekit.join(name, "visitor");
    expect((await gone)[0]).toBe(DisconnectReason.DUPLICATE_IDENTITY);
    expect(newer.client.isConnected).toBe(true);
    expect(await livekit.rooms.listParticipants(name)).toHaveLength(1);
  });

  it("tells others when a client leaves", async () => {
    const name = newRoomName();
    const [leaver, stays] = [await livekit.join(name, "a"), await livekit.join(name, "b")];
    await eventually(() => stays.client.remoteParticipants.has("a"));
    const seen = next(stays.client, RoomEvent.ParticipantDisconnected);
    await leaver.client.disconnect();
    expect((await seen)[0].identity).toBe("a");
  });

  it("closes a room once the departure timeout after the last leave has passed", async () => {
    const name = newRoomName();
    const roomConfig = new RoomConfiguration({ departureTimeout: 1 });
    const visitor = await livekit.join(name, "visitor", {}, { roomConfig });
    await visitor.client.disconnect();
    await eventually(async () => (await livekit.rooms.listRooms([name])).length === 0);
  });

  it("closes a room that nobody has joined once the empty timeout has passed", async () => {
    const name = newRoomName();
    await livekit.rooms.createRoom({ name, emptyTimeout: 1 });
    await eventually(async () => (await livekit.rooms.listRooms([name])).length === 0);
  });

  it("keeps an empty room open for as long as it is told to, also for years", async () => {
    const name = newRoomName();
    const seconds = 2 ** 32 - 1;
    const timeouts = { emptyTimeout: seconds, departureTimeout: seconds };
    const { sid } = await livekit.rooms.createRoom({ name, ...timeouts });
    await (await livekit.join(name, "visitor")).client.disconnect();
    expect(await livekit.rooms.listRooms([name])).toMatchObject([{ sid }]);
    await livekit.rooms.deleteRoom(name);
  });

  it("does not count agents as occupants", async () => {
    const name = newRoomName();
    const roomConfig = new RoomConfiguration({ departureTimeout: 1 });
    const visitor = await livekit.join(name, "visitor", {}, { roomConfig });
    const agent = await livekit.joinAsAgent(name, "agent");
    const gone = next(agent.client, RoomEvent.Disconnected);
    await visitor.client.disconnect();
    await gone;
    await eventually(async () => (await livekit.rooms.listRooms([name])).length === 0);
  });

  it("keeps a room open while somebody is in it", async () => {
    const name = newRoomName();
    const roomConfig = new RoomConfiguration({ departureTimeout: 1, emptyTimeout: 1 });
    const stays = await livekit.join(name, "stays", {}, { roomConfig });
    const leaver = await livekit.join(name, "leaver");
    await eventually(() => stays.client.remoteParticipants.size === 1);
    await leaver.client.disconnect();
    await eventually(() => stays.client.remoteParticipants.size === 0);
    // Another room's timeouts, which begin later, tell when this one's have passed.
    const other = newRoomName();
    const last = await livekit.join(other, "last", {}, { roomConfig });
    await last.client.disconnect();
    await eventually(async () => (await livekit.rooms.listRooms([other])).length === 0);
    expect(stays.client.isConnected).toBe(true);
    expect(await livekit.rooms.listRooms([name])).toHaveLength(1);
  });

  it("refuses whoever comes when a room is full", async () => {
    const name = newRoomName();
    const roomConfig = new RoomConfiguration({ maxParticipants: 1 });
    await livekit.join(name, "first", {}, { roomConfig });
    const token = await livekit.token({ room: name, roomJoin: true }, { identity: "second" });
    await expect(livekit.connect(token)).rejects.toThrow();
  });
});

const notFound = { status: 404, code: "not_found" };
