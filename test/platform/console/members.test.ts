import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { person, signedIn } from "../../support/console.js";

const MEMBERS =
  "query ($first: Int!, $after: String) { me { organization { members(first: $first, after: $after) { nodes { user { id email name } role } pageInfo { hasNextPage endCursor } } } } }";
const UPDATE =
  "mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { member { user { id } role } } }";
const REMOVE =
  "mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { removedUserId } }";
const VIEWER = "{ viewer { user { id } organizations { organization { id } role } } }";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

function code(answer: Answer): string | undefined {
  return answer.body.errors?.[0].extensions.code;
}

test("an administrator sees who belongs to the organization, page by page", async () => {
  const { id, key } = await app.organization();
  const people = [];
  for (const role of ["admin", "viewer", "viewer"] as const) {
    people.push({ ...(await person(app, { [id]: role })), role });
    app.clock.forward(1);
  }
  await person(app, { [(await app.organization()).id]: "admin" });
  const seen: unknown[] = [];
  let after: string | null = null;
  for (let page = 0; page < 2; page += 1) {
    const answer = await app.gql(MEMBERS, { first: 2, after }, key);
    const { nodes, pageInfo } = answer.body.data.me.organization.members;
    seen.push(...nodes);
    expect(pageInfo.hasNextPage).toBe(page === 0);
    after = pageInfo.endCursor;
  }
  expect(seen).toEqual(
    people.toReversed().map((one) => ({
      user: { id: one.id, email: one.email, name: "Ada" },
      role: one.role.toUpperCase(),
    })),
  );
  const [, viewer] = people;
  if (!viewer) throw new Error("nobody");
  const browser = await signedIn(app, viewer);
  expect(code(await browser.gql(MEMBERS, { first: 2 }, id))).toBe("FORBIDDEN");
});

test("a role that is lowered counts in the session that is open, and in personal tokens", async () => {
  const { id } = await app.organization();
  const [ada, bob] = [await person(app, { [id]: "admin" }), await person(app, { [id]: "admin" })];
  const [adas, bobs] = [await signedIn(app, ada), await signedIn(app, bob)];
  const input = { userId: bob.id, role: "VIEWER" };
  expect((await adas.gql(UPDATE, { input }, id)).body.data).toEqual({
    updateMember: { member: { user: { id: bob.id }, role: "VIEWER" } },
  });
  const [entry] = await app.db.auditEntry.findMany({ where: { subjectId: bob.id } });
  expect(entry).toMatchObject({
    action: "member.update",
    actorKind: "console_session",
    actorId: ada.id,
    via: "console",
    changes: [{ path: "role", before: "admin", after: "viewer" }],
  });
  const back = { userId: bob.id, role: "ADMIN" };
  expect(code(await bobs.gql(UPDATE, { input: back }, id))).toBe("FORBIDDEN");
  expect((await bobs.gql(VIEWER)).body.data.viewer.organizations).toEqual([
    { organization: { id }, role: "VIEWER" },
  ]);
});

test("who is removed is out at once: of the organization, and of the console when it was the last", async () => {
  const { id, key } = await app.organization();
  const { id: elsewhere } = await app.organization();
  const one = await person(app, { [id]: "viewer" });
  const two = await person(app, { [id]: "viewer", [elsewhere]: "viewer" });
  const [ones, twos] = [await signedIn(app, one), await signedIn(app, two)];
  for (const { id: userId } of [one, two]) {
    const answer = await app.gql(REMOVE, { input: { userId } }, key);
    expect(answer.body.data).toEqual({ removeMember: { removedUserId: userId } });
    expect(code(await app.gql(REMOVE, { input: { userId } }, key))).toBe("NOT_FOUND");
  }
  expect((await ones.gql(VIEWER)).body.data.viewer).toBeNull();
  expect((await twos.gql(VIEWER)).body.data.viewer.organizations).toEqual([
    { organization: { id: elsewhere }, role: "VIEWER" },
  ]);
  expect(code(await twos.gql("{ agents { nodes { id } } }", {}, id))).toBe("FORBIDDEN");
});

test("the last administrator can neither be lowered nor removed", async () => {
  const { id, key } = await app.organization();
  const ada = await person(app, { [id]: "admin" });
  await person(app, { [id]: "viewer" });
  const browser = await signedIn(app, ada);
  const lower = { userId: ada.id, role: "VIEWER" };
  expect(code(await browser.gql(UPDATE, { input: lower }, id))).toBe("CONFLICT");
  expect(code(await app.gql(REMOVE, { input: { userId: ada.id } }, key))).toBe("CONFLICT");
  const same = { userId: ada.id, role: "ADMIN" };
  expect((await browser.gql(UPDATE, { input: same }, id)).body.errors).toBeUndefined();
});

test("of administrators who lower and remove each other side by side one is left", async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id, key } = await app.organization();
    const admins = await Promise.all([1, 2, 3, 4].map(() => person(app, { [id]: "admin" })));
    const answers = await Promise.all(
      admins.map(({ id: userId }, at) =>
        at % 2 === 0
          ? app.gql(UPDATE, { input: { userId, role: "VIEWER" } }, key)
          : app.gql(REMOVE, { input: { userId } }, key),
      ),
    );
    expect(answers.map(code).filter((it) => it === "CONFLICT")).toHaveLength(1);
    const where = { organizationId: id, role: "admin" } as const;
    expect(await app.db.membership.count({ where })).toBe(1);
  }
});

test("a member of another organization, and nobody, are not found", async () => {
  const { key } = await app.organization();
  const theirs = await person(app, { [(await app.organization()).id]: "viewer" });
  for (const userId of [theirs.id, randomUUID()]) {
    const answer = await app.gql(UPDATE, { input: { userId, role: "ADMIN" } }, key);
    expect(answer.body.errors[0]).toMatchObject({
      message: "Member not found.",
      extensions: { code: "NOT_FOUND" },
    });
  }
});
