import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { codeOf, person, signedIn, type Browser, type Person } from "../../support/console.js";
import { EventStream } from "../../support/event-stream.js";
import { connectionOf, deliver } from "../../support/webhook.js";
import { asWorker, claim, sendTurns, turn } from "../dispatch/support.js";

const START = "/core/public/draft-previews/start";
const CREATE = `mutation ($input: CreateDraftPreviewInput!) {
  createDraftPreview(input: $input) {
    token expiresAt widgetConfig quickActions
    capabilities { supportsVideoInput supportsScreenShare supportsVoice agentAvailable }
  }
}`;
const LOOK = { v1: { language: "de", theme: "dark" } };
const DRAFT = {
  instructions: "Be brief.",
  faq: [{ question: "Where are you?", answer: "In the draft." }],
  quick_actions: [{ id: "a", label: "Where?", message: "Where are you?" }],
  vision: { video_input: true },
};

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

/** An organization with a widget on version 1, a draft as version 2, and who may try it. */
interface Shop {
  readonly id: string;
  readonly key: string;
  readonly widgetId: string;
  readonly agentId: string;
  readonly ada: Person;
  readonly browser: Browser;
}

let shop: Shop;
beforeEach(async () => {
  shop = await makeShop();
});

async function makeShop(): Promise<Shop> {
  const { id, key } = await app.organization();
  const widget = await app.widget(key, { config: LOOK }, { config: { instructions: "Old." } });
  const path = `/core/agents/${widget.agent_id}/versions`;
  expect((await app.post(path, { config: DRAFT }, key)).status).toBe(201);
  const ada = await person(app, { [id]: "admin" });
  const browser = await signedIn(app, ada);
  return { id, key, widgetId: widget.id, agentId: widget.agent_id, ada, browser };
}

function ask(input: object = {}, { browser, id, agentId } = shop): Promise<Answer> {
  return browser.gql(CREATE, { input: { agentId, version: 2, ...input } }, id);
}

async function tokenOf(input: object = {}, from = shop): Promise<string> {
  const answer = await ask(input, from);
  expect(answer.body.errors, answer.text).toBeUndefined();
  return answer.body.data.createDraftPreview.token;
}

/** As the panel sends it from a frame that is nobody's. */
function start(token: string, fields: object = {}): Promise<Answer> {
  return app.post(START, { token, ...fields }, undefined, { origin: "null" });
}

interface Trial {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
}

async function begun(input: object = {}, from = shop): Promise<Trial> {
  const answer = await start(await tokenOf(input, from));
  expect(answer.status, answer.text).toBe(200);
  return { id: answer.body.conversation.id, ...connectionOf(answer.body) };
}

/** Its person and an agent have come. */
async function talk(trial: Trial): Promise<string> {
  const { room, identity } = trial;
  await deliver(app, { event: "participant_joined", room, identity });
  const claimed = await claim(app, room);
  expect(claimed.status, claimed.text).toBe(200);
  return claimed.body.token;
}

async function jobOf({ room }: Trial): Promise<Answer["body"]> {
  const claimed = await claim(app, room);
  expect(claimed.status, claimed.text).toBe(200);
  return (await asWorker(app, "GET", "job", { bearer: claimed.body.token })).body;
}

const ONE = `query ($id: UUID!) {
  conversation(id: $id) { id test webWidgetId summary conversation { messages { text } } }
}`;

describe("a person who may write agents", () => {
  test("tries a draft: a room, its config and the widget's look, and nothing is published", async () => {
    const answer = await ask({ widgetId: shop.widgetId });
    expect(answer.body.data.createDraftPreview).toEqual({
      token: expect.stringMatching(/^dp_[\w-]{43}$/),
      expiresAt: expect.any(String),
      widgetConfig: LOOK,
      quickActions: DRAFT.quick_actions,
      capabilities: {
        supportsVideoInput: true,
        supportsScreenShare: false,
        supportsVoice: true,
        agentAvailable: true,
      },
    });
    const { token } = answer.body.data.createDraftPreview;
    const started = await start(token, { custom_metadata: { plan: "pro" } });
    expect(started.status, started.text).toBe(200);
    expect(started.body).toEqual({
      conversation: expect.objectContaining({ status: "token_created", web_widget_id: null }),
      connection_details: {
        url: expect.any(String),
        token: expect.any(String),
        room: expect.any(String),
      },
      capabilities: answer.body.data.createDraftPreview.capabilities,
      visitor_token: expect.any(String),
    });
    const job = await jobOf({ id: "", ...connectionOf(started.body) });
    expect(job).toMatchObject({
      config: { instructions: "Be brief.", faq: DRAFT.faq },
      language: "de",
      form_values: { plan: "pro" },
    });
    const version = `/core/agents/${shop.agentId}/versions/2`;
    expect((await app.get(version, shop.key)).body.published).toBe(false);
  });

  test("sees a widget's draft, a widget's saved look where there is none, and the default look without one", async () => {
    const lookOf = async (input: object): Promise<unknown> =>
      (await ask(input)).body.data.createDraftPreview.widgetConfig;
    const { widgetId } = shop;
    expect(await lookOf({})).toEqual({});
    const save = `mutation ($input: SaveWidgetDraftInput!) { saveWidgetDraft(input: $input) { draft { id } } }`;
    await app.gql(save, { input: { id: widgetId, domains: ["half"] } }, shop.key);
    expect(await lookOf({ widgetId })).toEqual(LOOK);
    const config = { v1: { theme: "light" } };
    await app.gql(save, { input: { id: widgetId, config } }, shop.key);
    expect(await lookOf({ widgetId })).toEqual(config);
  });

  test("tries what was there when they asked, whatever is edited since", async () => {
    const token = await tokenOf({ widgetId: shop.widgetId });
    await app.put(`/core/agents/${shop.agentId}/versions/2`, { config: { faq: [] } }, shop.key);
    const config = { v1: { language: "fr" } };
    await app.put(`/core/web-widgets/${shop.widgetId}`, { config }, shop.key);
    const started = await start(token);
    const job = await jobOf({ id: "", ...connectionOf(started.body) });
    expect(job).toMatchObject({ config: { faq: DRAFT.faq }, language: "de" });
  });

  test("leaves an entry in the audit log, which has no secret", async () => {
    const token = await tokenOf();
    const entries = await app.db.auditEntry.findMany({
      where: { organizationId: shop.id, action: "agent_version.try" },
    });
    expect(entries).toMatchObject([{ actorId: shop.ada.id, via: "console", changes: [] }]);
    const { id } = await app.db.agentVersion.findFirstOrThrow({
      where: { agentId: shop.agentId, version: 2 },
    });
    expect(entries[0]?.subjectId).toBe(id);
    const kept = await app.db.draftPreview.findFirstOrThrow({ where: { userId: shop.ada.id } });
    const all = JSON.stringify([
      entries,
      { ...kept, tokenHash: Buffer.from(kept.tokenHash).toString() },
    ]);
    expect(all).not.toContain(token);
  });

  test("has twenty at most that have not begun", async () => {
    for (let made = 0; made < 20; made += 1) await tokenOf();
    expect(codeOf(await ask())).toBe("CONFLICT");
    app.clock.forward(11 * 60);
    await tokenOf();
  });
});

describe("nobody else tries one", () => {
  test("a viewer, a key, and who is not signed in", async () => {
    const viewer = await signedIn(app, await person(app, { [shop.id]: "viewer" }));
    expect(codeOf(await ask({}, { ...shop, browser: viewer }))).toBe("FORBIDDEN");
    const input = { agentId: shop.agentId, version: 2 };
    expect(codeOf(await app.gql(CREATE, { input }, shop.key))).toBe("FORBIDDEN");
    expect(codeOf(await app.gql(CREATE, { input }))).toBe("UNAUTHENTICATED");
  });

  test("what another organization owns is not found", async () => {
    const other = await makeShop();
    for (const input of [
      { agentId: other.agentId },
      { version: 3 },
      { agentId: randomUUID() },
      { widgetId: other.widgetId },
      { widgetId: randomUUID() },
    ]) {
      expect(codeOf(await ask(input)), JSON.stringify(input)).toBe("NOT_FOUND");
    }
    expect(await app.db.draftPreview.count({ where: { organizationId: shop.id } })).toBe(0);
  });
});

describe("a token", () => {
  test("is good once, also side by side", async () => {
    const token = await tokenOf();
    const answers = await Promise.all([1, 2, 3, 4].map(() => start(token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
    expect((await start(token)).status).toBe(401);
    expect(await app.db.conversation.count({ where: { testerId: shop.ada.id } })).toBe(1);
  });

  test("is over after ten minutes, and then swept; what was begun stays", async () => {
    const { id } = await begun();
    const token = await tokenOf();
    app.clock.forward(10 * 60);
    expect((await start(token)).status).toBe(401);
    await app.parley.previews.sweep();
    const kept = await app.db.draftPreview.findMany({ where: { userId: shop.ada.id } });
    expect(kept).toMatchObject([{ conversationId: id }]);
  });

  test.each(["", "dp_x", "dp_".padEnd(46, "x")])("that nobody made is none: %j", async (token) => {
    expect((await start(token)).status).toBe(401);
  });

  test("is read as every body is", async () => {
    expect((await app.call("POST", START)).status).toBe(400);
    expect((await app.post(START, { token: 1 })).status).toBe(422);
    const token = await tokenOf();
    const long = { long: "x".repeat(17_000) };
    expect((await start(token, { custom_metadata: long })).status).toBe(422);
    expect((await app.get(START)).status).toBe(405);
    expect((await start(token)).status).toBe(200);
  });

  test("is answered to a frame that is nobody's, and takes no cookie", async () => {
    const answer = await start(await tokenOf());
    expect(answer.headers.get("access-control-allow-origin")).toBe("null");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  const ENDED: Readonly<Record<string, () => Promise<unknown>>> = {
    "a removed member's": () =>
      app.db.membership.deleteMany({ where: { userId: shop.ada.id, organizationId: shop.id } }),
    "one's whose role was lowered": () =>
      app.db.membership.updateMany({ where: { userId: shop.ada.id }, data: { role: "viewer" } }),
    "one's who has signed out": () => shop.browser.post("/console/api/sign-out"),
  };
  test.each(Object.keys(ENDED))("is good no more when it is %s", async (whose) => {
    const token = await tokenOf();
    await ENDED[whose]?.();
    expect((await start(token)).status).toBe(401);
    expect(await app.db.conversation.count({ where: { testerId: shop.ada.id } })).toBe(0);
  });

  test("of a deleted agent finds none", async () => {
    const { agentId } = await app.agent(shop.key, { published: false });
    const token = await tokenOf({ agentId, version: 1 });
    expect((await app.delete(`/core/agents/${agentId}`, shop.key)).status).toBe(204);
    expect((await start(token)).status).toBe(404);
  });
});

describe("a test is nobody's record", () => {
  test("it is in no list, no statistics and no widget's usage", async () => {
    const trial = await begun({ widgetId: shop.widgetId });
    const job = await talk(trial);
    await sendTurns(app, job, [turn()]);
    for (const path of [
      "/core/conversations",
      `/core/conversations?agent_id=${shop.agentId}`,
      "/core/conversations?status=in_progress",
      `/core/conversations?web_widget_id=${shop.widgetId}`,
    ]) {
      expect((await app.get(path, shop.key)).body, path).toEqual([]);
    }
    const lists = `query ($w: UUID!, $a: UUID!) {
      conversations { nodes { id } }
      widget(id: $w) { conversations { nodes { id } } usage { talks talksNow minutes } }
      agent(id: $a) { conversationStatistics { total } }
      publicConversations(widgetId: $w) { nodes { id } }
    }`;
    const { data, errors } = (await app.gql(lists, { w: shop.widgetId, a: shop.agentId }, shop.key))
      .body;
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      conversations: { nodes: [] },
      widget: { conversations: { nodes: [] }, usage: { talks: 0, talksNow: 0, minutes: 0 } },
      agent: { conversationStatistics: { total: 0 } },
      publicConversations: { nodes: [] },
    });
  });

  test("its maker reads it by its id; a colleague, a key and another organization do not", async () => {
    const trial = await begun();
    await sendTurns(app, await talk(trial), [turn({ text: "Where are you?" })]);
    const mine = await shop.browser.gql(ONE, { id: trial.id }, shop.id);
    expect(mine.body).toEqual({
      data: {
        conversation: {
          id: trial.id,
          test: true,
          webWidgetId: null,
          summary: null,
          conversation: { messages: [{ text: "Where are you?" }] },
        },
      },
    });
    const colleague = await signedIn(app, await person(app, { [shop.id]: "admin" }));
    expect(codeOf(await colleague.gql(ONE, { id: trial.id }, shop.id))).toBe("NOT_FOUND");
    expect(codeOf(await app.gql(ONE, { id: trial.id }, shop.key))).toBe("NOT_FOUND");
    const other = await makeShop();
    expect(codeOf(await other.browser.gql(ONE, { id: trial.id }, other.id))).toBe("NOT_FOUND");
    const end = `mutation ($id: UUID!) { endConversation(input: { id: $id }) { conversation { status } } }`;
    expect(codeOf(await colleague.gql(end, { id: trial.id }, shop.id))).toBe("NOT_FOUND");
    const listen = `mutation ($id: UUID!) { createListenerToken(input: { id: $id }) { listenerToken { url } } }`;
    expect(codeOf(await colleague.gql(listen, { id: trial.id }, shop.id))).toBe("NOT_FOUND");
    const ended = await shop.browser.gql(end, { id: trial.id }, shop.id);
    expect(ended.body.data.endConversation.conversation.status).toBe("COMPLETED");
  });

  test("nobody is told that it began", async () => {
    const query = "subscription { conversationStarted { id } }";
    const stream = await EventStream.open(app, shop.key, { query });
    try {
      const { id } = await begun();
      const real = await app.begin(shop.widgetId, { user_id: "visitor" });
      const heard = await stream.next();
      expect(JSON.stringify(heard)).toContain(real.body.conversation.id);
      expect(JSON.stringify(heard)).not.toContain(id);
    } finally {
      stream.leave();
    }
  });

  test("it is erased a day after it began, with its snapshot", async () => {
    const trial = await begun();
    app.clock.forward(3600);
    await app.parley.lifecycle.sweep();
    await app.parley.retention.sweep();
    expect(await app.db.conversation.count({ where: { id: trial.id } })).toBe(1);
    app.clock.forward(24 * 3600);
    await app.parley.retention.sweep();
    expect(await app.db.conversation.count({ where: { id: trial.id } })).toBe(0);
    expect(await app.db.draftPreview.count({ where: { conversationId: trial.id } })).toBe(0);
  });
});

describe("its organization pays for it", () => {
  const USAGE = `{ me { organization { usage { talks talksNow minutes tokens } } } }`;
  const usage = async (): Promise<Answer["body"]> =>
    (await app.gql(USAGE, {}, shop.key)).body.data.me.organization.usage;
  const LIMIT = `mutation ($limits: JSONObject!) {
    updateOrganization(input: { limits: $limits }) { organization { id } }
  }`;
  const limit = async (limits: object): Promise<void> => {
    expect((await app.gql(LIMIT, { limits }, shop.key)).body.errors).toBeUndefined();
  };

  test("what it uses counts for the day", async () => {
    const trial = await begun();
    const job = await talk(trial);
    const tokens = { input_tokens: 90, output_tokens: 10 };
    await sendTurns(app, job, [turn({ role: "agent", usage: tokens })]);
    expect(await usage()).toMatchObject({ talks: 1, talksNow: 1, tokens: 100 });
    app.clock.forward(120);
    await deliver(app, { event: "participant_left", room: trial.room, identity: trial.identity });
    await deliver(app, { event: "room_finished", room: trial.room });
    expect((await usage()).minutes).toBeGreaterThanOrEqual(2);
    expect(await usage()).toMatchObject({ talksNow: 0 });
  });

  test("as many talks at once as it may have, and a refused start uses no token", async () => {
    await limit({ concurrent_talks: 1 });
    const first = await begun();
    const token = await tokenOf();
    const refused = await start(token);
    expect(refused.status).toBe(429);
    expect(refused.body.code).toBe("too_many_talks");
    const visitor = await app.begin(shop.widgetId, { user_id: "visitor" });
    expect(visitor.status).toBe(429);
    await deliver(app, { event: "room_finished", room: first.room });
    await app.parley.shares.sweep();
    expect((await start(token)).status).toBe(200);
  });

  test("who joins late gets a share again, while there is one", async () => {
    const [kept, late] = [await begun(), await begun()];
    app.clock.forward(300);
    await limit({ concurrent_talks: 1 });
    expect((await claim(app, kept.room)).status).toBe(200);
    expect((await claim(app, late.room)).status).toBe(409);
  });
});
