import { randomUUID } from "node:crypto";
import { parse, getOperationAST } from "graphql";
import { createClient } from "graphql-sse";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ConversationWatchService } from "../../../src/platform/conversations/conversation-watch.service.js";
import { TestApp, type TestAppOptions } from "../../support/app.js";
import { EventStream, type StreamEvent } from "../../support/event-stream.js";
import { connectionOf, deliver } from "../../support/webhook.js";

const ALL = `subscription ($id: UUID!) {
  conversationEvents(id: $id) { kind status turn { id role text mode } latency { total } }
}`;
const SAFE = `subscription ($id: UUID!) {
  conversationEvents(id: $id) { kind status latency { total } }
}`;

let app: TestApp;
let key: string;
let organizationId: string;
let widgetId: string;
const apps: TestApp[] = [];
const streams: EventStream[] = [];

beforeAll(async () => {
  app = await TestApp.start();
  ({ id: organizationId, key } = await app.organization());
  widgetId = (await app.widget(key)).id;
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.leave();
  for (const other of apps.splice(0)) await other.stop({ keepDatabase: true });
});
afterAll(() => app.stop());

/** Another instance on the same database. */
async function another(options: TestAppOptions): Promise<TestApp> {
  const other = await TestApp.start({ ...options, database: app.parley.database });
  apps.push(other);
  return other;
}

interface Talk {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
}

async function start(): Promise<Talk> {
  const answer = await app.begin(widgetId, { user_id: "ada" });
  return { id: answer.body.conversation.id, ...connectionOf(answer.body) };
}

async function say(
  { id }: Talk,
  text: string,
  fields: { id?: string; role?: "user" | "agent"; cutOff?: boolean; latency?: object } = {},
): Promise<void> {
  const turn = {
    conversationId: id,
    role: "agent" as const,
    text,
    mode: "text" as const,
    createdAt: app.clock.now(),
    ...fields,
    id: fields.id ?? randomUUID(),
  };
  const where = { conversationId_id: { conversationId: id, id: turn.id } };
  await app.db.turn.upsert({ where, create: turn, update: turn });
}

async function follow(
  talk: { id: string },
  options: { by?: TestApp; as?: string | undefined; query?: string } = {},
): Promise<EventStream> {
  const credential = "as" in options ? options.as : key;
  const stream = await EventStream.open(options.by ?? app, credential, {
    query: options.query ?? ALL,
    variables: { id: talk.id },
  });
  streams.push(stream);
  return stream;
}

async function refusalOf(stream: EventStream): Promise<{ code: string; message: string }> {
  const { errors } = JSON.parse(await stream.response.text());
  return { code: errors[0].extensions.code, message: errors[0].message };
}

const kinds = (events: StreamEvent["data"][]): string[] => events.map(({ kind }) => kind);

describe("who follows a conversation", () => {
  test("gets what there is, oldest first, and then what happens", async () => {
    const talk = await start();
    await say(talk, "Hello!");
    await say(talk, "Are you open?", { role: "user" });
    const stream = await follow(talk);
    expect(stream.status).toBe(200);
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(stream.response.headers.get("cache-control")).toBe("no-store");
    expect(stream.response.headers.get("x-content-type-options")).toBe("nosniff");
    const turn = (role: string, text: string): object => ({
      kind: "TURN_ADDED",
      turn: { id: expect.any(String), role, text, mode: "TEXT" },
      latency: null,
    });
    expect(await stream.take(3)).toMatchObject([
      { kind: "STATUS_CHANGED", status: "TOKEN_CREATED", turn: null, latency: null },
      turn("AGENT", "Hello!"),
      turn("USER", "Are you open?"),
    ]);
    const { room, identity } = talk;
    await deliver(app, { event: "participant_joined", room, identity });
    expect(await stream.take(1)).toMatchObject([{ kind: "STATUS_CHANGED", status: "IN_PROGRESS" }]);
    await say(talk, "Until six.", { latency: { total: 412 } });
    expect(await stream.take(2)).toMatchObject([
      turn("AGENT", "Until six."),
      { kind: "LATENCY_MEASURED", turn: null, latency: { total: 412 } },
    ]);
    await app.gql(
      "mutation ($id: UUID!) { endConversation(input: { id: $id }) { conversation { id } } }",
      { id: talk.id },
      key,
    );
    expect(await stream.take(1)).toMatchObject([{ kind: "STATUS_CHANGED", status: "COMPLETED" }]);
  });

  test("misses nothing and gets nothing twice, whichever instance wrote it, also when a turn comes late", async () => {
    const talk = await start();
    const other = await another({});
    const [here, there] = [await follow(talk), await follow(talk, { by: other })];
    for (const stream of [here, there]) await stream.take(1);
    const texts = ["one", "two", "three", "four"];
    for (const text of texts) await say(talk, text);
    for (const stream of [here, there]) {
      expect((await stream.take(4)).map(({ turn }) => turn.text)).toEqual(texts);
    }
    const early = new Date(app.clock.now().getTime() - 9 * 60_000);
    const late = { conversationId: talk.id, id: "late", role: "user", mode: "text" } as const;
    await app.db.turn.create({ data: { ...late, text: "last words", createdAt: early } });
    for (const stream of [here, there]) {
      expect((await stream.take(1)).map(({ turn }) => turn.text)).toEqual(["last words"]);
    }
  });

  test("hears of a turn again when it is completed, with the same id", async () => {
    const talk = await start();
    const stream = await follow(talk);
    await say(talk, "Until", { id: "t1", cutOff: true });
    const [, broken] = await stream.take(2);
    await say(talk, "Until six.", { id: "t1", cutOff: false });
    const [whole] = await stream.take(1);
    expect([broken.turn, whole.turn]).toMatchObject([
      { id: "t1", text: "Until" },
      { id: "t1", text: "Until six." },
    ]);
  });

  test("without read_sensitive gets status and latency, and no word that was said", async () => {
    const talk = await start();
    await say(talk, "a secret", { latency: { total: 7 } });
    const reader = await app.key(organizationId, ["conversations:read"]);
    const safe = await follow(talk, { as: reader, query: SAFE });
    expect(await safe.take(2)).toEqual([
      { kind: "STATUS_CHANGED", status: "TOKEN_CREATED", latency: null },
      { kind: "LATENCY_MEASURED", status: "TOKEN_CREATED", latency: { total: 7 } },
    ]);
    const curious = await follow(talk, { as: reader });
    const told = [await curious.next(), await curious.next()];
    for (const one of told) {
      expect(one?.data.data.conversationEvents.turn).toBeNull();
      expect(one?.data.errors[0].extensions.code).toBe("FORBIDDEN");
      expect(one?.data.errors[0].path).toEqual(["conversationEvents", "turn"]);
    }
    expect(JSON.stringify(told)).not.toContain("a secret");
  });

  test("is told nothing of another organization's, as of one that does not exist", async () => {
    const talk = await start();
    const stranger = (await app.organization()).key;
    const [strange, unknown] = [
      await follow(talk, { as: stranger }),
      await follow({ id: randomUUID() }, { as: stranger }),
    ];
    const answers = await Promise.all([strange, unknown].map((stream) => stream.next()));
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.data.errors[0].extensions.code).toBe("NOT_FOUND");
    expect((await strange.next())?.event).toBe("complete");
    expect(await strange.next()).toBeUndefined();
  });

  test("is told that it is complete when the conversation is erased", async () => {
    const talk = await start();
    const stream = await follow(talk);
    await stream.take(1);
    await app.db.conversation.delete({ where: { id: talk.id } });
    expect((await stream.next())?.event).toBe("complete");
    expect(await stream.next()).toBeUndefined();
  });

  test("may use graphql-sse's own client", async () => {
    const talk = await start();
    const client = createClient({
      url: `${app.url}/graphql/stream`,
      headers: { authorization: `Bearer ${key}` },
    });
    for await (const { data } of client.iterate({ query: SAFE, variables: { id: talk.id } })) {
      expect(data).toEqual({
        conversationEvents: { kind: "STATUS_CHANGED", status: "TOKEN_CREATED", latency: null },
      });
      break;
    }
    client.dispose();
    await vi.waitFor(() => expect(app.parley.streams.count).toBe(0), 10_000);
  });

  test("needs a scope of conversations", async () => {
    const talk = await start();
    const stream = await follow(talk, { as: await app.key(organizationId, ["agents:read"]) });
    expect((await stream.next())?.data.errors[0].extensions.code).toBe("FORBIDDEN");
    expect((await stream.next())?.event).toBe("complete");
  });
});

describe("a credential that is not good any more", () => {
  const hurry = { streams: { askedAgainMs: 100 } };

  test("ends its streams, and the last event says why", async () => {
    const talk = await start();
    const by = await another(hurry);
    const own = await app.key(organizationId, [
      "conversations:read",
      "conversations:read_sensitive",
    ]);
    const stream = await follow(talk, { by, as: own });
    await stream.take(1);
    const id = own.slice("ak_".length).split(".")[0] ?? "";
    await app.db.apiKey.update({ where: { id }, data: { revokedAt: app.clock.now() } });
    const last = await stream.next();
    expect(last?.data.data).toEqual({ conversationEvents: null });
    expect(last?.data.errors[0].extensions.code).toBe("UNAUTHENTICATED");
    expect((await stream.next())?.event).toBe("complete");
    expect(await stream.next()).toBeUndefined();
    await vi.waitFor(() => expect(by.parley.streams.count).toBe(0), 10_000);
  });

  test("is not one that could not be asked for: its streams go on", async () => {
    const talk = await start();
    const by = await another(hurry);
    const stream = await follow(talk, { by });
    await stream.take(1);
    const asked = vi.spyOn(by.parley.credentials, "authenticate");
    asked.mockRejectedValueOnce(new Error("the database is away"));
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(1), 10_000);
    asked.mockRestore();
    await say(talk, "still there?");
    expect(kinds(await stream.take(1))).toEqual(["TURN_ADDED"]);
  });

  test("that may not read what is sensitive any more gets no more turns, and goes on", async () => {
    const talk = await start();
    const by = await another(hurry);
    const own = await app.key(organizationId, [
      "conversations:read",
      "conversations:read_sensitive",
    ]);
    const stream = await follow(talk, { by, as: own, query: SAFE });
    await stream.take(1);
    await say(talk, "heard");
    expect(kinds(await stream.take(1))).toEqual(["TURN_ADDED"]);
    const id = own.slice("ak_".length).split(".")[0] ?? "";
    await app.db.apiKey.update({ where: { id }, data: { scopes: ["conversations:read"] } });
    // Until it was asked again, turns still come; each has a latency, which always comes.
    await vi.waitFor(async () => {
      await say(talk, "and this?", { latency: { total: 1 } });
      expect(kinds(await stream.take(1))).toEqual(["LATENCY_MEASURED"]);
    }, 30_000);
  });
});

describe("the door", () => {
  test("answers subscriptions alone, and those alone by POST with a credential", async () => {
    const talk = await start();
    const by = (query: string, as: string | undefined = key): Promise<EventStream> =>
      follow(talk, { query, as });
    const query = await by("{ me { tokenId } }");
    expect(query.status).toBe(400);
    expect((await refusalOf(query)).message).toBe(
      "One subscription is answered here, and nothing else.",
    );
    expect((await by("mutation { deleteWidget { deletedWidgetId } }")).status).toBe(400);
    expect((await by("subscription { nothing }")).status).toBe(400);
    expect((await by("subscription {")).status).toBe(400);
    expect((await follow({ id: "no uuid" })).status).toBe(400);
    const nobody = await follow(talk, { as: undefined });
    expect(nobody.status).toBe(401);
    expect((await refusalOf(nobody)).code).toBe("UNAUTHENTICATED");
    expect((await follow(talk, { as: "ak_nosuchkey.secret" })).status).toBe(401);
    const get = await app.get(`/graphql/stream?query=${encodeURIComponent(SAFE)}`, key);
    expect(get.status).toBe(405);
    expect(get.headers.get("allow")).toBe("POST, OPTIONS");
    const plain = await EventStream.open(
      app,
      key,
      { query: ALL },
      { "content-type": "text/plain" },
    );
    expect(plain.status).toBe(415);
    const json = await EventStream.open(app, key, { query: ALL }, { accept: "application/json" });
    expect(json.status).toBe(400);
    const origin = { origin: "https://elsewhere.example" };
    const elsewhere = await EventStream.open(app, key, { query: "{ me { tokenId } }" }, origin);
    expect(elsewhere.response.headers.has("access-control-allow-origin")).toBe(false);
    expect(app.parley.streams.count).toBe(0);
  });

  test("for everything else says where subscriptions are answered", async () => {
    const answer = await app.gql(ALL, { id: randomUUID() }, key);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0]).toMatchObject({
      message: "Subscriptions are answered by POST /graphql/stream, as events.",
      extensions: { code: "BAD_REQUEST" },
    });
  });

  test("counts a subscription as at least a list of the root", () => {
    const { operations } = app.parley;
    const document = parse(`subscription { conversationEvents(id: "${randomUUID()}") { kind } }`);
    const operation = getOperationAST(document);
    if (!operation) throw new Error("no operation");
    expect(operations.of(document, operation).size({}).cost).toBeGreaterThanOrEqual(50);
  });

  test("lets a credential have so many streams, and all together so many", async () => {
    const by = await another({ streams: { limits: { perCredential: 2, inAll: 3 } } });
    const talk = await start();
    const [first] = [await follow(talk, { by }), await follow(talk, { by })];
    const third = await follow(talk, { by });
    expect(third.status).toBe(429);
    expect(third.response.headers.get("retry-after")).toBe("5");
    expect((await refusalOf(third)).code).toBe("RATE_LIMITED");
    const neighbour = await app.key(organizationId, ["conversations:read"]);
    expect((await follow(talk, { by, as: neighbour })).status).toBe(200);
    const full = await follow(talk, { by, as: neighbour });
    expect(full.status).toBe(503);
    expect(full.response.headers.get("retry-after")).toBe("5");
    first?.leave();
    await vi.waitFor(() => expect(by.parley.streams.count).toBe(2), 10_000);
    expect((await follow(talk, { by })).status).toBe(200);
  });

  test("keeps nobody else's request out while it streams", async () => {
    const by = await another({ load: { anybody: 1, verified: 1 } });
    const talk = await start();
    const [one, two] = [await follow(talk, { by }), await follow(talk, { by })];
    expect([one.status, two.status]).toEqual([200, 200]);
    expect((await by.get(`/core/conversations/${talk.id}`, key)).status).toBe(200);
  });

  test("when it closes ends each stream without a word that it is complete, and opens none", async () => {
    const by = await another({});
    const talk = await start();
    const stream = await follow(talk, { by });
    await stream.take(1);
    by.parley.streams.close();
    expect(await stream.next()).toBeUndefined();
    expect((await follow(talk, { by })).status).toBe(503);
  });
});

test("whoever begins to follow long talks at the same moment hears all of them", async () => {
  const talks = [await start(), await start(), await start(), await start(), await start()];
  const ids = talks.map(({ id }) => id);
  await app.db.$executeRaw`
    INSERT INTO turns (conversation_id, id, role, text, mode, created_at)
    SELECT id, number::text, 'agent', 'word', 'text', now()
    FROM conversations CROSS JOIN generate_series(1, 8300) AS number
    WHERE id::text = ANY(${ids})`;
  const watch = new ConversationWatchService(app.db, pino({ level: "silent" }));
  const heardOf = (id: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const stop = watch.follow(id, {
        hear: ({ turns }) => {
          stop();
          resolve(turns.length);
        },
        gone: () => reject(new Error("gone")),
      });
    });
  // While it looks at the first, the others come: the next look is at all of them.
  const first = heardOf((await start()).id);
  expect(await Promise.all([first, ...ids.map(heardOf)])).toEqual([0, ...ids.map(() => 8_300)]);
}, 120_000);

test("while nobody follows a conversation, none is looked at", async () => {
  const talk = await start();
  const looks = vi.spyOn(app.db, "$queryRaw");
  const stream = await follow(talk);
  await stream.take(1);
  expect(looks).toHaveBeenCalled();
  stream.leave();
  await vi.waitFor(() => expect(app.parley.streams.count).toBe(0), 10_000);
  const before = looks.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(looks.mock.calls.length).toBe(before);
  looks.mockRestore();
});
