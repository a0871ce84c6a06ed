import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { BackupService } from "../../../src/platform/admin/backup.service.js";
import {
  embeddedHandle,
  openPostgres,
  type DatabaseHandle,
} from "../../../src/platform/database/client.js";
import { migrate } from "../../../src/platform/database/migrate.js";
import { SignedTokens } from "../../../src/platform/auth/signed-token.js";
import { OperatorError } from "../../../src/process/operator-error.js";
import { schemaDrift } from "../../../src/tooling/schema-engine.js";
import { APP_SECRET, TestApp } from "../../support/app.js";
import { cloneDatabaseUrl, onPostgres } from "../../support/database.js";
import { publicPath, readMessages, withToken } from "../../support/visitor.js";

/** What each release left behind: its last migration, and a backup that it wrote. */
const RELEASES = [{ version: "0.1.0", lastMigration: "20261121000000_init" }] as const;
const KEY = "ak_release010.only-for-the-migration-test-0000000";
const CONVERSATION = "00000000-0000-4000-8000-000000000004";

let open: DatabaseHandle | undefined;
afterEach(() => open?.close());

async function emptyDatabase(): Promise<DatabaseHandle> {
  if (onPostgres) return openPostgres(await cloneDatabaseUrl({ empty: true }));
  const { PGlite } = await import("@electric-sql/pglite");
  const { pg_trgm } = await import("@electric-sql/pglite/contrib/pg_trgm");
  return embeddedHandle(await PGlite.create({ extensions: { pg_trgm } }));
}

test.each(RELEASES)(
  "the database of release $version opens with this code, with everything in it",
  async (release) => {
    open = await emptyDatabase();
    await migrate(open, release.lastMigration);
    const fixture = fileURLToPath(
      new URL(`fixtures/release-${release.version}.backup.gz`, import.meta.url),
    );
    // The log of a restore is younger than this database.
    const backups = new BackupService(open.db, () => new Date());
    expect(await open.db.$transaction((tx) => backups.load(tx, fixture))).toBe(11);
    await migrate(open);
    // Prisma's adapter cannot describe a PostgreSQL database; test/structure compares those otherwise.
    if (!onPostgres) expect(await schemaDrift(open)).toBe("");

    const app = await TestApp.start({ database: open });
    const read = await app.get(`/core/conversations/${CONVERSATION}`, KEY);
    expect(read.body).toMatchObject({
      status: "completed",
      duration: 42,
      user_turn_count: 1,
      custom_metadata: { plan: "pro", feedback_form: { rating: 5 } },
      created_at: "2026-11-21T09:00:04.000Z",
    });
    expect(read.body.conversation.messages.map((turn: { text: string }) => turn.text)).toEqual([
      "Hello!",
      "Grüß dich 💬",
    ]);
    expect(read.body).toMatchObject({ user_verified: false, identity_metadata: null });
    const agent = await app.get(`/core/agents/${read.body.agent_id}`, KEY);
    expect(agent.body.conversation_statistics).toEqual({ total: 1, by_status: { completed: 1 } });
    const [widget] = (await app.get("/core/web-widgets", KEY)).body;
    expect(widget).toMatchObject({
      domains: ["https://example.com"],
      config: { v1: { theme: "dark", kept: { as: "sent" } } },
    });
    const started = await app.begin(
      widget.id,
      { user_id: "guest_new" },
      { origin: "https://example.com" },
    );
    expect(started.status).toBe(200);
    // A visitor token of then, which had no key, opens its own conversation.
    const { tokenGeneration } = await open.db.widget.findUniqueOrThrow({
      where: { id: widget.id },
    });
    const now = Math.floor(app.clock.now().getTime() / 1000);
    const older = await new SignedTokens(APP_SECRET, app.clock.now).sign(
      "visitor",
      {
        w: widget.id,
        u: read.body.user_id,
        c: CONVERSATION,
        g: tokenGeneration,
        s: now,
        m: true,
      },
      now + 600,
    );
    expect((await readMessages(app, widget.id, CONVERSATION, older)).status).toBe(200);
    const { visitor_token: stranger } = started.body;
    expect((await readMessages(app, widget.id, CONVERSATION, stranger)).status).toBe(401);
    // The types of columns are newer than the connection, as in a first start.
    const logout = `${publicPath(widget.id)}/logout`;
    const ended = await app.post(logout, undefined, undefined, withToken(older));
    expect(ended.status, ended.text).toBe(200);
    await app.stop({ keepDatabase: true });
  },
);

test("a restore of something else leaves the database empty", async () => {
  open = await emptyDatabase();
  await migrate(open);
  await expect(
    new BackupService(open.db, () => new Date()).restore(fileURLToPath(import.meta.url)),
  ).rejects.toThrow();
  expect(await open.db.organization.count()).toBe(0);
});

describe("a migration", () => {
  test("that fails half way leaves nothing of itself, and is applied when its cause is gone", async () => {
    open = await emptyDatabase();
    await failHalfWay(open);
    const added = await open.db.$queryRaw`
      SELECT 1 FROM information_schema.columns WHERE column_name = 'opens_transcript'`;
    expect(added).toEqual([]);
    expect(await migrate(open)).toBeGreaterThan(0);
    expect(await migrate(open)).toBe(0);
    expect(await open.db.conversationRoom.count({ where: { opensTranscript: true } })).toBe(0);
  });

  test.each([
    [
      "migration_name = '29990101000000_later'",
      /^This database is of a newer release: it has the migration \S+_later[^\n]+$/,
    ],
    ["checksum = repeat('0', 64)", /^The file of the migration \S+ was changed [^\n]+$/],
  ])("that this release has otherwise (%s) is refused in a sentence", async (change, sentence) => {
    open = await emptyDatabase();
    await migrate(open);
    const [last] = await open.db.$queryRaw<{ name: string }[]>`
      SELECT max(migration_name) AS name FROM _prisma_migrations`;
    await open.db.$executeRawUnsafe(
      `UPDATE _prisma_migrations SET ${change} WHERE migration_name = $1`,
      last?.name,
    );
    const refused: unknown = await migrate(open).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OperatorError);
    expect(refused).toMatchObject({ message: expect.stringMatching(sentence) });
  });

  test("that an earlier release's engine began and did not end was undone, and is applied", async () => {
    open = await emptyDatabase();
    await migrate(open, RELEASES[0].lastMigration);
    await open.db.$executeRaw`
      INSERT INTO _prisma_migrations (id, checksum, migration_name)
      VALUES ('begun', 'of then', '20261121120000_transcripts_and_sweeps')`;
    expect(await migrate(open)).toBeGreaterThan(0);
    const rows = await open.db.$queryRaw<unknown[]>`
      SELECT rolled_back_at IS NOT NULL AS undone FROM _prisma_migrations
      WHERE migration_name = '20261121120000_transcripts_and_sweeps' ORDER BY started_at`;
    expect(rows).toEqual([{ undone: true }, { undone: false }]);
  });

  test.runIf(onPostgres)("waits for another's, also of Prisma's own tools", async () => {
    open = openPostgres(await cloneDatabaseUrl({ empty: true }));
    const { db } = open;
    // What it makes before its first migration is there already.
    await db.$executeRaw`CREATE EXTENSION pg_trgm`;
    let waiting: Promise<number> | undefined;
    await db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(72707369)`;
      waiting = open && migrate(open);
      await vi.waitFor(async () => {
        const rows = await tx.$queryRaw<unknown[]>`
          SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
        expect(rows).toHaveLength(1);
      }, 10_000);
    });
    expect(await waiting).toBeGreaterThan(0);
    expect(await migrate(open)).toBe(0);
  });

  test("is recorded as Prisma's command line records it", async () => {
    open = await emptyDatabase();
    await migrate(open);
    const rows = await open.db.$queryRaw<{ name: string; checksum: string; whole: boolean }[]>`
      SELECT migration_name AS name, checksum,
        finished_at IS NOT NULL AND rolled_back_at IS NULL AND applied_steps_count = 1 AS whole
      FROM _prisma_migrations ORDER BY started_at`;
    expect(rows.length).toBeGreaterThan(1);
    for (const { name, checksum, whole } of rows) {
      const path = new URL(`../../../prisma/migrations/${name}/migration.sql`, import.meta.url);
      const hash = createHash("sha256").update(await readFile(path));
      expect({ checksum, whole }, name).toEqual({ checksum: hash.digest("hex"), whole: true });
    }
  });

  test.runIf(onPostgres)(
    "that was interrupted is applied once, when several start at once",
    async () => {
      const url = await cloneDatabaseUrl({ empty: true });
      open = openPostgres(url);
      await failHalfWay(open);
      const others = [1, 2, 3].map(() => openPostgres(url));
      await Promise.all(others.map((handle) => migrate(handle)));
      await Promise.all(others.map((handle) => handle.close()));
      const rows = await open.db.$queryRaw<{ name: string }[]>`
        SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL`;
      expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
      expect(await migrate(open)).toBe(0);
    },
  );
});

/** The second migration adds a column first and an index of this name last. */
async function failHalfWay(handle: DatabaseHandle): Promise<void> {
  await migrate(handle, RELEASES[0].lastMigration);
  await handle.db.$executeRaw`CREATE INDEX "conversations_status_id_idx" ON "turns" ("id")`;
  const failed: unknown = await migrate(handle).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(OperatorError);
  expect(String(failed)).toMatch(
    /The migration \S+ failed and left nothing of itself: [^\n]+"conversations_status_id_idx" already exists\.$/,
  );
  await handle.db.$executeRaw`DROP INDEX "conversations_status_id_idx"`;
}
