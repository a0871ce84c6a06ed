import { createHmac } from "node:crypto";
import { AccessToken, AgentDispatchClient, RoomServiceClient } from "livekit-server-sdk";
import { describe, expect, it } from "vitest";
import { upgradeStatus } from "../support/upgrade-status.js";
import { newRoomName, useLiveKit } from "./support.js";

const livekit = useLiveKit();

describe("tokens at the server API", () => {
  it("refuses a call whose token lacks the grant, or names another room", async () => {
    const room = newRoomName();
    const listsOnly = await livekit.token({ roomList: true });
    const otherRoom = await livekit.token({ roomAdmin: true, room: "other" });
    for (const [method, token] of [
      ["CreateRoom", listsOnly],
      ["DeleteRoom", listsOnly],
      ["ListParticipants", otherRoom],
      ["SendData", otherRoom],
      ["ListRooms", otherRoom],
    ] as const) {
      const response = await call(method, token, { room, name: room });
      expect([method, response.status]).toEqual([method, 401]);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(await response.json()).toMatchObject({ code: "unauthenticated" });
    }
  });

  it("refuses a call without a token", async () => {
    const response = await call("ListRooms", undefined, {});
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: "unauthenticated" });
  });

  it("refuses with plain text what is no valid token of ours", async () => {
    const grant = { roomList: true };
    const wrongSecret = await signed(livekit.apiKey, "another secret of decent length!!", grant);
    const wrongKey = await signed("another key", livekit.apiSecret, grant);
    for (const authorization of [
      `Bearer ${wrongSecret}`,
      `Bearer ${wrongKey}`,
      `Bearer ${handMade({ alg: "none" }, grant)}`,
      `Bearer ${handMade({ alg: "HS512" }, grant)}`,
      `Bearer ${handMade({ alg: "HS256" }, grant, -120)}`,
      "Bearer nonsense",
      `Basic ${wrongSecret}`,
    ]) {
      const response = await callWith("ListRooms", { authorization }, "{}");
      expect(response.status).toBe(401);
      expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    }
  });

  it("takes a token that expired less than a minute ago", async () => {
    const authorization = `Bearer ${handMade({ alg: "HS256" }, { roomList: true }, -30)}`;
    expect((await callWith("ListRooms", { authorization }, "{}")).status).toBe(200);
  });

  it("takes a token that is good in less than a minute, and none that is good later", async () => {
    const soon = Math.floor(Date.now() / 1000) + 30;
    for (const [nbf, status] of [
      [soon, 200],
      [in10Minutes(), 401],
    ] as const) {
      const token = handMade({ alg: "HS256" }, { roomList: true }, 1200, { nbf });
      const authorization = `Bearer ${token}`;
      expect((await callWith("ListRooms", { authorization }, "{}")).status).toBe(status);
    }
  });

  it("answers wrong paths and broken JSON as Twirp does", async () => {
    const token = await livekit.token({ roomList: true });
    const wrong = await call("NoSuchMethod", token, {});
    expect([wrong.status, await wrong.json()]).toMatchObject([404, { code: "bad_route" }]);
    const broken = await callWith("ListRooms", { authorization: `Bearer ${token}` }, "{");
    expect([broken.status, await broken.json()]).toMatchObject([400, { code: "malformed" }]);
  });

  it("refuses the SDK's clients when their secret is wrong", async () => {
    const secret = "another secret of decent length!!";
    const rooms = new RoomServiceClient(livekit.url, livekit.apiKey, secret);
    const dispatches = new AgentDispatchClient(livekit.url, livekit.apiKey, secret);
    await expect(rooms.listRooms()).rejects.toMatchObject({ status: 401 });
    await expect(dispatches.listDispatch("x")).rejects.toMatchObject({ status: 401 });
  });

  it("answers its health check", async () => {
    const response = await fetch(livekit.httpUrl);
    expect([response.status, await response.text()]).toEqual([200, "OK"]);
  });
});

describe("tokens at the join", () => {
  it("joins the room that the token names, and no other", async () => {
    const [room, other] = [newRoomName(), newRoomName()];
    await livekit.join(other, "somebody");
    const token = await livekit.token({ room, roomJoin: true }, { identity: "visitor" });
    expect(await joinStatus(token, `&room=${other}`)).toBe(101);
    expect((await livekit.rooms.listParticipants(other)).map(({ identity }) => identity)).toEqual([
      "somebody",
    ]);
  });

  it("refuses a join without the grant, an identity, or a fitting name", async () => {
    const room = newRoomName();
    const join = { room, roomJoin: true };
    const refused: [string, string, number][] = [
      ["no grant", await livekit.token({ room }, { identity: "x" }), 401],
      ["no identity", handMade({ alg: "HS256" }, join), 400],
      ["long identity", await livekit.token(join, { identity: "x".repeat(300) }), 400],
      [
        "long room",
        await livekit.token({ ...join, room: "x".repeat(300) }, { identity: "x" }),
        400,
      ],
      [
        "wrong secret",
        await signed(livekit.apiKey, "another secret of decent length!!", join),
        401,
      ],
      ["expired", handMade({ alg: "HS256" }, join, -120, { jti: "x" }), 401],
      [
        "not good yet",
        handMade({ alg: "HS256" }, join, 1200, { jti: "x", nbf: in10Minutes() }),
        401,
      ],
      ["nothing", "", 401],
    ];
    for (const [what, token, status] of refused) {
      expect([what, await joinStatus(token)]).toEqual([what, status]);
      const url = `${livekit.httpUrl}/rtc/validate?access_token=${token}`;
      expect([what, (await fetch(url)).status]).toEqual([what, status]);
    }
    expect(await livekit.rooms.listRooms([room])).toEqual([]);
  });

  it("takes the token's own id for the identity where it names none", async () => {
    const room = newRoomName();
    const token = handMade({ alg: "HS256" }, { room, roomJoin: true }, 600, { jti: "by-id" });
    const client = await livekit.connect(token);
    expect(client.localParticipant?.identity).toBe("by-id");
  });

  it("validates a good token without joining", async () => {
    const room = newRoomName();
    const token = await livekit.token({ room, roomJoin: true }, { identity: "x" });
    const response = await fetch(`${livekit.httpUrl}/rtc/validate?access_token=${token}`);
    expect(response.status).toBe(200);
    expect(await livekit.rooms.listRooms([room])).toEqual([]);
  });

  it.each(["/", "/rtc/validate"])("lets a page read what %s answers", async (path) => {
    const headers = { origin: "http://localhost:5173" };
    const response = await fetch(livekit.httpUrl + path, { headers });
    expect(response.headers.get("access-control-allow-origin")).toMatch(
      /^(\*|http:\/\/localhost:5173)$/,
    );
  });

  it("opens no worker connection to a token without the agent grant", async () => {
    const room = newRoomName();
    const visitor = await livekit.token({ room, roomJoin: true }, { identity: "x" });
    expect(
      await upgradeStatus(`${livekit.url}/agent`, { authorization: `Bearer ${visitor}` }),
    ).toBe(401);
    expect(await upgradeStatus(`${livekit.url}/agent`)).toBe(401);
  });
});

async function call(
  method: string,
  token: string | undefined,
  body: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  return callWith(method, headers, JSON.stringify(body));
}

async function callWith(
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Response> {
  return fetch(`${livekit.httpUrl}/twirp/livekit.RoomService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

async function signed(key: string, secret: string, grant: object): Promise<string> {
  const token = new AccessToken(key, secret, { ttl: 600, identity: "x" });
  token.addGrant(grant);
  return token.toJwt();
}

/** A token that the SDK would not make: another algorithm, no identity, already expired, or not good yet. */
function handMade(
  header: { alg: string },
  video: object,
  secondsLeft = 600,
  more: { jti?: string; nbf?: number } = {},
): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: livekit.apiKey, exp: now + secondsLeft, nbf: now - 600, video, ...more };
  const body = [{ typ: "JWT", ...header }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  if (header.alg === "none") return `${body}.`;
  const hash = header.alg === "HS512" ? "sha512" : "sha256";
  return `${body}.${createHmac(hash, livekit.apiSecret).update(body).digest("base64url")}`;
}

function in10Minutes(): number {
  return Math.floor(Date.now() / 1000) + 600;
}

function joinStatus(token: string, more = ""): Promise<number> {
  return upgradeStatus(`${livekit.url}/rtc?access_token=${token}&protocol=15${more}`);
}
