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

test("people get in by links of the operator's, whose token stands behind the hash alone", async () => {
  const LINK = /^https:\/\/parley\.example\/chat\/console\/link#[\w-]{43}$/;
  const id = await operator.createOrganization("Invited");
  expect(await operator.inviteUser(id, "Bob@Example.com", "admin")).toMatch(LINK);
  const [invitation] = await database.db.invitation.findMany({ where: { organizationId: id } });
  expect(invitation).toMatchObject({ email: "bob@example.com", role: "admin" });
  const nowhere = operator.inviteUser("nobody", "bob@example.com", "admin");
  await expect(nowhere).rejects.toMatchObject({ code: "not_found" });

  // Whatever they belong to.
  const userId = await operator.createUser("eve@example.com", "Eve");
  await operator.addMember(id, userId, "viewer");
  await operator.addMember(await operator.createOrganization("Other"), userId, "viewer");
  expect(await operator.resetPassword("eve@example.com")).toMatch(LINK);
  await expect(operator.resetPassword("nobody@example.com")).rejects.toMatchObject({
    code: "not_found",
  });
});
