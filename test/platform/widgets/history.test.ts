import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAX_REVISIONS } from "../../../src/platform/widgets/record-revision.js";
import { TestApp, type Answer } from "../../support/app.js";
import { recordStatements } from "../../support/statements.js";
import { makeWorld, type World } from "../../support/world.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const REVISIONS = `query ($id: UUID!, $first: Int! = 20, $after: String) {
  widget(id: $id) { revisions(first: $first, after: $after) {
    nodes { number at actor { kind id credentialId name } changes { path before after } domains published config agentId agentVersionId }
    pageInfo { hasNextPage endCursor }
  } }
}`;
const DRAFT = `fragment D on WidgetDraft { id agentId agentVersionId domains published config basedOn actor { kind id name } }`;
const SAVE = `mutation ($input: SaveWidgetDraftInput!) { saveWidgetDraft(input: $input) { draft { ...D } } } ${DRAFT}`;
const READ = `query ($id: UUID!) { widget(id: $id) { draft { ...D } } } ${DRAFT}`;
const DISCARD = `mutation ($id: UUID!) { discardWidgetDraft(input: { id: $id }) { widgetId } }`;
const BACK = `mutation ($id: UUID!, $revision: Int!) {
  rollBackWidget(input: { id: $id, revision: $revision }) { widget { domains published config } }
}`;

// oxlint-disable-next-line typescript/no-explicit-any
type Node = any;

async function page(
  { key, widgetId }: Pick<World, "key" | "widgetId">,
  variables: object = {},
): Promise<{ nodes: Node[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }> {
  const answer = await app.gql(REVISIONS, { id: widgetId, ...variables }, key);
  expect(answer.body.errors).toBeUndefined();
  return answer.body.data.widget.revisions;
}

const revisions = async (world: World): Promise<Node[]> => (await page(world)).nodes;
const numbers = async (world: World): Promise<number[]> =>
  (await revisions(world)).map(({ number }) => number);

function put({ widgetId, key }: World, body: object): Promise<Answer> {
  return app.put(`/core/web-widgets/${widgetId}`, body, key);
}

function save({ widgetId, key }: World, fields: object, as = key): Promise<Answer> {
  return app.gql(SAVE, { input: { id: widgetId, ...fields } }, as);
}

async function draftOf({ widgetId, key }: World): Promise<Node> {
  return (await app.gql(READ, { id: widgetId }, key)).body.data.widget.draft;
}

function rollBack({ widgetId, key }: World, revision: number, as = key): Promise<Answer> {
  return app.gql(BACK, { id: widgetId, revision }, as);
}

const codeOf = (answer: Answer): string => answer.body.errors[0].extensions.code;

describe("a save of a widget", () => {
  test("leaves a revision: who, when, what has changed, and what it is then", async () => {
    const world = await makeWorld(app);
    const { organizationId, agentId, versionId, keyId } = world;
    const token = await app.personalToken(organizationId, "admin");
    const body = { domains: ["a.example"], config: { v1: { theme: "dark" } } };
    const headers = { "x-anyreach-org": organizationId };
    const path = `/core/web-widgets/${world.widgetId}`;
    expect((await app.call("PUT", path, { key: token, body, headers })).status).toBe(200);
    const [second, first, ...others] = await revisions(world);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ number: 1, actor: { kind: "API_KEY", id: keyId }, domains: [] });
    expect(second).toMatchObject({
      number: 2,
      at: expect.stringMatching(/Z$/),
      actor: { kind: "PERSONAL_TOKEN", name: "Test" },
      domains: ["https://a.example"],
      published: true,
      config: { v1: { theme: "dark" } },
      agentId,
      agentVersionId: versionId,
    });
    expect(second.changes).toContainEqual({
      path: "domains",
      before: [],
      after: ["https://a.example"],
    });
    expect(second.changes).toContainEqual({ path: "config.v1.theme", before: null, after: "dark" });
  });

  test("that changes nothing, or fails, leaves none", async () => {
    const world = await makeWorld(app);
    await put(world, { published: true });
    expect((await put(world, { config: { v1: { theme: "pink" } } })).status).toBe(422);
    expect(await numbers(world)).toEqual([1]);
  });

  test("of a widget from before revisions leaves what it was, too", async () => {
    const world = await makeWorld(app);
    await app.db.widgetRevision.deleteMany({ where: { widgetId: world.widgetId } });
    await put(world, { domains: ["a.example"] });
    const [second, first] = await revisions(world);
    expect(first).toMatchObject({ number: 1, actor: null, changes: [], domains: [] });
    expect(second).toMatchObject({ number: 2, domains: ["https://a.example"] });
  });

  test("leaves the last 200, a page at a time, newest first", async () => {
    const world = await makeWorld(app);
    const row = await app.db.widgetRevision.findFirstOrThrow({
      where: { widgetId: world.widgetId },
    });
    await app.db.widgetRevision.createMany({
      data: Array.from({ length: MAX_REVISIONS - 1 }, (_, index) => ({
        ...row,
        id: randomUUID(),
        number: index + 2,
        changes: [],
        config: {},
        createdAt: new Date(row.createdAt.getTime() + index + 1),
      })),
    });
    await put(world, { domains: ["a.example"] });
    const found: number[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo } = await page(world, { first: 70, after });
      found.push(...nodes.map(({ number }) => number));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(found).toEqual(Array.from({ length: MAX_REVISIONS }, (_, n) => MAX_REVISIONS + 1 - n));
  });

  test("of many at once leaves each a number of its own", async () => {
    const world = await makeWorld(app);
    const domains = ["a.example", "b.example", "c.example", "d.example"];
    await Promise.all(domains.map((domain) => put(world, { domains: [domain] })));
    expect(await numbers(world)).toEqual([5, 4, 3, 2, 1]);
  });
});

describe("a save that names the revision that it was made from", () => {
  test("is made while nobody has saved what it gives", async () => {
    const world = await makeWorld(app);
    const [{ number }] = await revisions(world);
    const config = { v1: { theme: "dark" } };
    expect((await put(world, { config, based_on: number })).status).toBe(200);
    // What it leaves as it is may have changed meanwhile.
    await put(world, { domains: ["shop.example"] });
    const again = { config: { v1: { theme: "light" } }, based_on: number + 1 };
    expect((await put(world, again)).status).toBe(200);
    expect(await numbers(world)).toHaveLength(4);
  });

  test("is refused, and leaves nothing, once somebody has", async () => {
    const world = await makeWorld(app);
    const [{ number }] = await revisions(world);
    await put(world, { config: { v1: { theme: "dark" } } });
    const before = await numbers(world);
    const late = await put(world, { config: { v1: { theme: "light" } }, based_on: number });
    expect(late.status).toBe(409);
    const unknown = await put(world, { config: { v1: { theme: "light" } }, based_on: 99 });
    expect(unknown.status).toBe(409);
    expect(await numbers(world)).toEqual(before);
    // What is there already needs no save.
    const same = await put(world, { config: { v1: { theme: "dark" } }, based_on: number });
    expect(same.status).toBe(200);
  });
});

test("revisions, drafts and their authors of many widgets take the statements of one", async () => {
  const query = `{ widgets { nodes {
    revisions(first: 3) { nodes { number actor { name } } } draft { basedOn actor { name } }
  } } }`;
  const world = await makeWorld(app);
  const make = async (): Promise<void> => {
    const { id } = await app.widget(world.key);
    await save({ ...world, widgetId: id }, { basedOn: 1 });
  };
  const count = async (): Promise<number> => {
    await app.gql(query, {}, world.key);
    const { statements, result } = await recordStatements(() => app.gql(query, {}, world.key));
    expect(result.body.errors).toBeUndefined();
    return statements.filter(({ sql }) => /widget_revisions|widget_drafts/.test(sql)).length;
  };
  await make();
  const few = await count();
  for (let n = 0; n < 4; n += 1) await make();
  expect(await count()).toBe(few);
});

describe("a rollback", () => {
  test("is a save of what a revision has, but for whether visitors may come in", async () => {
    const world = await makeWorld(app);
    const { config } = (await app.get(`/core/web-widgets/${world.widgetId}`, world.key)).body;
    await put(world, { domains: ["a.example"], config: { v1: { theme: "dark" } } });
    await put(world, { published: false });
    const answer = await rollBack(world, 1);
    expect(answer.body.data.rollBackWidget.widget).toEqual({
      domains: [],
      published: false,
      config,
    });
    expect(await numbers(world)).toEqual([4, 3, 2, 1]);
    const [entry] = await app.db.auditEntry.findMany({ where: { action: "widget.roll_back" } });
    expect(entry?.subjectId).toBe(world.widgetId);
    await rollBack(world, 1);
    expect(await numbers(world)).toEqual([4, 3, 2, 1]);
  });

  test("to what would not be saved today is refused, and changes nothing", async () => {
    const world = await makeWorld(app);
    await put(world, { domains: ["a.example"] });
    const where = { widgetId_number: { widgetId: world.widgetId, number: 1 } };
    await app.db.widgetRevision.update({ where, data: { config: { v1: { theme: "pink" } } } });
    const refused = await rollBack(world, 1);
    expect(refused.body.errors[0].extensions.errors[0].path).toContain("config.v1.theme");
    await app.db.widgetRevision.update({ where, data: { agentId: randomUUID(), config: {} } });
    expect(codeOf(await rollBack(world, 1))).toBe("BAD_USER_INPUT");
    expect(await numbers(world)).toEqual([2, 1]);
  });

  test("takes a number that is kept, of one's own widget, and the manage scope", async () => {
    const [world, other] = [await makeWorld(app), await makeWorld(app)];
    expect(codeOf(await rollBack(world, 9))).toBe("NOT_FOUND");
    expect(codeOf(await rollBack(world, 1, other.key))).toBe("NOT_FOUND");
    const viewer = await app.key(world.organizationId, ["web_widgets:read"]);
    expect(codeOf(await rollBack(world, 1, viewer))).toBe("FORBIDDEN");
  });
});

describe("a draft", () => {
  test("is kept as it is, whatever of it is not finished, and replaced as a whole", async () => {
    const world = await makeWorld(app);
    expect(await draftOf(world)).toBeNull();
    const config = { v1: { theme: "pi", colors: null }, mine: [1] };
    const nobody = randomUUID();
    await save(world, { config, domains: ["https://hal", "x y"], agentId: nobody, basedOn: 1 });
    expect(await draftOf(world)).toEqual({
      id: world.widgetId,
      agentId: nobody,
      agentVersionId: null,
      domains: ["https://hal", "x y"],
      published: null,
      config,
      basedOn: 1,
      actor: { kind: "API_KEY", id: world.keyId, name: "test" },
    });
    const again = await save(world, { published: false });
    expect(again.body.data.saveWidgetDraft.draft).toMatchObject({
      published: false,
      config: null,
      domains: null,
      basedOn: null,
    });
  });

  test("is in nothing that visitors read, and saves nothing", async () => {
    const world = await makeWorld(app);
    const secret = "not finished yet";
    const read = async (): Promise<string[]> => {
      const open = await app.get(`/core/public/web-widgets/${world.widgetId}`);
      expect(open.status).toBe(200);
      const embed = await app.get(`/public/embed/${world.widgetId}`);
      const owner = await app.get(`/core/web-widgets/${world.widgetId}`, world.key);
      return [open.text, embed.text, owner.text];
    };
    const before = await read();
    await save(world, { config: { v1: { chat: { title: secret } } }, published: false });
    expect(await read()).toEqual(before);
    const query = "query ($id: UUID!) { publicWidget(id: $id) { draft { id } } }";
    expect((await app.gql(query, { id: world.widgetId })).status).toBe(400);
    expect(await numbers(world)).toEqual([1]);
  });

  test("is published by the documented update, and discarded by itself", async () => {
    const world = await makeWorld(app);
    await save(world, { domains: ["a.example"], basedOn: 1 });
    const { domains } = await draftOf(world);
    await put(world, { domains });
    expect((await draftOf(world)).basedOn).toBe(1);
    const discard = (as = world.key): Promise<Answer> =>
      app.gql(DISCARD, { id: world.widgetId }, as);
    expect((await discard()).body.data.discardWidgetDraft).toEqual({ widgetId: world.widgetId });
    expect(await draftOf(world)).toBeNull();
    expect((await discard()).body.errors).toBeUndefined();
    const entries = await app.db.auditEntry.findMany({
      where: { subjectId: world.widgetId, action: { startsWith: "widget_draft" } },
      orderBy: { createdAt: "asc" },
    });
    expect(entries.map(({ action }) => action)).toEqual([
      "widget_draft.begin",
      "widget_draft.discard",
    ]);
  });

  test("has at most 64 KB of config and 100 domains of 2,000 characters", async () => {
    const world = await makeWorld(app);
    for (const fields of [
      { config: { text: "x".repeat(65 * 1024) } },
      { domains: Array.from({ length: 101 }, () => "a.example") },
      { domains: ["x".repeat(2_001)] },
      { basedOn: 0 },
    ]) {
      expect(codeOf(await save(world, fields))).toBe("BAD_USER_INPUT");
    }
    expect(await draftOf(world)).toBeNull();
    expect((await save(world, { config: { text: "x".repeat(60 * 1024) } })).status).toBe(200);
  });

  test("is read with the read scope, written with the manage scope, and of one's own widget alone", async () => {
    const [world, other] = [await makeWorld(app), await makeWorld(app)];
    await save(world, { published: false });
    const viewer = await app.key(world.organizationId, ["web_widgets:read"]);
    expect(await draftOf({ ...world, key: viewer })).not.toBeNull();
    expect(codeOf(await save(world, {}, viewer))).toBe("FORBIDDEN");
    expect(codeOf(await save(world, {}, other.key))).toBe("NOT_FOUND");
    const foreign = await app.gql(DISCARD, { id: world.widgetId }, other.key);
    expect(codeOf(foreign)).toBe("NOT_FOUND");
    expect(await draftOf(world)).toMatchObject({ published: false });
  });
});
