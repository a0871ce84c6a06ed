import { afterAll, beforeAll, expect, test } from "vitest";
import { OperatorService } from "../../../src/platform/admin/operator.service.js";
import { RetentionService } from "../../../src/platform/conversations/retention.service.js";
import type { DatabaseHandle } from "../../../src/platform/database/client.js";
import { AppError } from "../../../src/platform/errors.js";
import { NO_ROOMS } from "../../../src/platform/livekit/rooms.js";
import { InviteService } from "../../../src/platform/people/invite.service.js";
import { cloneDatabase } from "../../support/database.js";

let database: DatabaseHandle;
let operator: OperatorService;
beforeAll(async () => {
  database = await cloneDatabase();
  const { db } = database;
  const now = (): Date => new Date();
  operator = new OperatorService(
    db,
    new RetentionService(db, NO_ROOMS, now),
    now,
    new InviteService(db, "https://parley.example/chat", now),
  );
});
afterAll(() => database.close());

test.each([
  ["organizations", () => operator.createOrganization("Acme", "acme"), /organization acme already/],
  ["users", () => operator.createUser("ada@example.com", "Ada"), /address already: [\da-f-]{36}/],
])("of several who make the same one at once, all but one are told: %s", async (_, make, told) => {
  const made = await Promise.allSettled([make(), make(), make()]);
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const result of made) {
    if (result.status === "fulfilled") continue;
    expect(result.reason).toBeInstanceOf(AppError);
    expect(result.reason).toMatchObject({ code: "conflict", message: expect.stringMatching(told) });
  }
});

test("an organization's limits are the operator's to set, as high as they like", async () => {
  const id = await operator.createOrganization("Limited");
  await operator.setLimits(id, { concurrent_talks: 9_000 });
  const { limits } = await database.db.organization.findUniqueOrThrow({ where: { id } });
  expect(limits).toEqual({ concurrent_talks: 9_000 });
  await expect(operator.setLimits(id, { talk_turns: 0 })).rejects.toMatchObject({
    code: "invalid",
    fields: [{ path: "limits.talk_turns" }],
  });
  await expect(operator.setLimits("nobody", {})).rejects.toMatchObject({ code: "not_found" });
});

test("each write leaves an entry of its own, and what changes nothing leaves none", async () => {
  const id = await operator.createOrganization("Audited");
  const userId = await operator.createUser("eve@example.com", "Eve Example");
  await operator.addMember(id, userId, "viewer");
  await operator.addMember(id, userId, "viewer");
  await operator.addMember(id, "eve@example.com", "admin");
  await operator.setRetention(id, 30);
  await operator.setRetention(id, 30);
  await operator.setLimits(id, { talk_turns: 5 });
  const secret = await operator.createKey(id, { name: "shop", scopes: [], expiresAt: undefined });
  const keyId = secret.slice("ak_".length).split(".")[0] ?? "";
  await operator.revokeKey(keyId);
  await operator.revokeKey(keyId);
  expect(await operator.eraseVisitor(id, "nobody")).toBe(0);
  await expect(operator.setRetention("nobody", 1)).rejects.toMatchObject({ code: "not_found" });
  await expect(operator.revokeKey("nobody")).rejects.toMatchObject({ code: "not_found" });

  const entries = (await operator.listAudit(id, 50)).toReversed();
  expect(entries.map(({ action, subjectId }) => [action, subjectId])).toEqual([
    ["organization.create", id],
    ["member.add", userId],
    ["member.update", userId],
    ["organization.update", id],
    ["organization.update", id],
    ["api_key.create", keyId],
    ["api_key.revoke", keyId],
  ]);
  for (const entry of entries) {
    expect(entry).toMatchObject({ actorKind: "command_line", via: "command_line", actorId: null });
  }
  expect(entries[2]?.changes).toEqual([{ path: "role", before: "viewer", after: "admin" }]);
  expect(entries[3]?.changes).toEqual([{ path: "retentionDays", before: null, after: 30 }]);
  expect(entries[4]?.changes).toEqual([{ path: "limits.talk_turns", before: null, after: 5 }]);
  expect(await operator.listAudit(id, 2)).toHaveLength(2);
  await expect(operator.listAudit("nobody", 2)).rejects.toMatchObject({ code: "not_found" });
  const text = JSON.stringify(entries);
  for (const hidden of ["eve@example.com", "Eve Example", secret.split(".")[1]]) {
    expect(text).not.toContain(hidden);
  }
});

test("what concerns the whole installation is told apart, without names", async () => {
  const userId = await operator.createUser("ida@example.com", "Ida Example");
  const text = await operator.createPersonalToken(userId, { name: "cli", expiresAt: undefined });
  const tokenId = text.slice("pat_".length).split(".")[0] ?? "";
  await operator.revokePersonalToken(tokenId);
  await operator.revokePersonalToken(tokenId);
  const entries = (await operator.listAudit(null, 3)).toReversed();
  expect(entries.map(({ action, subjectId }) => [action, subjectId])).toEqual([
    ["user.create", userId],
    ["personal_token.create", tokenId],
    ["personal_token.revoke", tokenId],
  ]);
  const stored = JSON.stringify(entries);
  for (const hidden of ["ida@example.com", "Ida Example", text.split(".")[1]]) {
    expect(stored).not.toContain(hidden);
  }
});

test("people get in by links of the operator's, whose token stands behind the hash alone", async () => {
  const LINK = /^https:\/\/parley\.example\/chat\/console\/link#[\w-]{43}$/;
  const id = await operator.createOrganization("Invited");
  expect(await operator.inviteUser(id, "Bob@Example.com", "admin")).toMatch(LINK);
  const [invitation] = await database.db.invitation.findMany({ where: { organizationId: id } });
  expect(invitation).toMatchObject({ email: "bob@example.com", role: "admin" });
  const nowhere = operator.inviteUser("nobody", "bob@example.com", "admin");
  await expect(nowhere).rejects.toMatchObject({ code: "not_found" });

  // Whatever they belong to.
  const userId = await operator.createUser("fay@example.com", "Fay");
  await operator.addMember(id, userId, "viewer");
  await operator.addMember(await operator.createOrganization("Other"), userId, "viewer");
  expect(await operator.resetPassword("fay@example.com")).toMatch(LINK);
  await expect(operator.resetPassword("nobody@example.com")).rejects.toMatchObject({
    code: "not_found",
  });
  const [invited] = await operator.listAudit(id, 50).then((all) => all.slice(-2));
  expect(invited).toMatchObject({ action: "invitation.create", subjectId: invitation?.id });
  const [reset] = await operator.listAudit(null, 1);
  expect(reset).toMatchObject({ action: "member.create_reset_link", subjectId: userId });
});
