import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { talkOf, withToken } from "../../support/visitor.js";
import { connectionOf, deliver } from "../../support/webhook.js";

const GERMAN = "Wir **speichern** das Gespräch.";
const ENGLISH = "We *keep* the talk.";
const CONFIG = {
  v1: {
    consent: { required: true, version: "2026-11" },
    texts: { de: { consent_text: GERMAN }, "en-GB": { consent_text: ENGLISH } },
  },
};
const AGREED = { version: "2026-11", language: "de" };

let app: TestApp;
let key: string;
let widgetId: string;
beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
  widgetId = (await app.widget(key, { config: CONFIG })).id;
});
afterAll(() => app.stop());

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const consentOf = async (id: string): Promise<Answer["body"]> =>
  (await app.get(`/core/conversations/${id}`, key)).body.consent;
const own = (id: string, talk: string): string =>
  `/core/public/web-widgets/${id}/conversations/${talk}`;

async function begin(body: object = {}, token?: string, id = widgetId): Promise<Answer> {
  return app.begin(id, { user_id: "ada", ...body }, token === undefined ? {} : withToken(token));
}

/** A widget's version of the words. */
async function askFor(id: string, version: string): Promise<void> {
  const config = { v1: { ...CONFIG.v1, consent: { required: true, version } } };
  expect((await app.put(`/core/web-widgets/${id}`, { config }, key)).status).toBe(200);
}

describe("the words of the consent", () => {
  const ask = async (id: string, query = ""): Promise<Answer["body"]> =>
    (await app.get(`/core/public/web-widgets/${id}/consent${query}`)).body;

  test("are the owner's in the nearest language that they have", async () => {
    const answer = {
      required: true,
      version: "2026-11",
      language: "de",
      text: GERMAN,
      text_sha256: sha256(GERMAN),
    };
    expect(await ask(widgetId, "?language=de-AT")).toEqual(answer);
    expect(await ask(widgetId, "?language=EN-gb")).toMatchObject({ text: ENGLISH });
    expect(await ask(widgetId, "?language=fr")).toEqual(answer);
    expect(await ask(widgetId)).toEqual(answer);
  });

  test("are ours, in each language of the panel, where the owner has none", async () => {
    const { id } = await app.widget(key);
    const english = await ask(id, "?language=en-US");
    expect(english).toMatchObject({ required: false, version: "1", language: "en" });
    const seen = new Set<string>();
    for (const tag of ["en", "de", "es", "fr", "it", "pt", "nl", "pl", "ar", "he", "zh", "ja"]) {
      const { language, text } = await ask(id, `?language=${tag}`);
      expect(language.split("-")[0]).toBe(tag);
      seen.add(text);
    }
    expect(seen.size).toBe(12);
  });
});

describe("a start", () => {
  test("without agreement to today's version is refused, at both doors, and makes nothing", async () => {
    const { id } = await app.widget(key, { config: CONFIG });
    for (const body of [{}, { consent: null }, { consent: { ...AGREED, version: "2025-01" } }]) {
      const answer = await begin(body, undefined, id);
      expect([answer.status, answer.body.code]).toEqual([409, "consent_required"]);
    }
    const byGraphQL = await app.gql(
      "mutation ($input: StartConversationInput!) { startConversation(input: $input) { visitorToken } }",
      { input: { widgetId: id, userId: "ada" } },
    );
    expect(byGraphQL.body.errors[0].extensions).toMatchObject({
      code: "CONFLICT",
      reason: "CONSENT_REQUIRED",
    });
    expect(await app.db.conversation.count({ where: { webWidgetId: id } })).toBe(0);
  });

  test("with it keeps the version, the language, the hash of the words and the time", async () => {
    const answer = await begin({ consent: { ...AGREED, language: "de-CH" } });
    expect(answer.status, answer.text).toBe(200);
    expect(await consentOf(talkOf(answer).id)).toEqual({
      version: "2026-11",
      language: "de",
      text_sha256: sha256(GERMAN),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  test.each([
    [{ version: "" }, "consent.version"],
    [{ version: "x".repeat(101) }, "consent.version"],
    [{ language: "de" }, "consent.version"],
    [{ ...AGREED, language: "<b>" }, "consent.language"],
  ])("with %j is refused by 422", async (consent, path) => {
    const answer = await begin({ consent });
    expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, path]);
  });

  test("of a widget that asks for nothing keeps nothing", async () => {
    const { id } = await app.widget(key);
    const answer = await begin({ consent: AGREED }, undefined, id);
    expect(await consentOf(talkOf(answer).id)).toBeNull();
  });

  test("is told to who may read what is sensitive alone", async () => {
    const { id, organizationId } = await app.db.conversation.findFirstOrThrow({
      where: { webWidgetId: widgetId },
    });
    const reader = await app.key(organizationId, ["conversations:read"]);
    expect(await app.get(`/core/conversations/${id}`, reader)).toMatchObject({ status: 200 });
    expect((await app.get(`/core/conversations/${id}`, reader)).body).not.toHaveProperty("consent");
  });
});

describe("a resume", () => {
  test("goes on by what was agreed to before, until there is a new version, and keeps both proofs", async () => {
    const { id } = await app.widget(key, { config: CONFIG });
    const started = await begin({ consent: AGREED }, undefined, id);
    const talk = talkOf(started);
    const before = await consentOf(talk.id);
    const resume = (consent?: object): Promise<Answer> =>
      begin({ conversation_id: talk.id, consent }, talk.token, id);
    expect((await resume()).status).toBe(200);
    expect(await consentOf(talk.id)).toEqual(before);
    await askFor(id, "2");
    const refused = await resume(AGREED);
    expect([refused.status, refused.body.code]).toEqual([409, "consent_required"]);
    expect((await resume({ version: "2", language: "en-GB" })).status).toBe(200);
    expect(await consentOf(talk.id)).toMatchObject({
      version: "2",
      text_sha256: sha256(ENGLISH),
      earlier: [before],
    });
  });

  test("by a name alone needs agreement of its own", async () => {
    const talk = talkOf(await begin({ consent: AGREED }));
    expect((await begin({ conversation_id: talk.id })).body.code).toBe("consent_required");
    expect((await begin({ conversation_id: talk.id, consent: AGREED })).status).toBe(200);
  });
});

describe("a withdrawal", () => {
  const withdraw = (id: string, token: string): Promise<Answer> =>
    app.post(`${own(widgetId, id)}/withdraw-consent`, {}, undefined, withToken(token));

  test("ends the conversation and its room, is kept, and is answered the same again", async () => {
    const started = await begin({ consent: AGREED });
    const talk = talkOf(started);
    const { room, identity } = connectionOf(started.body);
    await deliver(app, { event: "participant_joined", room, identity });
    const before = await consentOf(talk.id);
    expect((await withdraw(talk.id, talk.token)).body).toEqual({ status: "ok" });
    const kept = await app.get(`/core/conversations/${talk.id}`, key);
    expect(kept.body).toMatchObject({
      status: "completed",
      consent: { ...before, withdrawn_at: expect.any(String) },
    });
    expect(app.rooms.deleted).toContain(talk.room);
    expect((await withdraw(talk.id, talk.token)).status).toBe(200);
    expect(await consentOf(talk.id)).toEqual(kept.body.consent);
    const again = await begin({ conversation_id: talk.id }, talk.token);
    expect(again.body.code).toBe("consent_required");
    const anew = await begin({ conversation_id: talk.id, consent: AGREED }, talk.token);
    expect(anew.status).toBe(200);
    expect((await consentOf(talk.id)).earlier).toEqual([kept.body.consent]);
  });

  test("is the visitor's alone, and needs something to withdraw", async () => {
    const talk = talkOf(await begin({ consent: AGREED }));
    const other = talkOf(await begin({ user_id: "bob", consent: AGREED }));
    expect((await withdraw(talk.id, other.token)).status).toBe(401);
    expect((await app.post(`${own(widgetId, talk.id)}/withdraw-consent`, {})).status).toBe(401);
    const { id } = await app.widget(key);
    const free = talkOf(await begin({}, undefined, id));
    const path = `${own(id, free.id)}/withdraw-consent`;
    expect((await app.post(path, {}, undefined, withToken(free.token))).status).toBe(409);
  });
});

describe("a visitor's own conversation", () => {
  const said = { mode: "text", cutOff: false } as const;

  async function talkWithTurns(): Promise<{ id: string; token: string; room: string }> {
    const metadata = { custom_metadata: { name: "Ada" }, consent: AGREED };
    const talk = talkOf(await begin(metadata));
    await app.db.turn.createMany({
      data: [
        { id: "1", role: "user", text: "Hello", createdAt: new Date(1000) },
        { id: "2", role: "tool", text: "secret", createdAt: new Date(2000) },
        { id: "3", role: "agent", text: "Hi Ada", createdAt: new Date(3000) },
      ].map((turn) => ({ ...said, ...turn, role: turn.role as "user", conversationId: talk.id })),
    });
    return talk;
  }
  const call = (method: string, path: string, token?: string): Promise<Answer> =>
    app.call(method, path, token === undefined ? {} : { headers: withToken(token) });

  test("is handed out with all that is kept of it, to its token alone", async () => {
    const talk = await talkWithTurns();
    const other = talkOf(await begin({ user_id: "bob", consent: AGREED }));
    const path = `${own(widgetId, talk.id)}/export`;
    const answer = await call("GET", path, talk.token);
    expect(answer.body).toMatchObject({
      conversation: { id: talk.id, user_id: "ada" },
      custom_metadata: { name: "Ada" },
      consent: { version: "2026-11" },
      summary: null,
      messages: [
        { role: "user", text: "Hello" },
        { role: "agent", text: "Hi Ada" },
      ],
    });
    for (const token of [undefined, other.token]) {
      expect((await call("GET", path, token)).status).toBe(401);
    }
  });

  test("is erased with everything of it, and its room closed, by its token alone", async () => {
    const talk = await talkWithTurns();
    const other = talkOf(await begin({ user_id: "bob", consent: AGREED }));
    const path = own(widgetId, talk.id);
    for (const token of [undefined, other.token]) {
      expect((await call("DELETE", path, token)).status).toBe(401);
    }
    expect(await app.db.turn.count({ where: { conversationId: talk.id } })).toBe(3);
    expect((await call("DELETE", path, talk.token)).status).toBe(204);
    expect(app.rooms.deleted).toContain(talk.room);
    expect(await app.db.conversation.count({ where: { id: talk.id } })).toBe(0);
    expect(await app.db.turn.count({ where: { conversationId: talk.id } })).toBe(0);
    expect((await call("DELETE", path, talk.token)).status).toBe(404);
    expect((await app.get(`/core/conversations/${talk.id}`, key)).status).toBe(404);
  });

  test("is not opened by a token whose key was ended", async () => {
    const talk = await talkWithTurns();
    await app.post(
      `/core/public/web-widgets/${widgetId}/logout`,
      {},
      undefined,
      withToken(talk.token),
    );
    expect((await call("DELETE", own(widgetId, talk.id), talk.token)).status).toBe(401);
    expect((await call("GET", `${own(widgetId, talk.id)}/export`, talk.token)).status).toBe(401);
  });
});
