import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Transaction } from "../../../src/platform/database/client.js";
import { stopVisits } from "../../../src/platform/widgets/visit-lock.js";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { recordStatements, type Statement } from "../../support/statements.js";
import { feedbackConfig, giveFeedback, readMessages, withToken } from "../../support/visitor.js";

let app: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
});
afterAll(() => app.stop());

/** What a start is decided by changes while it is on its way: `change` is committed when it waits. */
async function meanwhile(
  widgetId: string,
  call: () => Promise<Answer>,
  change: (tx: Transaction) => Promise<unknown>,
): Promise<Answer> {
  // Read before the change, as by an instance that has not heard of it.
  await app.get(`/core/public/web-widgets/${widgetId}`);
  let answer: Promise<Answer> | undefined;
  await app.db.$transaction(async (tx) => {
    await stopVisits(tx, widgetId);
    answer = call();
    while (!(await someoneWaits())) await sleep(5);
    await change(tx);
  });
  if (!answer) throw new Error("nothing was called");
  return answer;
}

async function someoneWaits(): Promise<boolean> {
  const rows = await app.db.$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return rows.length > 0;
}

describe.runIf(onPostgres)("a start that waits for its widget's owner", () => {
  const unpublish = (id: string) => (tx: Transaction) =>
    tx.widget.update({ where: { id }, data: { published: false } });

  test("makes nothing once the widget is unpublished or deleted", async () => {
    for (const data of [{ published: false }, { deletedAt: new Date() }]) {
      const { id } = await app.widget(organization.key);
      const answer = await meanwhile(
        id,
        () => app.begin(id, { user_id: "ada" }),
        (tx) => tx.widget.update({ where: { id }, data }),
      );
      expect(answer.status).toBe(404);
      expect(await app.db.conversation.count({ where: { webWidgetId: id } })).toBe(0);
    }
  });

  test("resumes nothing then either", async () => {
    const { id } = await app.widget(organization.key);
    const { body } = await app.begin(id, { user_id: "ada" });
    const { id: talk } = body.conversation;
    const before = await app.db.conversation.findUniqueOrThrow({ where: { id: talk } });
    const again = { user_id: "ada", conversation_id: talk };
    const answer = await meanwhile(id, () => app.begin(id, again), unpublish(id));
    expect(answer.status).toBe(404);
    expect(await app.db.conversation.findUnique({ where: { id: talk } })).toEqual(before);
    expect(await app.db.conversationRoom.count({ where: { conversationId: talk } })).toBe(1);
  });

  test("resumes a conversation as it is by then", async () => {
    const { id } = await app.widget(organization.key);
    const { body } = await app.begin(id, { user_id: "ada" });
    const { id: talk } = body.conversation;
    const again = { user_id: "ada", conversation_id: talk, custom_metadata: { ours: 1 } };
    const answer = await meanwhile(
      id,
      () => app.begin(id, again),
      (tx) =>
        tx.conversation.update({ where: { id: talk }, data: { customMetadata: { theirs: 2 } } }),
    );
    expect(answer.status).toBe(200);
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id: talk } });
    expect(row.customMetadata).toEqual({ ours: 1, theirs: 2 });
  });

  test("is decided anew by what the owner has written", async () => {
    const { id } = await app.widget(organization.key);
    const answer = await meanwhile(
      id,
      () => app.begin(id, { user_id: "ada" }),
      (tx) => tx.widget.update({ where: { id }, data: { strict: true, updatedAt: new Date() } }),
    );
    // Strict refuses who has no Origin.
    expect(answer.status).toBe(403);
  });

  test("has a token of the generation that a revocation has made", async () => {
    const { id } = await app.widget(organization.key);
    const { status, body } = await meanwhile(
      id,
      () => app.begin(id, { user_id: "ada" }),
      (tx) => tx.widget.update({ where: { id }, data: { tokenGeneration: { increment: 1 } } }),
    );
    expect(status).toBe(200);
    const read = await readMessages(app, id, body.conversation.id, body.visitor_token);
    expect(read.status).toBe(200);
  });

  test("with a key that a logout ends goes on with a new one, and a resume with none", async () => {
    const { id } = await app.widget(organization.key, { config: feedbackConfig() });
    const ticket = async (): Promise<Record<string, string>> => ({
      "x-embed-ticket": await app.ticket(id),
    });
    for (const resumes of [false, true]) {
      const { body: first } = await app.begin(id, { user_id: "ada" }, await ticket());
      const { id: talk } = first.conversation;
      const { visitorKeyHash } = await app.db.conversation.findUniqueOrThrow({
        where: { id: talk },
      });
      if (!visitorKeyHash) throw new Error("a start without a key");
      const headers = { ...(resumes ? {} : await ticket()), ...withToken(first.visitor_token) };
      const answer = await meanwhile(
        id,
        () =>
          app.begin(id, { user_id: "ada", ...(resumes ? { conversation_id: talk } : {}) }, headers),
        (tx) =>
          tx.endedVisitorKey.create({ data: { keyHash: visitorKeyHash, endedAt: new Date() } }),
      );
      expect(answer.status).toBe(resumes ? 401 : 200);
      if (resumes) continue;
      const opened = await readMessages(app, id, talk, answer.body.visitor_token);
      expect(opened.status).toBe(401);
      const { conversation, visitor_token: token } = answer.body;
      expect((await readMessages(app, id, conversation.id, token)).status).toBe(200);
    }
  });

  test("sees a change of the row itself, by whoever has not taken the visits' lock", async () => {
    const { id } = await app.widget(organization.key);
    await app.get(`/core/public/web-widgets/${id}`);
    let answer: Promise<Answer> | undefined;
    await app.db.$transaction(async (tx) => {
      await unpublish(id)(tx);
      answer = app.begin(id, { user_id: "ada" });
      while (!(await someoneWaits())) await sleep(5);
    });
    expect((await answer)?.status).toBe(404);
    expect(await app.db.conversation.count({ where: { webWidgetId: id } })).toBe(0);
  });

  test("is no stream that keeps the owner out", async () => {
    const { id } = await app.widget(organization.key);
    const crowd = new AbortController();
    const visitors = Array.from({ length: 20 }, async () => {
      while (!crowd.signal.aborted) await app.begin(id, { user_id: "ada" });
    });
    const path = `/core/web-widgets/${id}`;
    const answers = [
      await app.put(path, { config: { v1: { theme: "dark" } } }, organization.key),
      await app.put(`${path}/security`, { identity: "optional" }, organization.key),
      await app.put(path, { published: false }, organization.key),
    ];
    crowd.abort();
    await Promise.all(visitors);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    // Every conversation that was made had its room closed.
    const rows = await app.db.conversation.findMany({ where: { webWidgetId: id } });
    expect(rows.length).toBeGreaterThan(0);
    const deleted = new Set(app.rooms.deleted);
    expect(rows.filter((row) => !deleted.has(row.currentRoom))).toEqual([]);
  });
});

/** Beside them a second's memory is refreshed: the widget, the workers. */
function ofConversations(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter(({ sql }) => !/"workers"|"widgets"|"agents"|"agent_versions"/.test(sql));
}

describe("what a visitor writes costs few statements:", () => {
  test("a start one, a resume two, and feedback one", async () => {
    const { id } = await app.widget(organization.key, { config: feedbackConfig() });
    const headers = async (): Promise<Record<string, string>> => ({
      "x-embed-ticket": await app.ticket(id),
      "idempotency-key": crypto.randomUUID(),
    });
    await app.begin(id, { user_id: "ada" });
    const [plain, embedded] = [{}, await headers()];
    for (const sent of [plain, embedded]) {
      const started = await recordStatements(() => app.begin(id, { user_id: "ada" }, sent));
      expect(started.result.status).toBe(200);
      expect(ofConversations(started.statements).map(({ sql }) => sql)).toHaveLength(1);
      const { conversation, visitor_token: token } = started.result.body;
      const again = { user_id: "ada", conversation_id: conversation.id };
      const resumed = await recordStatements(() => app.begin(id, again, withToken(token)));
      expect(resumed.result.status).toBe(200);
      expect(ofConversations(resumed.statements).map(({ sql }) => sql)).toHaveLength(2);
      const given = await recordStatements(() =>
        giveFeedback(app, id, conversation.id, { rating: 1 }, token),
      );
      expect(given.result.status).toBe(200);
      expect(ofConversations(given.statements).map(({ sql }) => sql)).toHaveLength(1);
    }
  });
});
