import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BackupService } from "../../../src/platform/admin/backup.service.js";
import { TestApp } from "../../support/app.js";
import { makeWebsite, signIdentity } from "../../support/identity.js";
import { publicPath, readMessages, withToken } from "../../support/visitor.js";

test("visitors' rights come back with a backup: keys, proofs, what was ended and what was used up", async () => {
  const directory = await mkdtemp(join(tmpdir(), "parley-backup-"));
  const before = await TestApp.start();
  const { key, id: organizationId } = await before.organization();
  const site = await makeWebsite(before, key);
  const { id: widgetId } = site.widget;
  const sign = (claims: object): Promise<string> =>
    signIdentity(before, site.secret, { sub: "ada", ...claims });
  const used = await sign({ jti: "once", metadata: { plan: "pro" } });
  const begin = async (app: TestApp, identity: string): Promise<{ id: string; token: string }> => {
    const { body, status } = await app.begin(widgetId, {
      user_id: "ada",
      identity_token: identity,
    });
    expect(status).toBe(200);
    return { id: body.conversation.id, token: body.visitor_token };
  };
  const kept = await begin(before, used);
  const ended = await begin(before, await sign({}));
  const logout = `${publicPath(widgetId)}/logout`;
  await before.post(logout, undefined, undefined, withToken(ended.token));
  const file = join(directory, "backup.gz");
  await new BackupService(before.db, () => new Date()).backup(file);
  const told = await before.db.auditEntry.findMany({ orderBy: { id: "asc" } });
  expect(told.map(({ action }) => action)).toContain("widget.create");
  await before.stop();

  const after = await TestApp.start();
  await new BackupService(after.db, () => new Date()).restore(file);
  await rm(directory, { recursive: true });
  const [restore, ...others] = await after.db.auditEntry.findMany({
    orderBy: [{ organizationId: { sort: "desc", nulls: "first" } }, { id: "asc" }],
  });
  expect(restore).toMatchObject({ action: "installation.restore", via: "command_line" });
  expect(others).toEqual(told);
  expect((await after.get(`/core/conversations/${kept.id}`, key)).body).toMatchObject({
    organization_id: organizationId,
    user_verified: true,
    identity_metadata: { plan: "pro" },
  });
  expect((await readMessages(after, widgetId, kept.id, kept.token)).status).toBe(200);
  expect((await readMessages(after, widgetId, ended.id, ended.token)).status).toBe(401);
  const again = { user_id: "ada", identity_token: used };
  expect((await after.begin(widgetId, again)).status).toBe(401);
  const fresh = await begin(after, await sign({}));
  expect((await readMessages(after, widgetId, kept.id, fresh.token)).status).toBe(200);
  await after.stop();
}, 120_000);
