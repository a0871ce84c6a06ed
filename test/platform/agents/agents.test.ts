import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CARD_TYPES } from "../../../src/protocol/cards.js";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";

let app: TestApp;
let key: string;
beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
});
afterAll(() => app.stop());

test("a version and its widgets' readiness name what has no effect, to who may read them", async () => {
  const owner = await app.organization();
  const config = { faq: [], built_in_tools: { web_search: {} } };
  const widget = await app.widget(owner.key, { domains: ["a.example"] }, { config });
  const warning = {
    code: "TOOL_UNSUPPORTED",
    path: "config.built_in_tools.web_search",
    message: "There is no such tool here.",
  };
  const query = `query ($id: UUID!) {
    agentVersion(agentId: $id, version: "1") { warnings { code path message } }
  }`;
  const answer = await app.gql(query, { id: widget.agent_id }, owner.key);
  expect(answer.body.data.agentVersion.warnings).toEqual([warning]);
  const readiness = await app.gql(
    "query ($id: UUID!) { widget(id: $id) { readiness { warnings { code message } } } }",
    { id: widget.id },
    await app.key(owner.id, ["web_widgets:read"]),
  );
  expect(readiness.body.data.widget.readiness.warnings).toContainEqual({
    code: warning.code,
    message: `${warning.path}: ${warning.message}`,
  });
});

const AGENTS = "/core/agents";

async function makeAgent(fields: object = {}): Promise<Answer["body"]> {
  const answer = await app.post(AGENTS, { name: "Ada", ...fields }, key);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

/** An agent with `published` published versions and then, if asked for, a draft. */
async function agentWith(published: number, draft = false): Promise<string> {
  const { id } = await makeAgent();
  for (let version = 1; version <= published; version += 1) {
    await app.post(versionsOf(id), { config: { instructions: `v${version}` } }, key);
    await app.post(`${versionsOf(id)}/${version}/publish`, {}, key);
  }
  if (draft) await app.post(versionsOf(id), { config: { instructions: "draft" } }, key);
  return id;
}

const versionsOf = (id: string): string => `${AGENTS}/${id}/versions`;
const idsOf = (answer: Answer): string[] => answer.body.map((item: { id: string }) => item.id);
const numbersOf = (answer: Answer): number[] =>
  answer.body.map((item: { version: number }) => item.version);
const pathsOf = (answer: Answer): string[] =>
  answer.body.errors.map((error: { path: string }) => error.path);

describe("an agent", () => {
  test("is made with the documented fields and defaults: 201", async () => {
    const made = await app.post(AGENTS, { name: "  Ada  " }, key);
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      organization_id: expect.stringMatching(/^org_/),
      name: "Ada",
      description: null,
      active: true,
      is_demo: false,
      metadata: {},
      created_at: expect.stringMatching(/\.\d{3}Z$/),
      updated_at: made.body.created_at,
    });
  });

  test("needs a name of 1 to 200 characters, and holds 16 KB of metadata", async () => {
    const before = await app.db.agent.count();
    const wrong: [object, string][] = [
      [{}, "name"],
      [{ name: "" }, "name"],
      [{ name: "   " }, "name"],
      [{ name: "x".repeat(201) }, "name"],
      [{ name: 5 }, "name"],
      [{ name: "n", description: "x".repeat(5001) }, "description"],
      [{ name: "n", active: "yes" }, "active"],
      [{ name: "n", is_demo: 1 }, "is_demo"],
      [{ name: "n", metadata: [] }, "metadata"],
      [{ name: "n", metadata: { x: "x".repeat(16 * 1024) } }, "metadata"],
    ];
    for (const [body, path] of wrong) {
      const answer = await app.post(AGENTS, body, key);
      expect(answer.status, path).toBe(422);
      expect(pathsOf(answer)).toEqual([path]);
    }
    expect(await app.db.agent.count()).toBe(before);
    // Characters as a person counts them.
    expect((await app.post(AGENTS, { name: "👋".repeat(200) }, key)).status).toBe(201);
  });

  test("is changed by the fields sent; null clears a description and leaves the rest", async () => {
    const agent = await makeAgent({ description: "d", metadata: { a: 1 } });
    const path = `${AGENTS}/${agent.id}`;
    app.clock.forward(1);
    const changed = await app.put(path, { name: "Grace", active: false }, key);
    expect(changed.body).toMatchObject({
      name: "Grace",
      description: "d",
      active: false,
      is_demo: false,
      metadata: { a: 1 },
      created_at: agent.created_at,
    });
    expect(changed.body.updated_at > agent.updated_at).toBe(true);
    const replaced = await app.put(
      path,
      { metadata: { b: 2 }, description: null, active: null },
      key,
    );
    expect(replaced.body).toMatchObject({ metadata: { b: 2 }, description: null, active: false });
  });

  test("shows in detail its versions, its widgets and its conversation statistics", async () => {
    const widget = await app.widget(key);
    const path = `${AGENTS}/${widget.agent_id}`;
    await app.post(`${path}/versions`, { base_version: 1 }, key);
    const [first] = [
      await app.begin(widget.id, { user_id: "a" }),
      await app.begin(widget.id, { user_id: "b" }),
    ];
    await app.db.conversation.update({
      where: { id: first.body.conversation.id },
      data: { status: "completed" },
    });
    const detail = (await app.get(path, key)).body;
    expect(detail.versions.map((version: { version: number }) => version.version)).toEqual([2, 1]);
    expect(detail.widgets).toEqual([widget]);
    expect(detail.conversation_statistics).toEqual({
      total: 2,
      by_status: { completed: 1, token_created: 1 },
    });
    const [listed] = (await app.get(`${AGENTS}?limit=1`, key)).body;
    expect(listed).not.toHaveProperty("versions");
  });
});

describe("deleting an agent", () => {
  test("answers 204 and hides it and its versions", async () => {
    const id = await agentWith(1, true);
    expect((await app.delete(`${AGENTS}/${id}`, key)).status).toBe(204);
    for (const answer of [
      await app.get(`${AGENTS}/${id}`, key),
      await app.put(`${AGENTS}/${id}`, { name: "x" }, key),
      await app.delete(`${AGENTS}/${id}`, key),
      await app.get(versionsOf(id), key),
      await app.post(versionsOf(id), { config: {} }, key),
      await app.get(`${versionsOf(id)}/1`, key),
      await app.get(`${versionsOf(id)}/latest`, key),
      await app.put(`${versionsOf(id)}/2`, { config: {} }, key),
      await app.post(`${versionsOf(id)}/2/publish`, {}, key),
    ]) {
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual({ detail: "Agent not found." });
    }
    expect(idsOf(await app.get(`${AGENTS}?limit=100`, key))).not.toContain(id);
  });

  test("that widgets use: 409 naming them, until they are gone", async () => {
    const first = await app.widget(key);
    const second = await app.post(
      "/core/web-widgets",
      { agent_id: first.agent_id, agent_version_id: first.agent_version_id },
      key,
    );
    const path = `${AGENTS}/${first.agent_id}`;
    const refused = await app.delete(path, key);
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain(first.id);
    expect(refused.body.detail).toContain(second.body.id);
    await app.delete(`/core/web-widgets/${first.id}`, key);
    expect((await app.delete(path, key)).body.detail).not.toContain(first.id);
    await app.delete(`/core/web-widgets/${second.body.id}`, key);
    expect((await app.delete(path, key)).status).toBe(204);
  });

  test("that more widgets use than are named: the 409 says that there are others", async () => {
    const { agent_id, agent_version_id } = await app.widget(key);
    for (let count = 1; count < 20; count += 1) {
      await app.post("/core/web-widgets", { agent_id, agent_version_id }, key);
    }
    const refusal = async (): Promise<string> =>
      (await app.delete(`${AGENTS}/${agent_id}`, key)).body.detail;
    expect(await refusal()).not.toContain("others");
    await app.post("/core/web-widgets", { agent_id, agent_version_id }, key);
    expect(await refusal()).toMatch(/, and others\.$/);
  });

  test("leaves its conversations, which still name it", async () => {
    const widget = await app.widget(key);
    const started = await app.begin(widget.id, { user_id: "u" });
    await app.delete(`/core/web-widgets/${widget.id}`, key);
    expect((await app.delete(`${AGENTS}/${widget.agent_id}`, key)).status).toBe(204);
    const read = await app.get(`/core/conversations/${started.body.conversation.id}`, key);
    expect(read.body.agent).toEqual({ id: widget.agent_id, name: "Ada" });
  });

  test.runIf(onPostgres)(
    "and making a widget for it at the same moment: one of the two is refused",
    async () => {
      for (let round = 0; round < 8; round += 1) {
        const { agentId, versionId } = await app.agent(key);
        const other = await app.widget(key);
        const [deleted, made, moved] = await Promise.all([
          app.delete(`${AGENTS}/${agentId}`, key),
          app.post("/core/web-widgets", { agent_id: agentId, agent_version_id: versionId }, key),
          app.put(
            `/core/web-widgets/${other.id}`,
            { agent_id: agentId, agent_version_id: versionId },
            key,
          ),
        ]);
        const used = await app.db.widget.count({ where: { agentId, deletedAt: null } });
        const { deletedAt } = await app.db.agent.findUniqueOrThrow({ where: { id: agentId } });
        // Never a widget of an agent that is gone.
        expect(deletedAt === null || used === 0).toBe(true);
        expect(deleted.status).toBe(used === 0 ? 204 : 409);
        for (const answer of [made, moved]) expect([200, 201, 422]).toContain(answer.status);
      }
    },
  );
});

describe("the list of agents", () => {
  test("filters by every documented filter", async () => {
    const owner = await app.organization();
    const make = async (fields: object): Promise<Answer["body"]> =>
      (await app.post(AGENTS, { name: "x", ...fields }, owner.key)).body;
    const ada = await make({ name: "Ada Lovelace", metadata: { team: "a", tags: ["x", "y"] } });
    app.clock.forward(10);
    const grace = await make({ name: "Grace 100%_Hopper", active: false, metadata: { team: "b" } });
    app.clock.forward(10);
    const demo = await make({ name: "Demo", is_demo: true });
    app.clock.forward(10);
    await app.put(`${AGENTS}/${ada.id}`, { description: "later" }, owner.key);

    const list = async (query: string): Promise<string[]> =>
      idsOf(await app.get(`${AGENTS}?${query}`, owner.key));
    expect(await list("")).toEqual([demo.id, grace.id, ada.id]);
    expect(await list("name=lovel")).toEqual([ada.id]);
    expect(await list("name=LOVELACE")).toEqual([ada.id]);
    // Signs of a pattern are plain signs.
    expect(await list(`name=${encodeURIComponent("100%_")}`)).toEqual([grace.id]);
    expect(await list("name=%25")).toEqual([grace.id]);
    expect(await list("name=_")).toEqual([grace.id]);
    expect(await list(`name=${encodeURIComponent("\\")}`)).toEqual([]);
    expect(await list(`name=${encodeURIComponent("' OR true --")}`)).toEqual([]);
    expect(await list("active=false")).toEqual([grace.id]);
    expect(await list("is_demo=true")).toEqual([demo.id]);
    expect(await list("active=true&is_demo=false")).toEqual([ada.id]);
    expect(await list('metadata={"team":"b"}')).toEqual([grace.id]);
    expect(await list('metadata={"tags":["y"]}')).toEqual([ada.id]);
    expect(await list("metadata={}")).toEqual([demo.id, grace.id, ada.id]);
    expect(await list(`created_after=${ada.created_at}`)).toEqual([demo.id, grace.id]);
    expect(await list(`created_before=${grace.created_at}`)).toEqual([ada.id]);
    expect(await list(`updated_after=${demo.created_at}`)).toEqual([ada.id]);
    expect(await list(`updated_before=${demo.created_at}`)).toEqual([grace.id]);
  });
});

describe("a version", () => {
  test("is a numbered draft, made from exactly one of config and base_version", async () => {
    const { id } = await makeAgent();
    const config = { instructions: "Be kind.", ownKey: { kept: [1, null] } };
    const first = await app.post(versionsOf(id), { config }, key);
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      agent_id: id,
      version: 1,
      published: false,
      published_at: null,
      config,
      created_at: expect.any(String),
      updated_at: first.body.created_at,
    });
    const copy = await app.post(versionsOf(id), { base_version: 1 }, key);
    expect(copy.body).toMatchObject({ version: 2, published: false, config });
    expect(copy.body.id).not.toBe(first.body.id);
    for (const [body, path] of [
      [{}, "config"],
      [{ config: {}, base_version: 1 }, "config"],
      [{ config: null, base_version: null }, "config"],
      [{ base_version: 99 }, "base_version"],
      [{ base_version: 0 }, "base_version"],
      [{ base_version: "1" }, "base_version"],
      [{ base_version: 1.5 }, "base_version"],
      [{ config: [] }, "config"],
    ] as const) {
      const answer = await app.post(versionsOf(id), body, key);
      expect(answer.status, JSON.stringify(body)).toBe(422);
      expect(pathsOf(answer)).toEqual([path]);
    }
    expect((await app.post(versionsOf(id), { config: null, base_version: 1 }, key)).status).toBe(
      201,
    );
  });

  test("takes in GraphQL exactly one of them too, and says where there is none or another one", async () => {
    const { id } = await makeAgent();
    const create = (from: object): Promise<Answer> =>
      app.gql(
        "mutation ($input: CreateAgentVersionInput!) { createAgentVersion(input: $input) { agentVersion { version } } }",
        { input: { agentId: id, from } },
        key,
      );
    const write = (from: string): Promise<Answer> =>
      app.gql(
        `mutation { createAgentVersion(input: { agentId: "${id}", from: ${from} }) { agentVersion { version } } }`,
        {},
        key,
      );
    const made = [await create({ config: {} }), await write("{ baseVersion: 1 }")];
    expect(made.map(({ body }) => body.data.createAgentVersion.agentVersion.version)).toEqual([
      1, 2,
    ]);
    const one = "Give exactly one of its fields.";
    for (const [answer, path, message] of [
      [await write("{}"), "from", one],
      [await write("{ config: {}, baseVersion: 1 }"), "from", one],
      [await write("{ config: null }"), "from", one],
      [await create({}), "from", one],
      [await create({ config: {}, baseVersion: 1 }), "from", one],
      [await create({ config: {}, baseVersion: null }), "from", one],
      [await create({ config: null }), "from.config", "Cannot be null."],
      [await create({ config: 1, baseVersion: 1 }), "from.config", expect.any(String)],
      [
        await write("{ config: { instructions: 1 } }"),
        "from.config.instructions",
        expect.any(String),
      ],
      [await write("{ baseVersion: 99 }"), "from.baseVersion", "The agent has no such version."],
    ] as const) {
      const [error] = answer.body.errors;
      expect(error.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        errors: [{ path, message }],
      });
    }
    expect(await app.db.agentVersion.count({ where: { agentId: id } })).toBe(2);
  });

  test("says in REST which of the two, where there is none or another one", async () => {
    const { id } = await makeAgent();
    const message = "Give exactly one of config and base_version.";
    for (const body of [{}, { config: {}, base_version: 1 }, { from: { config: {} } }]) {
      const answer = await app.post(versionsOf(id), body, key);
      expect(answer.text).toBe(
        JSON.stringify({ detail: `config: ${message}`, errors: [{ path: "config", message }] }),
      );
    }
    const deep = await app.post(versionsOf(id), { config: { instructions: 1 } }, key);
    expect(pathsOf(deep)).toEqual(["config.instructions"]);
    const wrong = await app.post(versionsOf(id), { config: 1, base_version: "x" }, key);
    expect(pathsOf(wrong)).toEqual(["config", "base_version"]);
  });

  test("keeps a number of its own when many are made at once", async () => {
    const { id } = await makeAgent();
    await app.post(versionsOf(id), { config: {} }, key);
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        app.post(versionsOf(id), n % 2 ? { config: { n } } : { base_version: 1 }, key),
      ),
    );
    expect(made.map((answer) => answer.status)).toEqual(made.map(() => 201));
    const numbers = made.map((answer) => answer.body.version).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, n) => n + 2));
  });

  test("is read by its number, not by its UUID", async () => {
    const id = await agentWith(1);
    const read = await app.get(`${versionsOf(id)}/1`, key);
    expect(read.body).toMatchObject({ version: 1, config: { instructions: "v1" } });
    expect((await app.get(`${versionsOf(id)}/${read.body.id}`, key)).status).toBe(404);
    expect((await app.get(`${versionsOf(id)}/2`, key)).body).toEqual({
      detail: "Agent version not found.",
    });
  });

  test("is changed while it is a draft: config is replaced whole", async () => {
    const id = await agentWith(0, true);
    const changed = await app.put(`${versionsOf(id)}/1`, { config: { faq: [] } }, key);
    expect(changed.body).toMatchObject({ version: 1, config: { faq: [] }, published: false });
    const kept = await app.put(`${versionsOf(id)}/1`, { config: null }, key);
    expect(kept.body.config).toEqual({ faq: [] });
  });

  test("is immutable once published: PUT answers 400 and changes nothing", async () => {
    const id = await agentWith(1);
    const before = (await app.get(`${versionsOf(id)}/1`, key)).body;
    expect(before.published).toBe(true);
    expect(before.published_at).toMatch(/Z$/);
    for (const body of [{ config: { instructions: "new" } }, {}]) {
      const answer = await app.put(`${versionsOf(id)}/1`, body, key);
      expect(answer.status).toBe(400);
      expect(answer.body.detail).toMatch(/published version cannot be changed/);
    }
    expect((await app.get(`${versionsOf(id)}/1`, key)).body).toEqual(before);
  });

  test("published twice answers the same, also at once", async () => {
    const id = await agentWith(0, true);
    const path = `${versionsOf(id)}/1/publish`;
    const answers = await Promise.all([1, 2, 3, 4].map(() => app.post(path, {}, key)));
    app.clock.forward(5);
    answers.push(await app.post(path, {}, key));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(answers[0]?.body);
    }
    expect((await app.call("POST", path, { key })).status).toBe(200);
    expect((await app.post(`${versionsOf(id)}/9/publish`, {}, key)).status).toBe(404);
  });

  test("changed and published at once: the published config is the one that stays", async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await agentWith(0, true);
      const [published, changed] = await Promise.all([
        app.post(`${versionsOf(id)}/1/publish`, {}, key),
        app.put(`${versionsOf(id)}/1`, { config: { instructions: "raced" } }, key),
      ]);
      const now = (await app.get(`${versionsOf(id)}/1`, key)).body;
      expect(now.config).toEqual(published.body.config);
      expect(changed.status).toBe(now.config.instructions === "raced" ? 200 : 400);
    }
  });

  test("takes the documented phone-number fields when they are empty, else 422", async () => {
    const id = await agentWith(0, true);
    const path = `${versionsOf(id)}/1/publish`;
    for (const [body, name] of [
      [{ phone_numbers: ["+49123"] }, "phone_numbers"],
      [{ phone_number_ids: ["x"] }, "phone_number_ids"],
      [{ phone_number: "+49123" }, "phone_number"],
    ] as const) {
      const answer = await app.post(path, body, key);
      expect(answer.status).toBe(422);
      expect(pathsOf(answer)).toEqual([name]);
    }
    const odd = await app.post(path, { phone_numbers: "x", phone_number: 1 }, key);
    expect(pathsOf(odd)).toEqual(["phone_numbers", "phone_number"]);
    expect((await app.get(`${versionsOf(id)}/1`, key)).body.published).toBe(false);
    const empty = { phone_numbers: [], phone_number_ids: null, phone_number: "" };
    expect((await app.post(path, empty, key)).status).toBe(200);
  });

  test("lists filter by number, publication and times", async () => {
    const id = await agentWith(2, true);
    const list = async (query: string): Promise<number[]> =>
      numbersOf(await app.get(`${versionsOf(id)}?${query}`, key));
    expect(await list("")).toEqual([3, 2, 1]);
    expect(await list("version=2")).toEqual([2]);
    expect(await list("version=7")).toEqual([]);
    expect(await list("published=true")).toEqual([2, 1]);
    expect(await list("published=false")).toEqual([3]);
    const second = (await app.get(`${versionsOf(id)}/2`, key)).body;
    expect(await list(`created_after=${second.created_at}`)).toEqual([3]);
    expect(await list(`created_before=${second.created_at}`)).toEqual([1]);
    expect(await list(`updated_before=${second.updated_at}&published=true`)).toEqual([1]);
    const future = new Date(app.clock.now().getTime() + 60_000).toISOString();
    expect(await list(`updated_after=${future}`)).toEqual([]);
  });
});

describe("`latest`", () => {
  test("is the draft", async () => {
    const id = await agentWith(1, true);
    const latest = await app.get(`${versionsOf(id)}/latest`, key);
    expect(latest.body).toMatchObject({
      version: 2,
      published: false,
      config: { instructions: "draft" },
    });
    expect((await app.get(`${versionsOf(id)}/2`, key)).body).toEqual(latest.body);
  });

  test("is made from the newest version when there is no draft, once", async () => {
    const id = await agentWith(2);
    const first = await app.get(`${versionsOf(id)}/latest`, key);
    expect(first.body).toMatchObject({
      version: 3,
      published: false,
      config: { instructions: "v2" },
    });
    expect((await app.get(`${versionsOf(id)}/latest`, key)).body).toEqual(first.body);
    expect(numbersOf(await app.get(versionsOf(id), key))).toEqual([3, 2, 1]);
  });

  test("asked for many times at once makes one draft", async () => {
    const id = await agentWith(1);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => app.get(`${versionsOf(id)}/latest`, key)),
    );
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(numbersOf(await app.get(versionsOf(id), key))).toEqual([2, 1]);
  });

  test("is changed and published like a number", async () => {
    const id = await agentWith(1);
    const changed = await app.put(
      `${versionsOf(id)}/latest`,
      { config: { instructions: "next" } },
      key,
    );
    expect(changed.body).toMatchObject({ version: 2, published: false });
    const published = await app.post(`${versionsOf(id)}/latest/publish`, {}, key);
    expect(published.body).toMatchObject({
      version: 2,
      published: true,
      config: { instructions: "next" },
    });
    // Twice the same: no new draft is made only to publish it.
    expect((await app.post(`${versionsOf(id)}/latest/publish`, {}, key)).body).toEqual(
      published.body,
    );
  });

  test("of an agent without versions does not exist", async () => {
    const { id } = await makeAgent();
    for (const answer of [
      await app.get(`${versionsOf(id)}/latest`, key),
      await app.put(`${versionsOf(id)}/latest`, { config: {} }, key),
      await app.post(`${versionsOf(id)}/latest/publish`, {}, key),
    ]) {
      expect(answer.status).toBe(404);
    }
  });
});

describe("a version's config", () => {
  const form = { id: "callback", name: "Call me", fields: [{ id: "name", type: "text" }] };
  const right: object[] = [
    {},
    { instructions: "" },
    { starting_message: { type: "bot_initiates_static", text: "Hello" } },
    { starting_message: { type: "bot_initiates_dynamic", prompt: "Greet" } },
    { starting_message: { type: "user_initiates", own: 1 } },
    { vision: { video_input: true, screen_share: false } },
    { quick_actions: [{ id: "a", label: "b", message: "c" }] },
    { built_in_tools: {} },
    { built_in_tools: { widgets: {} } },
    { built_in_tools: { widgets: { allowed: null } } },
    { built_in_tools: { widgets: { allowed: [...CARD_TYPES] } } },
    { built_in_tools: { forms: [form], own_tool: {} } },
    { model: { temperature: 0, max_tokens: 4096, own: 1 }, voice: { speed: 4, language: "pt-BR" } },
    { own: { key: [1] } },
  ];
  const wrong: [object, string][] = [
    [{ instructions: 5 }, "config.instructions"],
    [{ starting_message: { type: "nobody" } }, "config.starting_message.type"],
    [{ starting_message: { type: "bot_initiates_static" } }, "config.starting_message.text"],
    [{ starting_message: { type: "bot_initiates_dynamic" } }, "config.starting_message.prompt"],
    [{ vision: { video_input: "yes" } }, "config.vision.video_input"],
    [{ quick_actions: [{ id: "a", label: "b" }] }, "config.quick_actions.0.message"],
    [{ built_in_tools: [] }, "config.built_in_tools"],
    [
      { built_in_tools: { widgets: { allowed: ["chart"] } } },
      "config.built_in_tools.widgets.allowed.0",
    ],
    [
      { built_in_tools: { forms: [{ ...form, id: "has space" }] } },
      "config.built_in_tools.forms.0.id",
    ],
    [
      { built_in_tools: { forms: [{ ...form, name: undefined }] } },
      "config.built_in_tools.forms.0.name",
    ],
    [{ built_in_tools: { forms: [form, form] } }, "config.built_in_tools.forms.1.id"],
    [{ model: { temperature: 2.1 } }, "config.model.temperature"],
    [{ model: { max_tokens: 4097 } }, "config.model.max_tokens"],
    [{ voice: { speed: 0 } }, "config.voice.speed"],
    [{ voice: { language: "English" } }, "config.voice.language"],
    // This operator has neither models nor voices.
    [{ model: { name: "large" } }, "config.model.name"],
    [{ voice: { name: "alloy" } }, "config.voice.name"],
  ];

  test("is checked where it is known, and kept as sent", async () => {
    const { id } = await makeAgent();
    for (const config of right) {
      const answer = await app.post(versionsOf(id), { config }, key);
      expect(answer.status, JSON.stringify(config)).toBe(201);
      expect(answer.body.config).toEqual(config);
    }
    for (const [config, path] of wrong) {
      const made = await app.post(versionsOf(id), { config }, key);
      expect(made.status, path).toBe(422);
      expect(pathsOf(made)).toEqual([path]);
      const changed = await app.put(`${versionsOf(id)}/1`, { config }, key);
      expect(pathsOf(changed)).toEqual([path]);
    }
    expect(numbersOf(await app.get(`${versionsOf(id)}?limit=100`, key))).toHaveLength(right.length);
  });

  test("is described by the schema route, with every card type, under the read scope", async () => {
    const { id: organizationId } = await app.organization();
    const reader = await app.key(organizationId, ["agents:read"]);
    const schema = await app.get("/core/agent-config-schema", reader);
    expect(schema.status).toBe(200);
    expect(Object.keys(schema.body.cards).toSorted()).toEqual(
      [
        "detail",
        "carousel",
        "info",
        "list",
        "action_grid",
        "collect_otp",
        "collect_phone_number",
        "order_tracker",
        "comparison",
      ].toSorted(),
    );
    expect(Object.keys(schema.body.config.properties)).toEqual(
      expect.arrayContaining([
        "instructions",
        "starting_message",
        "vision",
        "quick_actions",
        "built_in_tools",
      ]),
    );
    for (const card of Object.values<{ type: string; properties: object }>(schema.body.cards)) {
      expect(card.type).toBe("object");
      expect(Object.keys(card.properties).length).toBeGreaterThan(0);
    }
    const graphql = await app.gql("{ agentConfigSchema }", {}, reader);
    expect(graphql.body.data.agentConfigSchema).toEqual(schema.body);
  });
});

describe("where the operator has models, a config", () => {
  const models = {
    LLM_BASE_URL: "http://models.test/v1",
    LLM_MODEL: "small",
    MODELS: "large, vision",
    STT_MODEL: "ears",
    TTS_MODEL: "mouth",
    TTS_VOICES: "anna,ben",
  };
  let modelled: TestApp;
  beforeAll(async () => {
    modelled = await TestApp.start({ config: models });
  });
  afterAll(() => modelled.stop());

  test("names one of them, and of their voices, or is 422 with the ones there are", async () => {
    const owner = await modelled.organization();
    const agent = await modelled.post(AGENTS, { name: "Ada" }, owner.key);
    const send = (config: object): Promise<Answer> =>
      modelled.post(versionsOf(agent.body.id), { config }, owner.key);
    for (const name of ["small", "large", "vision"]) {
      expect((await send({ model: { name }, voice: { name: "ben" } })).status).toBe(201);
    }
    const wrong = await send({ model: { name: "huge" }, voice: { name: "alloy" } });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors).toEqual([
      {
        path: "config.model.name",
        message: "must be a model that is offered here: small, large, vision.",
        rule: "choice",
      },
      {
        path: "config.voice.name",
        message: "must be a voice that is offered here: anna, ben.",
        rule: "choice",
      },
    ]);
    const { body } = await modelled.get("/core/agent-config-schema", owner.key);
    const { model, voice } = body.config.properties;
    expect(model.properties.name.enum).toEqual(["small", "large", "vision"]);
    expect(voice.properties.name.enum).toEqual(["anna", "ben"]);
    expect(voice.properties.name.description).toMatch(/voices/);
  });
});

test("an unknown agent is 404 with the same words everywhere", async () => {
  const path = `${AGENTS}/${randomUUID()}`;
  for (const answer of [
    await app.get(path, key),
    await app.put(path, { name: "x" }, key),
    await app.delete(path, key),
    await app.get(`${path}/versions`, key),
    await app.post(`${path}/versions`, { config: {} }, key),
  ]) {
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ detail: "Agent not found." });
  }
});

describe("an agent's newest versions", () => {
  const query = `query ($id: UUID!) {
    agent(id: $id) { publishedVersion { version } draft { version } }
  }`;

  test("are its newest published one and its newest draft, or none", async () => {
    const none = await makeAgent();
    const both = await agentWith(2, true);
    await app.post(versionsOf(both), { base_version: 1 }, key);
    const answers = await app.gql(
      `query ($none: UUID!, $both: UUID!) {
        none: agent(id: $none) { publishedVersion { version } draft { version } }
        both: agent(id: $both) { publishedVersion { version } draft { version } }
      }`,
      { none: none.id, both },
      key,
    );
    expect(answers.body.data).toEqual({
      none: { publishedVersion: null, draft: null },
      both: { publishedVersion: { version: 2 }, draft: { version: 4 } },
    });
  });

  test("are not told to who may not read agents, nor to another organization", async () => {
    const id = await agentWith(1);
    const { key: another } = await app.organization();
    const elsewhere = await app.gql(query, { id }, another);
    expect(elsewhere.body.errors[0].extensions.code).toBe("NOT_FOUND");
    const owner = await app.organization();
    const widget = await app.widget(owner.key);
    const narrow = await app.gql(
      "query ($id: UUID!) { widget(id: $id) { agent { draft { version } } } }",
      { id: widget.id },
      await app.key(owner.id, ["web_widgets:read"]),
    );
    expect(narrow.body.errors[0].extensions.code).toBe("FORBIDDEN");
  });
});

describe("a draft that two change", () => {
  test("is not saved over what was saved since, where that is asked for: 409", async () => {
    const id = await agentWith(0, true);
    const path = `${versionsOf(id)}/1`;
    const read = (await app.get(path, key)).body;
    app.clock.forward(1);
    const save = (instructions: string, since?: string | null): Promise<Answer> =>
      app.put(path, { config: { instructions }, if_unchanged_since: since }, key);
    const first = await save("one", read.updated_at);
    expect(first.status).toBe(200);
    const second = await save("two", read.updated_at);
    expect(second.status).toBe(409);
    expect((await app.get(path, key)).body.config).toEqual({ instructions: "one" });
    expect((await save("two", first.body.updated_at)).status).toBe(200);
    expect((await save("three", null)).status).toBe(200);
    expect((await save("four")).status).toBe(200);
  });
});
