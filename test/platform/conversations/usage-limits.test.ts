import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp, type Answer, type TestAppOptions } from "../../support/app.js";
import { beginByGraphQL } from "../../support/visitor.js";
import { connectionOf, deliver } from "../../support/webhook.js";
import { recordStatements } from "../../support/statements.js";
import { onPostgres } from "../../support/database.js";
import { asWorker, claim, sendTurns, turn } from "../dispatch/support.js";

let app: TestApp;
let key: string;

beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
  // Just after midnight in UTC: no day ends by itself while these tests run.
  app.clock.forward(secondsToMidnight() + 60);
});
afterAll(() => app.stop());

function secondsToMidnight(): number {
  return 86_400 - ((app.clock.now().getTime() / 1000) % 86_400);
}

/** The clock runs on while a test does. */
function expectNear(seconds: number, expected: number): void {
  expect(seconds).toBeLessThanOrEqual(expected);
  expect(seconds).toBeGreaterThan(expected - 60);
}

/** A live widget with limits. */
async function limited(limits: object, owner = key): Promise<string> {
  const { id } = await app.widget(owner);
  await limit(id, limits, owner);
  return id;
}

async function limit(widgetId: string, limits: object, owner = key): Promise<void> {
  const path = `/core/web-widgets/${widgetId}/security`;
  const { status, text } = await app.put(path, { limits }, owner);
  expect(status, text).toBe(200);
}

let visitors = 0;
function begin(widgetId: string, fields: object = {}, headers = {}): Promise<Answer> {
  visitors += 1;
  return app.begin(widgetId, { user_id: `visitor-${visitors}`, ...fields }, headers);
}

interface Talk {
  readonly conversationId: string;
  readonly room: string;
  readonly identity: string;
  /** Of its agent's job. */
  readonly token: string;
  readonly started: Answer["body"];
}

/** A talk that its visitor and an agent have come to. */
async function talk(widgetId: string, fields: object = {}, headers = {}): Promise<Talk> {
  const { status, text, body: started } = await begin(widgetId, fields, headers);
  expect(status, text).toBe(200);
  const { room, identity } = connectionOf(started);
  await deliver(app, { event: "participant_joined", room, identity });
  const claimed = await claim(app, room);
  expect(claimed.status, claimed.text).toBe(200);
  const { token } = claimed.body;
  return { conversationId: started.conversation.id, room, identity, token, started };
}

/** Its visitor leaves after so long, and its room is over. */
async function leave({ room, identity }: Talk, afterSeconds = 0): Promise<void> {
  app.clock.forward(afterSeconds);
  await deliver(app, { event: "participant_left", room, identity });
  await deliver(app, { event: "room_finished", room });
}

function jobOf({ token }: Talk): Promise<Answer> {
  return asWorker(app, "GET", "job", { bearer: token });
}

/** The agent reports an answer that has cost so many tokens. */
function answer({ token }: Talk, tokens: number): Promise<Answer> {
  const usage = { input_tokens: tokens - 1, output_tokens: 1 };
  return sendTurns(app, token, [turn({ role: "agent", usage })]);
}

function expectRefused(refused: Answer, code: string): number {
  expect(refused.status, refused.text).toBe(429);
  expect(refused.body).toEqual({ detail: expect.stringMatching(/^[A-Z].*\.$/), code });
  return Number(refused.headers.get("retry-after"));
}

describe("talks at the same time", () => {
  test("are as many as the widget says; whose room is over makes room for another", async () => {
    const id = await limited({ concurrent_talks: 2 });
    const [first] = [await talk(id), await talk(id)];
    expect(expectRefused(await begin(id), "too_many_talks")).toBe(60);
    await leave(first);
    expect((await begin(id)).status).toBe(200);
  });

  test("are refused by GraphQL in the same words", async () => {
    const id = await limited({ concurrent_talks: 1 });
    await talk(id);
    const { body } = await beginByGraphQL(app, id, { userId: "ada" });
    expect(body.data.startConversation).toBeNull();
    expect(body.errors[0].message).toBe((await begin(id)).body.detail);
    expect(body.errors[0].extensions).toMatchObject({
      code: "RATE_LIMITED",
      reason: "TOO_MANY_TALKS",
    });
  });

  test("are counted before anybody has joined, until nobody does for a minute", async () => {
    const id = await limited({ concurrent_talks: 1 });
    await begin(id);
    expect((await begin(id)).status).toBe(429);
    app.clock.forward(61);
    expect((await begin(id)).status).toBe(200);
  });

  test("do not grow by a resume, nor by the same start again", async () => {
    const id = await limited({ concurrent_talks: 1 });
    const headers = { "idempotency-key": "a-key-that-is-long-enough-to-be-one" };
    const first = await begin(id, { user_id: "ada" }, headers);
    const again = await begin(id, { user_id: "ada" }, headers);
    expect(again.status, again.text).toBe(200);
    expect(again.body.conversation.id).toBe(first.body.conversation.id);
    const { id: conversation } = first.body.conversation;
    const resumed = await begin(id, { user_id: "ada", conversation_id: conversation });
    expect(resumed.status, resumed.text).toBe(200);
    expect((await begin(id)).status).toBe(429);
  });

  test("count for the resume of one that was over", async () => {
    const id = await limited({ concurrent_talks: 1 });
    const first = await talk(id, { user_id: "ada" });
    await leave(first);
    await talk(id);
    const resumed = await begin(id, { user_id: "ada", conversation_id: first.conversationId });
    expectRefused(resumed, "too_many_talks");
  });

  test("are found full by a visitor who joins too late: no agent comes, and the room is closed", async () => {
    const id = await limited({ concurrent_talks: 1 });
    const late = connectionOf((await begin(id)).body);
    app.clock.forward(61);
    const other = await talk(id);
    const refused = await claim(app, late.room);
    expect(refused.status).toBe(409);
    expect(app.rooms.deleted).toContain(late.room);
    await leave(other);
    expect((await claim(app, late.room)).status).toBe(200);
    expect((await begin(id)).status).toBe(429);
  });

  test("are free again some minutes after their end, should LiveKit never tell of it", async () => {
    const id = await limited({ concurrent_talks: 1 });
    const free = async (): Promise<void> => {
      expect((await begin(id)).status).toBe(429);
      app.clock.forward(601);
      await app.parley.shares.sweep();
    };
    const left = ({ room, identity }: Talk): Promise<Answer> =>
      deliver(app, { event: "participant_left", room, identity });
    const ended = await talk(id);
    await left(ended);
    const end =
      "mutation ($id: UUID!) { endConversation(input: { id: $id }) { conversation { id } } }";
    await app.gql(end, { id: ended.conversationId }, key);
    await free();
    const first = await talk(id, { user_id: "ada" });
    await left(first);
    await leave(await talk(id, { user_id: "ada", conversation_id: first.conversationId }));
    await free();
    expect((await begin(id)).status).toBe(200);
  });

  test("leave nothing reserved by a start that fails", async () => {
    const id = await limited({ concurrent_talks: 1 });
    const headers = { "x-embed-ticket": await app.ticket(id) };
    const first = await begin(id, {}, headers);
    await leave(await joined(first));
    const used = await begin(id, {}, headers);
    expect(used.status).toBe(401);
    expect((await begin(id)).status).toBe(200);
  });
});

async function joined({ body: started }: Answer): Promise<Talk> {
  const { room, identity } = connectionOf(started);
  await deliver(app, { event: "participant_joined", room, identity });
  const { body } = await claim(app, room);
  return {
    conversationId: started.conversation.id,
    room,
    identity,
    token: body.token,
    started,
  };
}

test("an organization's limits count for all its widgets together, and for nobody else's", async () => {
  const own = await app.organization();
  const [one, two] = [await app.widget(own.key), await app.widget(own.key)];
  await app.db.organization.update({
    where: { id: own.id },
    data: { limits: { concurrent_talks: 1 } },
  });
  await talk(one.id);
  expectRefused(await begin(two.id), "too_many_talks");
  const other = await app.widget(key);
  expect((await begin(other.id)).status).toBe(200);
});

describe("a day's minutes", () => {
  test("are reserved for each talk's longest, and what it did not take comes back", async () => {
    const id = await limited({ minutes_per_day: 60, talk_minutes: 30 });
    const first = await talk(id);
    expect((await jobOf(first)).body.limits).toEqual({
      talk_seconds: 1800,
      turns: null,
      tokens: null,
    });
    await talk(id);
    expect(expectRefused(await begin(id), "too_many_talks")).toBe(60);
    await leave(first, 600);
    // 60 minutes, of which 10 are used and 30 are reserved.
    const third = await talk(id);
    expectNear((await jobOf(third)).body.limits.talk_seconds, 1200);
  });

  test("are used up until midnight in UTC", async () => {
    const id = await limited({ minutes_per_day: 10, talk_minutes: 10 });
    await leave(await talk(id), 595);
    const wait = expectRefused(await begin(id), "day_used_up");
    expectNear(secondsToMidnight(), wait);
    app.clock.forward(wait + 1);
    expect((await begin(id)).status).toBe(200);
  });

  test("of a talk that goes on are not lost by a resume: its room takes what it has taken", async () => {
    const id = await limited({ minutes_per_day: 60, talk_minutes: 50 });
    const first = await talk(id, { user_id: "ada" });
    app.clock.forward(600);
    const resumes = { user_id: "ada", conversation_id: first.conversationId };
    const second = await talk(id, resumes);
    // 60 minutes, of which the room before has had 10.
    expectNear((await jobOf(second)).body.limits.talk_seconds, 3000);
    expectRefused(await begin(id), "too_many_talks");
    await leave(first);
    await leave(second, 600);
    expectNear((await jobOf(await talk(id))).body.limits.talk_seconds, 2400);
  });
});

describe("a day's tokens", () => {
  test("are what its agents report, each once", async () => {
    const id = await limited({ tokens_per_day: 10_000, talk_tokens: 9_500 });
    const first = await talk(id);
    const usage = { input_tokens: 5_000, output_tokens: 1_000 };
    const said = [turn({ role: "agent", usage })];
    await sendTurns(app, first.token, said);
    await sendTurns(app, first.token, said);
    // 10,000, of which 6,000 are used and 3,500 are reserved.
    expectRefused(await begin(id), "too_many_talks");
    await leave(first);
    const second = await talk(id);
    expect((await jobOf(second)).body.limits.tokens).toBe(4_000);
    await answer(second, 3_500);
    await leave(second);
    expectRefused(await begin(id), "day_used_up");
  });
});

describe("a talk that has used up its share", () => {
  test("is told by the visitor's message that is one too many", async () => {
    const id = await limited({ talk_turns: 2 });
    const one = await talk(id);
    const say = async (): Promise<unknown> =>
      (await sendTurns(app, one.token, [turn()])).body.limit;
    expect([await say(), await say(), await say()]).toEqual([null, null, "turns"]);
    expect((await jobOf(one)).body.limits.turns).toBe(0);
  });

  test("is told by the tokens that reach their end, and by the time", async () => {
    const id = await limited({ talk_tokens: 2_000, talk_minutes: 5 });
    const one = await talk(id);
    expect((await answer(one, 1_500)).body.limit).toBeNull();
    expect((await answer(one, 500)).body.limit).toBe("tokens");
    const other = await talk(id);
    app.clock.forward(301);
    expect((await answer(other, 1)).body.limit).toBe("seconds");
  });

  test("is ended by the platform when its agent does not", async () => {
    const id = await limited({ talk_turns: 1, talk_minutes: 5 });
    const [silent, chatty] = [await talk(id), await talk(id)];
    await sendTurns(app, chatty.token, [turn(), turn()]);
    await app.parley.shares.sweep();
    expect(app.rooms.deleted).not.toContain(chatty.room);
    app.clock.forward(31);
    await app.parley.shares.sweep();
    expect(app.rooms.deleted).toContain(chatty.room);
    expect(app.rooms.deleted).not.toContain(silent.room);
    app.clock.forward(300);
    await app.parley.shares.sweep();
    expect(app.rooms.deleted).toContain(silent.room);
  });

  test("of a resumed conversation begins anew", async () => {
    const id = await limited({ talk_turns: 1 });
    const first = await talk(id, { user_id: "ada" });
    await sendTurns(app, first.token, [turn()]);
    const second = await talk(id, { user_id: "ada", conversation_id: first.conversationId });
    expect((await jobOf(second)).body.limits.turns).toBe(1);
  });

  test("keeps its time when another worker takes over", async () => {
    const id = await limited({ talk_minutes: 5 });
    const first = await talk(id);
    app.clock.forward(100);
    const { body } = await claim(app, first.room, "agent-2");
    const job = await asWorker(app, "GET", "job", { bearer: body.token });
    expectNear(job.body.limits.talk_seconds, 200);
  });
});

describe("the operator's defaults", () => {
  const MODEL = { LLM_MODEL: "small", LLM_BASE_URL: "http://127.0.0.1:9/v1" };
  const [turns, tokens] = [100, 150_000];

  async function limitsOn(options: TestAppOptions, limits?: object): Promise<object> {
    const before = app;
    app = await TestApp.start(options);
    try {
      const owner = await app.organization();
      const { id } = await app.widget(owner.key);
      if (limits) await limit(id, limits, owner.key);
      return (await jobOf(await talk(id))).body.limits;
    } finally {
      await app.stop();
      app = before;
    }
  }

  test("apply where a model is configured, and what is named takes their place", async () => {
    expect(await limitsOn({ config: MODEL })).toEqual({ talk_seconds: 1800, turns, tokens });
    expect(await limitsOn({ config: MODEL }, { talk_minutes: 5 })).toEqual({
      talk_seconds: 300,
      turns,
      tokens,
    });
    expect(await limitsOn({})).toEqual({ talk_seconds: null, turns: null, tokens: null });
  });

  test("are those of USAGE_LIMITS where it is set", async () => {
    const USAGE_LIMITS = '{"organization":{"talk_turns":7}}';
    const own = { talk_seconds: null, turns: 7, tokens: null };
    expect(await limitsOn({ config: { ...MODEL, USAGE_LIMITS } })).toEqual(own);
    expect(await limitsOn({ config: { USAGE_LIMITS } })).toEqual(own);
  });
});

test("an operator sees how many were refused, by the limit's key alone", async () => {
  const before = app;
  app = await TestApp.start({ config: { OPS_PORT: "9464" } });
  const own = await app.organization();
  const id = await limited({ concurrent_talks: 1 }, own.key);
  await begin(id);
  await begin(id);
  const text = await app.parley.metrics?.text();
  expect(text).toContain('parley_rate_limited_total{limit="concurrent_talks"} 1');
  await app.stop();
  app = before;
});

describe("an owner", () => {
  const USAGE = `since talksNow talks minutes tokens reservedMinutes reservedTokens limits
    refused { concurrentTalks minutesPerDay tokensPerDay }`;

  test("sees what a widget's talks use, what is reserved, and who was refused", async () => {
    const own = await app.organization();
    const limits = { concurrent_talks: 1, talk_minutes: 20, tokens_per_day: 1_000_000 };
    const id = await limited(limits, own.key);
    const first = await talk(id);
    await answer(first, 700);
    await leave(first, 90);
    await talk(id);
    await begin(id);
    const rest = await app.get(`/core/web-widgets/${id}/usage`, own.key);
    expect(rest.status, rest.text).toBe(200);
    expect(rest.body).toEqual({
      since: new Date(new Date(app.clock.now()).setUTCHours(0, 0, 0, 0)).toISOString(),
      talks_now: 1,
      talks: 2,
      minutes: expect.closeTo(1.5, 0),
      tokens: 700,
      reserved_minutes: 20,
      reserved_tokens: 150_000,
      refused: { concurrent_talks: 1, minutes_per_day: 0, tokens_per_day: 0 },
      limits: { ...limits, talk_tokens: 150_000 },
    });
    const nested = `{ widgets { nodes { usage { ${USAGE} } } } me { organization { usage { ${USAGE} } } } }`;
    const { body } = await app.gql(nested, {}, own.key);
    const { tokens, refused } = body.data.widgets.nodes[0].usage;
    expect({ tokens, refused }).toMatchObject({ tokens: 700, refused: { concurrentTalks: 1 } });
    expect(body.data.me.organization.usage).toMatchObject({ talks: 2, tokens: 700, limits: {} });
  });

  test("sees nothing of another organization's, whose talks share a database", async () => {
    const own = await app.organization();
    const mine = await app.widget(own.key);
    const theirs = await limited({ concurrent_talks: 1 });
    await talk(theirs);
    expect((await app.get(`/core/web-widgets/${theirs}/usage`, own.key)).status).toBe(404);
    const { body } = await app.get(`/core/web-widgets/${mine.id}/usage`, own.key);
    expect(body).toMatchObject({ talks_now: 0, talks: 0, minutes: 0, limits: {} });
    const me = await app.gql("{ me { organization { usage { talks talksNow } } } }", {}, own.key);
    expect(me.body.data.me.organization.usage).toEqual({ talks: 0, talksNow: 0 });
  });

  test("keeps what was used by a visitor who was erased", async () => {
    const own = await app.organization();
    const id = await limited({ concurrent_talks: 5 }, own.key);
    const first = await talk(id, { user_id: "ada" });
    await leave(first, 120);
    await talk(id, { user_id: "ada" });
    const erase = `mutation { eraseVisitor(input: { userId: "ada" }) { erasedConversations } }`;
    expect((await app.gql(erase, {}, own.key)).body.data.eraseVisitor.erasedConversations).toBe(2);
    const { body } = await app.get(`/core/web-widgets/${id}/usage`, own.key);
    expect(body).toMatchObject({ talks_now: 0, talks: 2, minutes: expect.closeTo(2, 0) });
  });

  test("limits the organization, below what the operator gives by default", async () => {
    const USAGE_LIMITS = '{"organization":{"concurrent_talks":2}}';
    const before = app;
    app = await TestApp.start({ config: { USAGE_LIMITS } });
    const own = await app.organization();
    const { id } = await app.widget(own.key);
    const update = (limits: object): Promise<Answer> =>
      app.gql(
        `mutation ($limits: JSONObject!) { updateOrganization(input: { limits: $limits }) {
          organization { limits usage { limits } } } }`,
        { limits },
        own.key,
      );
    const more = await update({ concurrent_talks: 3 });
    expect(more.body.errors[0].extensions.errors).toEqual([
      {
        path: "limits.concurrent_talks",
        message: expect.stringContaining("at most 2"),
        rule: "range",
        max: 2,
      },
    ]);
    await begin(id);
    const fewer = await update({ concurrent_talks: 1, own: true });
    expect(fewer.body.data.updateOrganization.organization).toEqual({
      limits: { concurrent_talks: 1, own: true },
      usage: { limits: { concurrent_talks: 1 } },
    });
    expect((await begin(id)).status).toBe(429);
    await app.stop();
    app = before;
  });
});

test("without limits a start is one statement, and nobody asks for a share", async () => {
  const { id } = await app.widget(key);
  await begin(id);
  const { statements } = await recordStatements(() => begin(id));
  const texts = statements.map(({ sql }) => sql);
  // The widget itself may have to be read anew.
  expect(texts.filter((sql) => !sql.startsWith("SELECT"))).toHaveLength(1);
  expect(texts.filter((sql) => /talk_shares|usage_days|advisory_xact_lock\(/.test(sql))).toEqual(
    [],
  );
});

test("a hundred starts at once on two instances are exactly as many talks as the organization may have", async () => {
  const one = await TestApp.start();
  const two = await TestApp.start({ database: one.parley.database });
  const own = await one.organization();
  const widgets = [await one.widget(own.key), await one.widget(own.key)];
  const limits = { concurrent_talks: 10 };
  await one.db.organization.update({ where: { id: own.id }, data: { limits } });
  const starts = Array.from({ length: 100 }, (_, n) => {
    const widget = widgets[n % 3 === 0 ? 0 : 1];
    return (n % 2 === 0 ? one : two).begin(widget.id, { user_id: `visitor-${n}` });
  });
  const statuses = (await Promise.all(starts)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(90);
  expect(await one.db.conversation.count({ where: { organizationId: own.id } })).toBe(10);
  await two.stop({ keepDatabase: true });
  await one.stop();
});

test.runIf(onPostgres)(
  "starts that wait for their organization's turn hold one connection, whoever else needs one",
  async () => {
    const own = await app.organization();
    const widgetId = await limited({ concurrent_talks: 50 }, own.key);
    const other = await app.organization();
    const elsewhere = await limited({ concurrent_talks: 1 }, other.key);
    const starts = await app.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`talks:${own.id}`}, 0))::text`;
      const waiting = Array.from({ length: 20 }, () => begin(widgetId));
      expect((await begin(elsewhere)).status).toBe(200);
      const pool = app.parley.database.pool?.();
      expect(pool?.waiting).toBe(0);
      expect(pool?.inUse).toBeLessThanOrEqual(2);
      return waiting;
    });
    const statuses = (await Promise.all(starts)).map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 200));
  },
);
