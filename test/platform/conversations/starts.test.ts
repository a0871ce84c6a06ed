import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { TestApp, type TestAppOptions } from "../../support/app.js";
import { EventStream } from "../../support/event-stream.js";

const STARTED = `subscription ($webWidgetId: UUID) {
  conversationStarted(webWidgetId: $webWidgetId) { id webWidgetId createdAt }
}`;

let app: TestApp;
let key: string;
let organizationId: string;
let widgetId: string;
const apps: TestApp[] = [];
const streams: EventStream[] = [];

beforeAll(async () => {
  app = await TestApp.start();
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.leave();
  for (const other of apps.splice(0)) await other.stop({ keepDatabase: true });
});
afterAll(() => app.stop());

/** Each test has an organization of its own: what another test began is told for half a minute. */
async function organization(): Promise<void> {
  ({ id: organizationId, key } = await app.organization());
  widgetId = (await app.widget(key)).id;
}

/** Another instance on the same database. */
async function another(options: TestAppOptions): Promise<TestApp> {
  const other = await TestApp.start({ ...options, database: app.parley.database });
  apps.push(other);
  return other;
}

async function start(by = app, widget = widgetId): Promise<string> {
  return (await by.begin(widget, { user_id: "ada" })).body.conversation.id;
}

async function follow(
  options: { by?: TestApp; as?: string; webWidgetId?: string } = {},
): Promise<EventStream> {
  const { by = app, as = key, ...variables } = options;
  const stream = await EventStream.open(by, as, { query: STARTED, variables });
  streams.push(stream);
  return stream;
}

describe("who follows an organization's conversations", () => {
  test("is told of each that begins, whichever instance it began on, once", async () => {
    await organization();
    const there = await another({});
    const [one, two] = [await follow(), await follow({ by: there })];
    const ids = [await start(), await start(there), await start()];
    for (const stream of [one, two]) {
      const told = await stream.take(3);
      expect(told.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(told.map(({ webWidgetId }) => webWidgetId)).toEqual([widgetId, widgetId, widgetId]);
    }
    const last = await start();
    expect((await one.take(1)).map(({ id }) => id)).toEqual([last]);
  });

  test("is told first of those of the last half minute, so that a list read before lacks none", async () => {
    await organization();
    const [old, recent] = [await start(), await start()];
    const before = new Date(app.clock.now().getTime() - 31_000);
    await app.db.conversation.update({ where: { id: old }, data: { createdAt: before } });
    const stream = await follow();
    expect((await stream.take(1)).map(({ id }) => id)).toEqual([recent]);
    const next = await start();
    expect((await stream.take(1)).map(({ id }) => id)).toEqual([next]);
  });

  test("is told of one that is stored later than another that is dated after it", async () => {
    await organization();
    const stream = await follow();
    const id = await start();
    expect((await stream.take(1)).map((told) => told.id)).toEqual([id]);
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id } });
    const { organizationId: owner, userId, agentId, agentVersionId, webWidgetId } = row;
    const { direction, channel, status, bound } = row;
    const createdAt = new Date(row.createdAt.getTime() - 20_000);
    const late = await app.db.conversation.create({
      data: {
        id: randomUUID(),
        organizationId: owner,
        userId,
        agentId,
        agentVersionId,
        webWidgetId,
        direction,
        channel,
        status,
        bound,
        currentRoom: randomUUID(),
        customMetadata: {},
        createdAt,
        updatedAt: createdAt,
      },
    });
    const [told] = await stream.take(1);
    expect(told).toEqual({ id: late.id, webWidgetId, createdAt: createdAt.toISOString() });
  });

  test("may ask for one widget's alone", async () => {
    await organization();
    const other = (await app.widget(key)).id;
    const stream = await follow({ webWidgetId: other });
    await start();
    const mine = await start(app, other);
    expect((await stream.take(1)).map(({ id }) => id)).toEqual([mine]);
  });

  test("is told of no other organization's", async () => {
    await organization();
    const foreign = widgetId;
    await start();
    await organization();
    const [all, strange] = [await follow(), await follow({ webWidgetId: foreign })];
    await start(app, foreign);
    const mine = await start();
    expect((await all.take(1)).map(({ id }) => id)).toEqual([mine]);
    strange.leave();
  });

  test("needs a scope of conversations", async () => {
    await organization();
    const stream = await follow({ as: await app.key(organizationId, ["agents:read"]) });
    expect((await stream.next())?.data.errors[0].extensions.code).toBe("FORBIDDEN");
    expect((await stream.next())?.event).toBe("complete");
  });
});

test("a credential that is not good any more ends the stream, and the last event says why", async () => {
  await organization();
  const by = await another({ streams: { askedAgainMs: 100 } });
  const own = await app.key(organizationId, ["conversations:read"]);
  const stream = await follow({ by, as: own });
  const id = own.slice("ak_".length).split(".")[0] ?? "";
  await app.db.apiKey.update({ where: { id }, data: { revokedAt: app.clock.now() } });
  const last = await stream.next();
  expect(last?.data.data).toEqual({ conversationStarted: null });
  expect(last?.data.errors[0].extensions.code).toBe("UNAUTHENTICATED");
  expect((await stream.next())?.event).toBe("complete");
  await vi.waitFor(() => expect(by.parley.streams.count).toBe(0), 10_000);
});

test("while nobody follows, no start is looked for", async () => {
  await organization();
  const begun = await start();
  const looks = vi.spyOn(app.db, "$queryRaw");
  const stream = await follow();
  expect((await stream.take(1)).map(({ id }) => id)).toEqual([begun]);
  stream.leave();
  await vi.waitFor(() => expect(app.parley.streams.count).toBe(0), 10_000);
  const before = looks.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(looks.mock.calls.length).toBe(before);
  looks.mockRestore();
});
