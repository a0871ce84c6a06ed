import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SignedTokens } from "../../../src/platform/auth/signed-token.js";
import { CONVERSATION_STATUSES } from "../../support/statuses.js";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import {
  beginBound,
  beginByGraphQL,
  codeOf,
  feedbackConfig,
  giveFeedback,
  listPublic,
  readMessages,
  talkOf,
  withToken,
  type Talk,
} from "../../support/visitor.js";

const DAY = 24 * 60 * 60;

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  widget = await app.widget(organization.key, { config: feedbackConfig() });
});
afterAll(() => app.stop());

async function start(userId: string, widgetId: string = widget.id): Promise<Talk> {
  return talkOf(await app.begin(widgetId, { user_id: userId }));
}

async function startBound(userId: string, widgetId: string = widget.id): Promise<Talk> {
  return talkOf(await beginBound(app, widgetId, { user_id: userId }));
}

function resume(talk: { id: string }, userId: string, token?: string, body = {}): Promise<Answer> {
  return app.begin(
    widget.id,
    { user_id: userId, conversation_id: talk.id, ...body },
    token === undefined ? {} : withToken(token),
  );
}

async function setStatus(id: string, status: (typeof CONVERSATION_STATUSES)[number]) {
  await app.db.conversation.update({ where: { id }, data: { status } });
}

describe("a resume", () => {
  test("continues the same conversation in a fresh room with a fresh identity", async () => {
    const talk = await start("ada");
    const answer = await resume(talk, "ada");
    const resumed = talkOf(answer);
    expect(resumed.id).toBe(talk.id);
    expect(resumed.room).not.toBe(talk.room);
    expect(answer.body.conversation).toMatchObject({ status: "token_created", user_id: "ada" });
  });

  test("deletes the old room", async () => {
    const talk = await start("ada");
    const resumed = talkOf(await resume(talk, "ada"));
    expect(app.rooms.deleted).toContain(talk.room);
    expect(app.rooms.deleted).not.toContain(resumed.room);
  });

  test.each(CONVERSATION_STATUSES)(
    "is allowed from %s, which becomes token_created",
    async (from) => {
      const talk = await start("ada");
      await setStatus(talk.id, from);
      const answer = await resume(talk, "ada");
      expect(answer.status).toBe(200);
      expect(answer.body.conversation.status).toBe("token_created");
      const stored = await app.db.conversation.findUniqueOrThrow({ where: { id: talk.id } });
      expect(stored.status).toBe("token_created");
    },
  );

  test("by GraphQL does the same", async () => {
    const talk = await start("ada");
    const answer = await beginByGraphQL(app, widget.id, {
      userId: "ada",
      conversationId: talk.id.toUpperCase(),
    });
    const { conversation, connectionDetails } = answer.body.data.startConversation;
    expect(conversation).toMatchObject({ id: talk.id, status: "TOKEN_CREATED" });
    expect(connectionDetails.room).not.toBe(talk.room);
    expect(app.rooms.deleted).toContain(talk.room);
  });

  test("keeps the version that the conversation began with", async () => {
    const own = await app.widget(
      organization.key,
      {},
      { config: { vision: { video_input: true } } },
    );
    const talk = await start("ada", own.id);
    const other = await app.agent(organization.key);
    await app.put(
      `/core/web-widgets/${own.id}`,
      { agent_id: other.agentId, agent_version_id: other.versionId },
      organization.key,
    );
    const answer = await app.begin(own.id, { user_id: "ada", conversation_id: talk.id });
    expect(answer.body.conversation.agent_version_id).toBe(own.agent_version_id);
    expect(answer.body.capabilities.supportsVideoInput).toBe(true);
  });

  test("of an unknown conversation answers 404, of a malformed id 422", async () => {
    const unknown = await resume({ id: randomUUID() }, "ada");
    expect(unknown.status).toBe(404);
    expect(unknown.body).toEqual({ detail: "Conversation not found." });
    expect((await resume({ id: "nonsense" }, "ada")).status).toBe(422);
    const twin = await beginByGraphQL(app, widget.id, {
      userId: "ada",
      conversationId: randomUUID(),
    });
    expect(codeOf(twin)).toBe("NOT_FOUND");
  });

  test("of another widget's conversation answers 403", async () => {
    const other = await app.widget(organization.key);
    const talk = await start("ada", other.id);
    expect((await resume(talk, "ada")).status).toBe(403);
    const twin = await beginByGraphQL(app, widget.id, { userId: "ada", conversationId: talk.id });
    expect(codeOf(twin)).toBe("FORBIDDEN");
  });

  test("of another visitor's conversation answers 403, in another case too", async () => {
    const talk = await start("ada");
    for (const stranger of ["bob", "Ada", "ada "]) {
      expect((await resume(talk, stranger)).status).toBe(403);
    }
    expect(app.rooms.deleted).not.toContain(talk.room);
  });

  test("of another organization's conversation answers like an unknown one", async () => {
    const stranger = await app.organization();
    const theirs = await app.widget(stranger.key);
    const talk = await start("ada", theirs.id);
    const answer = await resume(talk, "ada");
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ detail: "Conversation not found." });
  });

  test("refused leaves status, room and metadata as they were", async () => {
    const talk = await start("ada");
    await setStatus(talk.id, "completed");
    const before = await app.db.conversation.findUnique({ where: { id: talk.id } });
    await resume(talk, "bob", undefined, { custom_metadata: { evil: true } });
    await resume(talk, "ada", undefined, { custom_metadata: { big: "x".repeat(17_000) } });
    expect(await app.db.conversation.findUnique({ where: { id: talk.id } })).toEqual(before);
  });
});

describe("custom_metadata on resume", () => {
  async function metadataOf(id: string): Promise<unknown> {
    return (await app.get(`/core/conversations/${id}`, organization.key)).body.custom_metadata;
  }

  test("is merged key by key: new keys join, given keys replace, others stay", async () => {
    const first = await app.begin(widget.id, {
      user_id: "ada",
      custom_metadata: { plan: "free", page: { path: "/a", tab: 1 }, kept: true },
    });
    const talk = talkOf(first);
    await resume(talk, "ada", talk.token, {
      custom_metadata: { plan: "pro", page: { path: "/b" }, added: null },
    });
    expect(await metadataOf(talk.id)).toEqual({
      plan: "pro",
      page: { path: "/b" },
      kept: true,
      added: null,
    });
  });

  test("without the conversation's key gets new keys, and keeps what it had", async () => {
    const first = await app.begin(widget.id, {
      user_id: "ada",
      custom_metadata: { plan: "free", page: { tab: 1 } },
    });
    const talk = talkOf(first);
    const namesake = await start("ada");
    for (const [index, token] of [undefined, namesake.token, "nonsense"].entries()) {
      await resume(talk, "ada", token, {
        custom_metadata: { plan: "forged", page: null, [`added${index}`]: true },
      });
    }
    expect(await metadataOf(talk.id)).toEqual({
      plan: "free",
      page: { tab: 1 },
      added0: true,
      added1: true,
      added2: true,
    });
  });

  test("cannot replace, remove or forge the feedback", async () => {
    const talk = await start("ada");
    expect((await giveFeedback(app, widget.id, talk.id, { rating: 5 })).status).toBe(200);
    await resume(talk, "ada", undefined, {
      custom_metadata: { feedback_form: { rating: 1 }, a: 1 },
    });
    expect(await metadataOf(talk.id)).toEqual({ a: 1, feedback_form: { rating: 5 } });
  });

  test("may have 16 KB in all, the feedback not counted", async () => {
    const talk = talkOf(
      await app.begin(widget.id, { user_id: "ada", custom_metadata: { a: "x".repeat(12_000) } }),
    );
    await giveFeedback(app, widget.id, talk.id, { comment: "y".repeat(12_000) });
    const more = await resume(talk, "ada", undefined, {
      custom_metadata: { b: "x".repeat(12_000) },
    });
    expect(more.status).toBe(422);
    const some = await resume(talk, "ada", undefined, {
      custom_metadata: { b: "x".repeat(3_000) },
    });
    expect(some.status).toBe(200);
  });
});

describe("two resumes at once", () => {
  test.runIf(onPostgres)("end with one current room, and the others deleted", async () => {
    for (let round = 0; round < 5; round += 1) {
      const talk = await start("ada");
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, index) =>
          resume(talk, "ada", undefined, { custom_metadata: { [`key${index}`]: index } }),
        ),
      );
      const rooms = answers.map((answer) => talkOf(answer).room);
      expect(new Set(rooms).size).toBe(4);
      const row = await app.db.conversation.findUniqueOrThrow({ where: { id: talk.id } });
      expect(rooms).toContain(row.currentRoom);
      expect(row.customMetadata).toEqual({ key0: 0, key1: 1, key2: 2, key3: 3 });
      const superseded = [talk.room, ...rooms].filter((room) => room !== row.currentRoom);
      expect(app.rooms.deleted).toEqual(expect.arrayContaining(superseded));
      expect(app.rooms.deleted).not.toContain(row.currentRoom);
    }
  });
});

describe("the visitor token of an unbound conversation", () => {
  test("opens its messages after a start", async () => {
    const talk = await start("ada");
    expect((await readMessages(app, widget.id, talk.id, talk.token)).status).toBe(200);
  });

  test("given by a resume without a token does not open messages", async () => {
    const talk = await start("ada");
    const resumed = talkOf(await resume(talk, "ada"));
    expect((await readMessages(app, widget.id, talk.id, resumed.token)).status).toBe(401);
    // Nor does resuming again with it.
    const again = talkOf(await resume(talk, "ada", resumed.token));
    expect((await readMessages(app, widget.id, talk.id, again.token)).status).toBe(401);
  });

  test("given by a resume with its token opens messages", async () => {
    const talk = await start("ada");
    const resumed = talkOf(await resume(talk, "ada", talk.token));
    expect((await readMessages(app, widget.id, talk.id, resumed.token)).status).toBe(200);
  });

  test("cannot be had for a stranger's messages by starting under the stranger's name", async () => {
    const victim = await start("victim");
    const attack = await start("victim");
    const resumed = talkOf(await resume(victim, "victim", attack.token));
    for (const token of [attack.token, resumed.token]) {
      expect((await readMessages(app, widget.id, victim.id, token)).status).toBe(401);
    }
  });

  test("is no key to resume by: a wrong one is as good as none", async () => {
    const talk = await start("ada");
    const other = await start("bob");
    const answer = await resume(talk, "ada", other.token);
    const resumed = talkOf(answer);
    expect((await readMessages(app, widget.id, talk.id, resumed.token)).status).toBe(401);
  });
});

describe("a bound conversation", () => {
  test("is resumed only with a token of its visitor", async () => {
    const talk = await startBound("ada");
    expect((await resume(talk, "ada")).status).toBe(401);
    const twin = await beginByGraphQL(app, widget.id, { userId: "ada", conversationId: talk.id });
    expect(codeOf(twin)).toBe("UNAUTHENTICATED");
    const bob = await start("bob");
    expect((await resume(talk, "ada", bob.token)).status).toBe(401);
    expect((await resume(talk, "ada", talk.token)).status).toBe(200);
  });

  test("is not resumed with another token of the same name: it has another key", async () => {
    const talk = await startBound("ada");
    const other = await startBound("ada");
    expect((await resume(talk, "ada", other.token)).status).toBe(401);
    expect(app.rooms.deleted).not.toContain(talk.room);
  });

  test("stays bound when it is resumed", async () => {
    const talk = await startBound("ada");
    await resume(talk, "ada", talk.token);
    expect((await resume(talk, "ada")).status).toBe(401);
  });

  test("opens its messages and takes feedback only with a token", async () => {
    const talk = await startBound("ada");
    expect((await readMessages(app, widget.id, talk.id)).status).toBe(401);
    expect((await readMessages(app, widget.id, talk.id, talk.token)).status).toBe(200);
    expect((await giveFeedback(app, widget.id, talk.id, { rating: 1 })).status).toBe(401);
    const given = await giveFeedback(app, widget.id, talk.id, { rating: 1 }, talk.token);
    expect(given.status).toBe(200);
  });
});

describe("a visitor token", () => {
  /** Whether a token still opens a bound conversation. */
  async function opens(talk: Talk, token: string): Promise<boolean> {
    const answer = await readMessages(app, widget.id, talk.id, token);
    expect([200, 401]).toContain(answer.status);
    return answer.status === 200;
  }

  test("is good for 24 hours and no longer", async () => {
    const talk = await startBound("ada");
    app.clock.forward(DAY - 60);
    expect(await opens(talk, talk.token)).toBe(true);
    app.clock.forward(61);
    expect(await opens(talk, talk.token)).toBe(false);
    expect((await resume(talk, "ada", talk.token)).status).toBe(401);
  });

  test("is renewed by the answers of resume and messages", async () => {
    const talk = await startBound("ada");
    app.clock.forward(DAY / 2);
    const read = await readMessages(app, widget.id, talk.id, talk.token);
    const resumed = talkOf(await resume(talk, "ada", talk.token));
    app.clock.forward(DAY / 2 + 1);
    expect(await opens(talk, talk.token)).toBe(false);
    expect(await opens(talk, read.body.visitor_token)).toBe(true);
    expect(await opens(talk, resumed.token)).toBe(true);
  });

  test("is renewed for at most 30 days", async () => {
    const talk = await startBound("ada");
    let token = talk.token;
    for (let day = 0; day < 29; day += 1) {
      app.clock.forward(DAY - 60);
      const read = await readMessages(app, widget.id, talk.id, token);
      expect(read.status).toBe(200);
      token = read.body.visitor_token;
    }
    app.clock.forward(DAY - 60);
    // Half an hour of the thirty days is left.
    const last = talkOf(await resume(talk, "ada", token)).token;
    app.clock.forward(29 * 60);
    expect(await opens(talk, last)).toBe(true);
    app.clock.forward(2 * 60);
    expect(await opens(talk, last)).toBe(false);
  });

  test("of another widget is none", async () => {
    const other = await app.widget(organization.key);
    const theirs = await startBound("ada", other.id);
    const talk = await startBound("ada");
    expect(await opens(talk, theirs.token)).toBe(false);
    expect((await resume(talk, "ada", theirs.token)).status).toBe(401);
  });

  test("of another visitor or another conversation opens no messages", async () => {
    const talk = await startBound("ada");
    expect(await opens(talk, (await startBound("bob")).token)).toBe(false);
    expect(await opens(talk, (await startBound("ada")).token)).toBe(false);
  });

  test("ends when the widget's tokens are revoked", async () => {
    const talk = await startBound("ada");
    const query = `mutation ($id: UUID!) { revokeVisitorTokens(input: { id: $id }) { widget { id } } }`;
    const revoked = await app.gql(query, { id: widget.id }, organization.key);
    expect(revoked.body.errors).toBeUndefined();
    expect(await opens(talk, talk.token)).toBe(false);
    expect((await resume(talk, "ada", talk.token)).status).toBe(401);
    const fresh = await startBound("ada");
    expect(await opens(fresh, fresh.token)).toBe(true);
  });

  test("tampered with, unsigned, foreign or of another purpose is none", async () => {
    const talk = await startBound("ada");
    const [header = "", payload = "", signature = ""] = talk.token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const encode = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const foreign = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode("another-secret-of-32-characters!!"));
    const secret = "an-app-secret-for-tests-only-0123456789abc";
    const signer = new SignedTokens(secret, app.clock.now);
    const raw = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(secret));
    expect(await opens(talk, await signer.sign("visitor", claims, claims.exp))).toBe(true);
    for (const token of [
      `${header}.${encode({ ...claims, exp: claims.exp + DAY })}.${signature}`,
      `${encode({ alg: "none" })}.${payload}.`,
      `${header}.${payload}.`,
      foreign,
      raw,
      await signer.sign("embed-ticket", claims, claims.exp),
      await signer.sign("job", claims, claims.exp),
      await app.ticket(widget.id),
      organization.key,
      "",
      "x",
    ]) {
      expect(await opens(talk, token), token).toBe(false);
    }
  });

  test("is never read from the address", async () => {
    const talk = await startBound("ada");
    for (const name of ["x-visitor-token", "visitor_token", "token", "access_token"]) {
      const answer = await app.get(
        `/core/public/web-widgets/${widget.id}/conversations/${talk.id}/messages?${name}=${talk.token}`,
      );
      expect(answer.status).toBe(401);
    }
  });

  test("reveals no messages through the list", async () => {
    const talk = await startBound("ada");
    const list = await listPublic(app, widget.id, { token: talk.token, query: "?limit=100" });
    expect(list.body.map((item: { id: string }) => item.id)).toContain(talk.id);
    expect(list.text).not.toMatch(/custom_metadata|summary|messages/);
  });
});
