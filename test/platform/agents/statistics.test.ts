import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { atCommandLine } from "../../../src/platform/audit/author.js";
import { BackupService } from "../../../src/platform/admin/backup.service.js";
import { ConversationStatus } from "../../../src/platform/database/enums.js";
import { TestApp } from "../../support/app.js";
import { recordStatements } from "../../support/statements.js";

const STATUSES = Object.values(ConversationStatus);
const CHANGES = 1000;
const AT_ONCE = 10;

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

type Counts = Record<string, number>;

/** The truth, from the conversations themselves. */
async function recount(of: TestApp, agentId: string): Promise<Counts> {
  const rows = await of.db.conversation.groupBy({
    by: ["status"],
    where: { agentId },
    _count: true,
  });
  return Object.fromEntries(rows.map((row) => [row.status, row._count]));
}

async function rolledUp(of: TestApp, agentId: string): Promise<Counts> {
  const rows = await of.db.conversationCount.findMany({ where: { agentId, count: { not: 0 } } });
  return Object.fromEntries(rows.map((row) => [row.status, row.count]));
}

async function statistics(of: TestApp, agentId: string, key: string): Promise<Counts> {
  const { body } = await of.get(`/core/agents/${agentId}`, key);
  const { total, by_status: byStatus } = body.conversation_statistics;
  expect(total).toBe(Object.values<number>(byStatus).reduce((sum, count) => sum + count, 0));
  return byStatus;
}

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("a thousand changes at once, an erasure and roll-ups between them leave the counts exact", async () => {
  const { key, id: organizationId } = await app.organization();
  const widgets = [await app.widget(key), await app.widget(key)];
  const random = numbers(42);
  const alive: string[] = [];

  const start = async (): Promise<void> => {
    const widget = widgets[random(widgets.length)];
    if (!widget) throw new Error("no widget");
    const id = randomUUID();
    const now = app.clock.now();
    await app.db.conversation.create({
      data: {
        id,
        organizationId,
        agentId: widget.agent_id,
        agentVersionId: widget.agent_version_id,
        webWidgetId: widget.id,
        direction: "inbound",
        channel: "webrtc",
        status: "token_created",
        userId: `visitor-${random(20)}`,
        customMetadata: {},
        bound: false,
        currentRoom: id,
        createdAt: now,
        updatedAt: now,
      },
    });
    alive.push(id);
  };
  const change = async (): Promise<void> => {
    const id = alive[random(alive.length)];
    const kind = random(10);
    if (id === undefined || kind < 4) return start();
    if (kind < 5) {
      alive.splice(alive.indexOf(id), 1);
      await app.db.conversation.deleteMany({ where: { id } });
    } else if (kind < 6) {
      await app.db.conversation.updateMany({ where: { id }, data: { userTurnCount: random(9) } });
    } else {
      const status = STATUSES[random(STATUSES.length)];
      if (!status) throw new Error("no status");
      await app.db.conversation.updateMany({ where: { id }, data: { status } });
    }
  };

  for (let done = 0; done < CHANGES; done += AT_ONCE) {
    const work = Array.from({ length: AT_ONCE }, change);
    if (done % 100 === 50) work.push(app.parley.counts.sweep(), app.parley.counts.sweep());
    if (done === CHANGES / 2) work.push(erase(organizationId, "visitor-7"));
    await Promise.all(work);
  }
  await erase(organizationId, "visitor-8");

  for (const { agent_id: agentId } of widgets) {
    const truth = await recount(app, agentId);
    expect(Object.keys(truth).length).toBeGreaterThan(4);
    expect(await statistics(app, agentId, key)).toEqual(truth);
  }
  await Promise.all(Array.from({ length: 4 }, () => app.parley.counts.sweep()));
  await app.parley.counts.sweep();
  expect(await app.db.conversationCountChange.count()).toBe(0);
  for (const { agent_id: agentId } of widgets) {
    const truth = await recount(app, agentId);
    expect(await rolledUp(app, agentId)).toEqual(truth);
    expect(await statistics(app, agentId, key)).toEqual(truth);
  }
}, 300_000);

async function erase(organizationId: string, userId: string): Promise<void> {
  expect(await app.parley.retention.erase(atCommandLine(organizationId), userId)).toBeGreaterThan(
    0,
  );
}

test("what a start and its end change is told at once, and without a look at the conversations", async () => {
  const { key } = await app.organization();
  const widget = await app.widget(key);
  const { conversation } = (await app.begin(widget.id, { user_id: "ada" })).body;
  expect(await statistics(app, widget.agent_id, key)).toEqual({ token_created: 1 });
  await app.parley.counts.sweep();
  await app.db.conversation.update({
    where: { id: conversation.id },
    data: { status: "completed" },
  });
  const read = await recordStatements(() => statistics(app, widget.agent_id, key));
  expect(read.result).toEqual({ completed: 1 });
  expect(read.statements.some(({ sql }) => sql.includes("conversation_counts"))).toBe(true);
  expect(read.statements.filter(({ sql }) => /\bconversations\b/.test(sql))).toEqual([]);
});

test("a change that is undone is not counted", async () => {
  const { key } = await app.organization();
  const widget = await app.widget(key);
  const { conversation } = (await app.begin(widget.id, { user_id: "ada" })).body;
  const undone = app.db.$transaction(async (tx) => {
    await tx.conversation.update({
      where: { id: conversation.id },
      data: { status: "in_progress" },
    });
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  expect(await statistics(app, widget.agent_id, key)).toEqual({ token_created: 1 });
});

test("the counts come back with a backup, whether or not they had been rolled up", async () => {
  const { key } = await app.organization();
  const widget = await app.widget(key);
  await app.begin(widget.id, { user_id: "ada" });
  await app.parley.counts.sweep();
  await app.begin(widget.id, { user_id: "bob" });
  const directory = await mkdtemp(join(tmpdir(), "parley-backup-"));
  const file = join(directory, "backup.gz");
  await new BackupService(app.db, () => new Date()).backup(file);

  const after = await TestApp.start();
  await new BackupService(after.db, () => new Date()).restore(file);
  await rm(directory, { recursive: true });
  expect(await statistics(after, widget.agent_id, key)).toEqual({ token_created: 2 });
  await after.parley.counts.sweep();
  expect(await rolledUp(after, widget.agent_id)).toEqual({ token_created: 2 });
  await after.stop();
}, 120_000);
