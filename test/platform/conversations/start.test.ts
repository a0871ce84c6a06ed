import { randomUUID } from "node:crypto";
import { get } from "node:http";
import { TokenVerifier } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LiveKitRooms } from "../../../src/platform/livekit/rooms.js";
import { createLog } from "../../../src/process/log.js";
import { LIVEKIT, TestApp, type Answer } from "../../support/app.js";
import { beginByGraphQL, codeOf, publicPath } from "../../support/visitor.js";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  widget = await app.widget(organization.key);
});
afterAll(() => app.stop());

/** A room token as LiveKit itself would check it. */
function verify(token: string) {
  return new TokenVerifier(LIVEKIT.apiKey, LIVEKIT.apiSecret).verify(token);
}

async function startedToken(widgetId: string, body: object = { user_id: "ada" }) {
  const answer = await app.begin(widgetId, body);
  expect(answer.status).toBe(200);
  return {
    room: answer.body.connection_details.room as string,
    text: answer.body.connection_details.token as string,
    claims: await verify(answer.body.connection_details.token),
  };
}

/** The status of a conditional read, as a browser's cache sends it: Node's fetch asks for a full answer. */
function revalidate(widgetId: string, etag: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { "if-none-match": etag };
    get(app.url + publicPath(widgetId), { headers }, (res) => {
      res.resume();
      resolve(res.statusCode);
    }).on("error", reject);
  });
}

describe("the answer of a start", () => {
  test("has exactly the documented shape", async () => {
    const before = app.clock.now().getTime();
    const answer = await app.begin(widget.id, { user_id: "ada", custom_metadata: { plan: "pro" } });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).toSorted()).toEqual([
      "capabilities",
      "connection_details",
      "conversation",
      "visitor_token",
    ]);
    expect(answer.body.conversation).toEqual({
      id: expect.stringMatching(UUID),
      organization_id: organization.id,
      direction: "inbound",
      channel: "webrtc",
      status: "token_created",
      user_id: "ada",
      agent_id: widget.agent_id,
      agent_version_id: widget.agent_version_id,
      web_widget_id: widget.id,
      duration: null,
      user_turn_count: 0,
      user_verified: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: answer.body.conversation.created_at,
      agent: { id: widget.agent_id, name: "Ada" },
    });
    const created = new Date(answer.body.conversation.created_at).getTime();
    expect(created).toBeGreaterThanOrEqual(before);
    expect(created).toBeLessThanOrEqual(app.clock.now().getTime());
    expect(answer.body.connection_details).toEqual({
      url: LIVEKIT.url,
      token: expect.any(String),
      room: expect.any(String),
    });
    expect(answer.body.capabilities).toEqual({
      supportsVideoInput: false,
      supportsScreenShare: false,
      supportsVoice: true,
      agentAvailable: true,
    });
    expect(answer.body.visitor_token).toEqual(expect.any(String));
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("is the same by GraphQL, in its spelling", async () => {
    const answer = await beginByGraphQL(app, widget.id, {
      userId: "ada",
      customMetadata: { a: 1 },
    });
    expect(answer.body.errors).toBeUndefined();
    const { conversation, connectionDetails, capabilities, visitorToken } =
      answer.body.data.startConversation;
    expect(conversation).toMatchObject({ status: "TOKEN_CREATED", userId: "ada" });
    expect((await verify(connectionDetails.token)).video?.room).toBe(connectionDetails.room);
    expect(capabilities).toEqual({
      supportsVideoInput: false,
      supportsScreenShare: false,
      supportsVoice: true,
      agentAvailable: true,
    });
    expect(visitorToken).toEqual(expect.any(String));
    const read = await app.get(`/core/conversations/${conversation.id}`, organization.key);
    expect(read.body.custom_metadata).toEqual({ a: 1 });
  });

  test.each([
    [false, { LLM_MODEL: "m", LLM_BASE_URL: "http://127.0.0.1:1/v1" }],
    [
      true,
      {
        LLM_MODEL: "m",
        LLM_BASE_URL: "http://127.0.0.1:1/v1",
        STT_MODEL: "ears",
        TTS_MODEL: "mouth",
      },
    ],
  ])(
    "says whether the operator's models hear and speak, as the panel's page does: %s",
    async (supportsVoice, config) => {
      const other = await TestApp.start({ config });
      const { key } = await other.organization();
      const { id } = await other.widget(key);
      const answer = await other.begin(id, { user_id: "ada" });
      expect(answer.body.capabilities).toMatchObject({ supportsVoice });
      const page = await other.get(`/public/embed/${id}/panel`);
      expect(page.text).toContain(`data-voice="${supportsVoice ? "on" : "off"}"`);
      await other.stop();
    },
  );

  test("ignores an organization's credentials, good or bad", async () => {
    for (const authorization of [`Bearer ${organization.key}`, "Bearer ak_none.nonenone", "x"]) {
      const answer = await app.begin(widget.id, { user_id: "ada" }, { authorization });
      expect(answer.status).toBe(200);
    }
  });

  test("gives every start a conversation of its own, for the same visitor too", async () => {
    const first = await app.begin(widget.id, { user_id: "same" });
    const second = await app.begin(widget.id, { user_id: "same" });
    expect(second.body.conversation.id).not.toBe(first.body.conversation.id);
  });
});

describe("user_id", () => {
  test.each([
    ["one character", "a"],
    ["255 characters", "x".repeat(255)],
    ["255 characters outside the basic plane", "😀".repeat(255)],
    ["spaces and accents", "Ada Löveläce 1"],
    ["an anonymous guest", `guest_${randomUUID()}`],
  ])("may be %s", async (_name, userId) => {
    const answer = await app.begin(widget.id, { user_id: userId });
    expect(answer.status).toBe(200);
    expect(answer.body.conversation.user_id).toBe(userId);
  });

  test.each([
    ["empty", ""],
    ["longer than 255 characters", "x".repeat(256)],
    ["with a control character", "a\u0007b"],
    ["with a line break", "a\nb"],
    ["with a C1 control character", "a\u0085b"],
    ["with NUL", "a\0b"],
    ["with a lone surrogate", "a\ud800b"],
    ["null", null],
    ["a number", 5],
    ["a list", ["a"]],
  ])("is refused by 422 when it is %s, by both doors", async (_name, userId) => {
    const answer = await app.begin(widget.id, { user_id: userId });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ path: "user_id", message: expect.any(String) }]);
    const twin = await beginByGraphQL(app, widget.id, { userId });
    expect(codeOf(twin)).toBe("BAD_USER_INPUT");
    expect(twin.body.errors[0].extensions.errors[0].path).toBe("userId");
  });

  test("is required", async () => {
    const answer = await app.begin(widget.id, {});
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe("user_id");
  });

  test("refused: nothing is written", async () => {
    const where = { webWidgetId: widget.id };
    const before = await app.db.conversation.count({ where });
    await app.begin(widget.id, { user_id: "" });
    await app.begin(widget.id, { user_id: "a", custom_metadata: { big: "x".repeat(17_000) } });
    expect(await app.db.conversation.count({ where })).toBe(before);
  });
});

describe("custom_metadata", () => {
  async function stored(customMetadata: unknown): Promise<unknown> {
    const answer = await app.begin(widget.id, { user_id: "m", custom_metadata: customMetadata });
    expect(answer.status).toBe(200);
    const { id } = answer.body.conversation;
    return (await app.get(`/core/conversations/${id}`, organization.key)).body.custom_metadata;
  }

  test("is stored as it was sent", async () => {
    const metadata = { plan: "pro", nested: { list: [1, "two", null, { three: true }] }, "": 0 };
    expect(await stored(metadata)).toEqual(metadata);
  });

  test("absent or null is an empty object", async () => {
    expect(await stored(undefined)).toEqual({});
    expect(await stored(null)).toEqual({});
  });

  test("loses the reserved key feedback_form, so that a start cannot forge feedback", async () => {
    expect(await stored({ plan: "pro", feedback_form: { rating: 5 } })).toEqual({ plan: "pro" });
  });

  test("may have 16 KB of JSON and not a byte more", async () => {
    const most = { text: "x".repeat(16 * 1024 - '{"text":""}'.length) };
    expect(await stored(most)).toEqual(most);
    const more = { text: `${most.text}x` };
    const answer = await app.begin(widget.id, { user_id: "m", custom_metadata: more });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe("custom_metadata");
    const twin = await beginByGraphQL(app, widget.id, { userId: "m", customMetadata: more });
    expect(codeOf(twin)).toBe("BAD_USER_INPUT");
  });

  test("counts bytes, not characters", async () => {
    const answer = await app.begin(widget.id, {
      user_id: "m",
      custom_metadata: { text: "é".repeat(9_000) },
    });
    expect(answer.status).toBe(422);
  });

  test.each([
    ["a list", "[1]"],
    ["a string", '"x"'],
    ["a number", "5"],
    ["a key __proto__", '{"__proto__":{"admin":true}}'],
    ["a nested key __proto__", '{"a":[{"__proto__":1}]}'],
    ["NUL in a value", '{"a":"\\u0000"}'],
    ["a lone surrogate in a key", '{"\\ud800":1}'],
  ])("is refused by 422 when it is or has %s", async (_name, json) => {
    const body = `{"user_id":"m","custom_metadata":${json}}`;
    const answer = await app.call("POST", `${publicPath(widget.id)}/conversations`, { body });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toMatch(/^custom_metadata/);
  });
});

describe("the room token", () => {
  test("is for one unguessable room and one random identity, never the user_id", async () => {
    const seen = new Set<string>();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      // No hexadecimal word: an identity may hold that by chance.
      const { room, claims } = await startedToken(widget.id, { user_id: "zoe" });
      expect(claims.video?.room).toBe(room);
      expect(room).toMatch(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      expect(claims.sub).toMatch(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      expect(claims.sub).not.toContain("zoe");
      seen.add(room).add(String(claims.sub));
    }
    expect(seen.size).toBe(10);
  });

  test("may join for 15 minutes", async () => {
    const { claims } = await startedToken(widget.id);
    const now = Math.floor(Date.now() / 1000);
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(15 * 60);
    expect(Math.abs(Number(claims.exp) - now - 15 * 60)).toBeLessThan(10);
  });

  test("grants subscribing, data and the microphone, and nothing else", async () => {
    const { claims } = await startedToken(widget.id);
    const { room: _room, ...grants } = claims.video ?? {};
    expect(grants).toEqual({
      roomJoin: true,
      canSubscribe: true,
      canPublish: true,
      canPublishData: true,
      canPublishSources: ["microphone"],
      canUpdateOwnMetadata: false,
    });
    expect(claims.metadata).toBeUndefined();
    expect(claims.attributes).toBeUndefined();
    expect(claims.name).toBeUndefined();
    expect(claims.sip).toBeUndefined();
  });

  test.each([
    [{ video_input: true }, ["microphone", "camera"], true, false],
    [{ screen_share: true }, ["microphone", "screen_share", "screen_share_audio"], false, true],
    [
      { video_input: true, screen_share: true },
      ["microphone", "camera", "screen_share", "screen_share_audio"],
      true,
      true,
    ],
    [{ video_input: false, screen_share: false }, ["microphone"], false, false],
  ])("follows the version's vision %j", async (vision, sources, video, screen) => {
    const seeing = await app.widget(organization.key, {}, { config: { vision } });
    const answer = await app.begin(seeing.id, { user_id: "ada" });
    const claims = await verify(answer.body.connection_details.token);
    expect(claims.video?.canPublishSources).toEqual(sources);
    expect(answer.body.capabilities).toMatchObject({
      supportsVideoInput: video,
      supportsScreenShare: screen,
    });
  });

  test("dispatches the agent by name, with metadata that holds ids only", async () => {
    const answer = await app.begin(widget.id, {
      user_id: "ada@example.com",
      custom_metadata: { plan: "pro" },
    });
    const claims = await verify(answer.body.connection_details.token);
    expect(claims.roomConfig?.agents).toHaveLength(1);
    const [agent] = claims.roomConfig?.agents ?? [];
    expect(agent?.agentName).toBe(app.parley.config.agentName);
    expect(JSON.parse(agent?.metadata ?? "")).toEqual({
      conversation_id: answer.body.conversation.id,
      widget_id: widget.id,
      agent_version_id: widget.agent_version_id,
    });
    expect(claims.roomConfig?.metadata ?? "").toBe("");
  });

  test("holds nothing that the browser sent", async () => {
    const marks = [
      "mark-user",
      "mark-key",
      "mark-value",
      "mark-room",
      "mark-identity",
      "mark-head",
    ];
    const answer = await app.begin(
      widget.id,
      {
        user_id: "mark-user",
        custom_metadata: { "mark-key": "mark-value" },
        room: "mark-room",
        identity: "mark-identity",
        connection_details: { room: "mark-room" },
      },
      { "user-agent": "mark-head", "x-request-id": "mark-head" },
    );
    expect(answer.status).toBe(200);
    const [, payload = ""] = String(answer.body.connection_details.token).split(".");
    const text = Buffer.from(payload, "base64url").toString("utf8");
    for (const mark of marks) expect(text).not.toContain(mark);
  });

  test("names the agent that the environment names", async () => {
    const other = await TestApp.start({
      config: { AGENT_NAME: "other-agent" },
      database: app.parley.database,
    });
    const answer = await other.begin(widget.id, { user_id: "ada" });
    const claims = await verify(answer.body.connection_details.token);
    expect(claims.roomConfig?.agents[0]?.agentName).toBe("other-agent");
    await other.stop({ keepDatabase: true });
  });
});

describe("who may start", () => {
  test("an unknown, an unpublished, a deleted and a malformed widget answer alike: 404", async () => {
    const unpublished = await app.widget(organization.key, { published: false });
    const deleted = await app.widget(organization.key);
    await app.delete(`/core/web-widgets/${deleted.id}`, organization.key);
    const bodies = new Set<string>();
    for (const id of [randomUUID(), unpublished.id, deleted.id, "not-a-uuid"]) {
      const start = await app.begin(id, { user_id: "ada" });
      const read = await app.get(publicPath(id));
      const list = await app.get(`${publicPath(id)}/conversations`);
      const ticket = await app.post(`${publicPath(id)}/embed-ticket`, {});
      for (const answer of [start, read, list, ticket]) {
        expect(answer.status).toBe(404);
        bodies.add(answer.text);
      }
    }
    expect([...bodies]).toEqual(['{"detail":"Widget not found."}']);
    for (const id of [randomUUID(), unpublished.id, deleted.id]) {
      expect(codeOf(await beginByGraphQL(app, id, { userId: "ada" }))).toBe("NOT_FOUND");
    }
  });

  test("with an unpublished version a start answers 409 saying so, and writes nothing", async () => {
    const draft = await app.widget(organization.key, {}, { published: false });
    const answer = await app.begin(draft.id, { user_id: "ada" });
    expect(answer.status).toBe(409);
    expect(answer.body.detail).toMatch(/version is not published/);
    expect(codeOf(await beginByGraphQL(app, draft.id, { userId: "ada" }))).toBe("CONFLICT");
    expect(await app.db.conversation.count({ where: { webWidgetId: draft.id } })).toBe(0);
    expect((await app.get(publicPath(draft.id))).status).toBe(200);
  });
});

describe("the public widget", () => {
  test("is the same object as management reads", async () => {
    const dressed = await app.widget(organization.key, {
      domains: ["https://shop.example"],
      config: { v1: { theme: "dark", unknown: { kept: [1] } } },
    });
    const own = await app.get(`/core/web-widgets/${dressed.id}`, organization.key);
    const seen = await app.get(publicPath(dressed.id));
    expect(seen.body).toEqual(own.body);
    expect(seen.body.config.v1.unknown).toEqual({ kept: [1] });
  });

  test("has an ETag that gives 304 until it changes", async () => {
    const first = await app.get(publicPath(widget.id));
    const etag = first.headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    expect(await revalidate(widget.id, etag)).toBe(304);
    await app.put(
      `/core/web-widgets/${widget.id}`,
      { config: { v1: { theme: "light" } } },
      organization.key,
    );
    expect(await revalidate(widget.id, etag)).toBe(200);
    expect((await app.get(publicPath(widget.id))).body.config.v1.theme).toBe("light");
  });

  test("opens nothing behind it, to no key: its own, another organization's or none", async () => {
    await app.begin(widget.id, { user_id: "private-visitor" });
    const stranger = await app.organization();
    for (const field of [
      "security { strict }",
      "readiness { live }",
      "agent { id }",
      "agentVersion { config }",
      "conversations { nodes { id userId customMetadata } }",
    ]) {
      const query = `query ($id: UUID!) { publicWidget(id: $id) { id ${field} } }`;
      for (const key of [undefined, stranger.key, organization.key]) {
        const answer = await app.gql(query, { id: widget.id }, key);
        expect(answer.body.errors, field).not.toHaveLength(0);
        expect(answer.body.data?.publicWidget?.[field.split(" ")[0] ?? ""] ?? null).toBeNull();
        expect(answer.text, field).not.toContain("private-visitor");
      }
    }
  });
});

test("a start and a resume work while LiveKit is unreachable, without waiting for it", async () => {
  // A real client of a port that nobody listens on.
  const rooms = new LiveKitRooms({ ...LIVEKIT, url: "ws://127.0.0.1:9" }, createLog("silent"));
  const answer = await app.begin(widget.id, { user_id: "ada" });
  app.rooms.deleteInBackground = (names) => rooms.deleteInBackground(names);
  const resumed = await app.begin(widget.id, {
    user_id: "ada",
    conversation_id: answer.body.conversation.id,
  });
  expect(resumed.status).toBe(200);
  await rooms.close();
  expect(await rooms.list(["x"])).toBeUndefined();
});
