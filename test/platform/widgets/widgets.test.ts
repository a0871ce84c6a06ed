import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PUBLIC_URL, TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";

let app: TestApp;
let key: string;
let agent: { agentId: string; versionId: string; version: number };
beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
  agent = await app.agent(key);
});
afterAll(() => app.stop());
beforeEach(() => {
  app.rooms.deleted.length = 0;
});

const WIDGETS = "/core/web-widgets";

function create(fields: object = {}): Promise<Answer> {
  return app.post(
    WIDGETS,
    { agent_id: agent.agentId, agent_version_id: agent.versionId, ...fields },
    key,
  );
}

describe("a widget is made", () => {
  test("with the documented fields and defaults", async () => {
    const made = await create();
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      organization_id: expect.stringMatching(/^org_/),
      agent_id: agent.agentId,
      agent_version_id: agent.versionId,
      domains: [],
      published: false,
      config: {},
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: made.body.created_at,
    });
    expect((await app.get(`${WIDGETS}/${made.body.id}`, key)).body).toEqual(made.body);
  });

  test("with its domains as origins, and its config as it was sent", async () => {
    const config = {
      v1: { theme: "dark", camelKey: { snake_key: [1, null, "é"] } },
      v9: { Z: 1, a: 2 },
    };
    const made = await create({
      domains: ["Example.com", "https://example.com/x", "bücher.example"],
      config,
    });
    expect(made.body.domains).toEqual(["https://example.com", "https://xn--bcher-kva.example"]);
    expect(made.body.config).toEqual(config);
  });

  test("not without an agent and a version", async () => {
    const answer = await app.post(WIDGETS, {}, key);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([
      "agent_id",
      "agent_version_id",
    ]);
  });

  test("not with wrong domains or config: 422 with the path, and nothing is made", async () => {
    const before = await app.db.widget.count();
    const wrong: [object, string][] = [
      [{ domains: ["a.example", "*.b.example"] }, "domains.1"],
      [{ domains: Array.from({ length: 101 }, (_, n) => `s${n}.example`) }, "domains"],
      [{ config: { v1: { trigger: { size: "big" } } } }, "config.v1.trigger.size"],
      [{ config: { x: "x".repeat(64 * 1024) } }, "config"],
      [{ config: "x" }, "config"],
      [{ published: "yes" }, "published"],
    ];
    for (const [fields, path] of wrong) {
      const answer = await create(fields);
      expect(answer.status, path).toBe(422);
      expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
    }
    expect(await app.db.widget.count()).toBe(before);
  });
});

describe("the version must belong to the agent, and both to the organization", () => {
  test("else 422 naming the field, when made and when changed", async () => {
    const other = await app.agent(key);
    const widget = (await create()).body;
    const path = `${WIDGETS}/${widget.id}`;
    const cases: [object, string][] = [
      [{ agent_id: randomUUID(), agent_version_id: agent.versionId }, "agent_id"],
      [{ agent_id: agent.agentId, agent_version_id: randomUUID() }, "agent_version_id"],
      [{ agent_id: agent.agentId, agent_version_id: other.versionId }, "agent_version_id"],
    ];
    for (const [fields, name] of cases) {
      for (const answer of [
        await app.post(WIDGETS, fields, key),
        await app.put(path, fields, key),
      ]) {
        expect(answer.status).toBe(422);
        expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([name]);
      }
    }
    // The stored half counts when only the other is sent.
    expect((await app.put(path, { agent_id: other.agentId }, key)).body.errors[0].path).toBe(
      "agent_version_id",
    );
    expect(
      (await app.put(path, { agent_version_id: other.versionId }, key)).body.errors[0].path,
    ).toBe("agent_version_id");
    const moved = await app.put(
      path,
      { agent_id: other.agentId, agent_version_id: other.versionId },
      key,
    );
    expect(moved.body).toMatchObject({
      agent_id: other.agentId,
      agent_version_id: other.versionId,
    });
  });

  test("an agent that was deleted is one that does not exist", async () => {
    const gone = await app.agent(key);
    await app.delete(`/core/agents/${gone.agentId}`, key);
    const answer = await create({ agent_id: gone.agentId, agent_version_id: gone.versionId });
    expect(answer.body.errors[0].path).toBe("agent_id");
  });
});

describe("PUT", () => {
  test("changes only the fields sent, and each replaces the stored value", async () => {
    const made = await create({
      domains: ["a.example", "b.example"],
      config: { v1: { theme: "dark", chat: { title: "T" } }, mine: 1 },
    });
    const path = `${WIDGETS}/${made.body.id}`;
    const domains = await app.put(path, { domains: ["c.example"] }, key);
    expect(domains.body).toMatchObject({
      domains: ["https://c.example"],
      config: made.body.config,
    });
    const config = await app.put(path, { config: { v1: { chat: { subtitle: "S" } } } }, key);
    // Whole, not merged.
    expect(config.body.config).toEqual({ v1: { chat: { subtitle: "S" } } });
    expect(config.body.domains).toEqual(["https://c.example"]);
    expect((await app.put(path, { domains: [], config: {} }, key)).body).toMatchObject({
      domains: [],
      config: {},
    });
    expect((await app.put(path, { published: true }, key)).body.published).toBe(true);
    const nothing = await app.put(path, {}, key);
    expect(nothing.body).toMatchObject({
      published: true,
      domains: [],
      config: {},
      created_at: made.body.created_at,
    });
  });

  test("is written whole or not at all", async () => {
    const made = await create({ domains: ["a.example"] });
    const path = `${WIDGETS}/${made.body.id}`;
    const answer = await app.put(
      path,
      { domains: ["b.example"], published: true, config: { v1: { theme: 1 } } },
      key,
    );
    expect(answer.status).toBe(422);
    expect((await app.get(path, key)).body).toEqual(made.body);
  });

  test("moves updated_at and never created_at", async () => {
    const made = await create();
    app.clock.forward(5);
    const changed = await app.put(`${WIDGETS}/${made.body.id}`, { published: true }, key);
    expect(changed.body.created_at).toBe(made.body.created_at);
    expect(Date.parse(changed.body.updated_at)).toBeGreaterThan(Date.parse(made.body.updated_at));
  });
});

describe("the list", () => {
  test("filters by agent and by publication, both at once too", async () => {
    const owner = await app.organization();
    const live = await app.widget(owner.key);
    const second = await app.post(
      WIDGETS,
      { agent_id: live.agent_id, agent_version_id: live.agent_version_id },
      owner.key,
    );
    const elsewhere = await app.widget(owner.key);
    const ids = async (query: string): Promise<string[]> =>
      (await app.get(`${WIDGETS}${query}`, owner.key)).body.map(
        (widget: { id: string }) => widget.id,
      );
    expect(await ids("")).toEqual([elsewhere.id, second.body.id, live.id]);
    expect(await ids(`?agent_id=${live.agent_id}`)).toEqual([second.body.id, live.id]);
    expect(await ids("?published=true")).toEqual([elsewhere.id, live.id]);
    expect(await ids(`?agent_id=${live.agent_id}&published=false`)).toEqual([second.body.id]);
    expect(await ids(`?agent_id=${randomUUID()}`)).toEqual([]);
  });
});

describe("two gates to go live", () => {
  test("an unpublished or deleted widget answers publicly like an unknown one", async () => {
    const hidden = (await create()).body;
    const gone = (await create({ published: true })).body;
    await app.delete(`${WIDGETS}/${gone.id}`, key);
    const calls: ((id: string) => Promise<Answer>)[] = [
      (id) => app.get(`/core/public/web-widgets/${id}`),
      (id) => app.begin(id, { user_id: "u" }),
      (id) => app.get(`/core/public/web-widgets/${id}/conversations`),
      (id) => app.post(`/core/public/web-widgets/${id}/embed-ticket`, {}),
      (id) =>
        app.post(`/core/public/web-widgets/${id}/conversations/${randomUUID()}/feedback`, {
          data: {},
        }),
      (id) => app.get(`/core/public/web-widgets/${id}/conversations/${randomUUID()}/messages`),
    ];
    for (const call of calls) {
      const unknown = await call(randomUUID());
      expect(unknown.status).toBe(404);
      for (const id of [hidden.id, gone.id]) {
        const answer = await call(id);
        expect({ status: answer.status, body: answer.body }).toEqual({
          status: 404,
          body: unknown.body,
        });
      }
    }
  });

  test("with an unpublished version the widget is shown, but starting answers 409 saying so", async () => {
    const draft = await app.agent(key, { published: false });
    const widget = await create({
      agent_id: draft.agentId,
      agent_version_id: draft.versionId,
      published: true,
    });
    expect(widget.status).toBe(201);
    expect((await app.get(`/core/public/web-widgets/${widget.body.id}`)).status).toBe(200);
    const refused = await app.begin(widget.body.id, { user_id: "u" });
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual({
      detail: "The widget's agent version is not published.",
      code: "version_unpublished",
    });
    await app.post(`/core/agents/${draft.agentId}/versions/1/publish`, {}, key);
    expect((await app.begin(widget.body.id, { user_id: "u" })).status).toBe(200);
  });
});

const READINESS = `query ($id: UUID!) { widget(id: $id) {
  embedSnippet security { strict limits } agent { id } agentVersion { id }
  readiness { live blockers { code message } warnings { code message } }
} }`;

describe("readiness", () => {
  async function readiness(
    id: string,
  ): Promise<{ live: boolean; blockers: string[]; warnings: string[] }> {
    const answer = await app.gql(READINESS, { id }, key);
    const { live, blockers, warnings } = answer.body.data.widget.readiness;
    for (const { message } of [...blockers, ...warnings]) expect(message).toMatch(/^[A-Z].*\.$/);
    const codes = (items: { code: string }[]): string[] =>
      items.map((item) => item.code).toSorted();
    return { live, blockers: codes(blockers), warnings: codes(warnings) };
  }

  test("lists what keeps visitors out and what was probably not intended", async () => {
    const draft = await app.agent(key, { published: false });
    const { body: widget } = await create({
      agent_id: draft.agentId,
      agent_version_id: draft.versionId,
    });
    const path = `${WIDGETS}/${widget.id}`;
    expect(await readiness(widget.id)).toMatchObject({
      live: false,
      blockers: ["VERSION_NOT_PUBLISHED", "WIDGET_NOT_PUBLISHED"],
    });
    expect((await readiness(widget.id)).warnings).toContain("ANY_DOMAIN");
    await app.put(path, { published: true }, key);
    expect((await readiness(widget.id)).blockers).toEqual(["VERSION_NOT_PUBLISHED"]);
    await app.put(`${path}/security`, { strict: true }, key);
    expect((await readiness(widget.id)).blockers).toEqual([
      "STRICT_WITHOUT_DOMAINS",
      "VERSION_NOT_PUBLISHED",
    ]);
    await app.post(`/core/agents/${draft.agentId}/versions/1/publish`, {}, key);
    await app.put(path, { domains: ["a.example"] }, key);
    expect(await readiness(widget.id)).toMatchObject({ live: true, blockers: [] });
    expect((await readiness(widget.id)).warnings).not.toContain("ANY_DOMAIN");
    await app.put(`/core/agents/${draft.agentId}`, { active: false }, key);
    expect((await readiness(widget.id)).warnings).toContain("AGENT_INACTIVE");
  });

  test("is live exactly when a visitor can start", async () => {
    for (const [published, versionPublished] of [
      [true, true],
      [true, false],
      [false, true],
    ] as const) {
      const made = await app.agent(key, { published: versionPublished });
      const { body } = await create({
        agent_id: made.agentId,
        agent_version_id: made.versionId,
        published,
      });
      const started = await app.begin(body.id, { user_id: "u" });
      expect(started.status === 200).toBe((await readiness(body.id)).live);
    }
  });
});

test.runIf(onPostgres)(
  "saving a widget as it was read, while visitors start, fails for nobody",
  async () => {
    const { body: widget } = await create({ published: true });
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all([
        app.put(`${WIDGETS}/${widget.id}`, widget, key),
        app.begin(widget.id, { user_id: "a" }),
        app.begin(widget.id, { user_id: "b" }),
        app.put(`${WIDGETS}/${widget.id}`, widget, key),
        app.begin(widget.id, { user_id: "c" }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    }
  },
);

describe("the security sub-resource", () => {
  test("is read and changed under manage, by field, at both doors alike", async () => {
    const { body: widget } = await create({ published: true });
    const path = `${WIDGETS}/${widget.id}/security`;
    const identity = "off";
    expect((await app.get(path, key)).body).toEqual({ strict: false, identity, limits: {} });
    const limits = { starts_per_minute: 5, own: { x: 1 } };
    expect((await app.put(path, { limits }, key)).body).toEqual({
      strict: false,
      identity,
      limits,
    });
    expect((await app.put(path, { strict: true }, key)).body).toEqual({
      strict: true,
      identity,
      limits,
    });
    expect((await app.put(path, { strict: null, limits: null }, key)).body).toEqual({
      strict: true,
      identity,
      limits,
    });
    const graphql = await app.gql(READINESS, { id: widget.id }, key);
    expect(graphql.body.data.widget.security).toEqual({ strict: true, limits });
    for (const [body, name] of [
      [{ strict: "yes" }, "strict"],
      [{ limits: [] }, "limits"],
      [{ limits: { x: "x".repeat(4096) } }, "limits"],
      [{ limits: { starts_per_minute: 0 } }, "limits.starts_per_minute"],
      [{ limits: { starts_per_minute: "many" } }, "limits.starts_per_minute"],
    ] as const) {
      const answer = await app.put(path, body, key);
      expect(answer.status).toBe(422);
      expect(answer.body.errors[0].path).toBe(name);
    }
  });

  test("is never in a public answer, nor in the widget that management reads", async () => {
    const { body: widget } = await create({ published: true, domains: ["a.example"] });
    await app.put(`${WIDGETS}/${widget.id}/security`, { limits: { marker: "limit-marker" } }, key);
    const origin = { origin: "https://a.example" };
    const started = await app.begin(widget.id, { user_id: "u" }, origin);
    const answers = [
      await app.get(`/core/public/web-widgets/${widget.id}`, undefined, origin),
      started,
      await app.get(`/core/public/web-widgets/${widget.id}/conversations`, undefined, origin),
      await app.post(`/core/public/web-widgets/${widget.id}/embed-ticket`, {}, undefined, origin),
      await app.get(`/core/public/web-widgets/${widget.id}`, key, origin),
      await app.get(`${WIDGETS}/${widget.id}`, key),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/limit-marker|"strict"|"limits"|generation/i);
    }
  });
});

describe("the embed snippet", () => {
  test("that is pinned names a released loader, and the server has it as the snippet's hash says, for ever", async () => {
    const { body: widget } = await create();
    const query = "query ($id: UUID!) { widget(id: $id) { pinnedEmbedSnippet } }";
    const answer = await app.gql(query, { id: widget.id }, key);
    const snippet: string = answer.body.data.widget.pinnedEmbedSnippet;
    const [, path = "", hash] =
      /^<script async src="[^"]*?(\/public\/embed\/assets\/loader-\w+\.js)" integrity="sha384-([^"]+)" crossorigin="anonymous" data-widget="[\w-]+"><\/script>$/.exec(
        snippet,
      ) ?? [];
    expect(snippet).toContain(`data-widget="${widget.id}"`);
    const file = await app.get(path);
    expect(createHash("sha384").update(file.text).digest("base64")).toBe(hash);
    expect(file.headers.get("cache-control")).toContain("immutable");
    expect(file.headers.get("access-control-allow-origin")).toBe("*");
    expect(file.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  });

  test("is one script element at the public address", async () => {
    const { body: widget } = await create();
    const answer = await app.gql(READINESS, { id: widget.id }, key);
    expect(answer.body.data.widget.embedSnippet).toBe(
      `<script async src="${PUBLIC_URL}/public/embed/${widget.id}"></script>`,
    );
    expect(answer.body.data.widget).toMatchObject({
      agent: { id: agent.agentId },
      agentVersion: { id: agent.versionId },
    });
  });
});

describe("ending a widget", () => {
  /** A live widget with two open conversations and one that is over. */
  async function busyWidget(): Promise<{
    id: string;
    live: string[];
    conversations: string[];
    token: string;
  }> {
    const { body: widget } = await create({ published: true });
    const started = [
      await app.begin(widget.id, { user_id: "a" }),
      await app.begin(widget.id, { user_id: "b" }),
      await app.begin(widget.id, { user_id: "c" }),
    ];
    const conversations = started.map((answer) => answer.body.conversation.id);
    await app.db.conversation.update({
      where: { id: conversations[2] },
      data: { status: "completed" },
    });
    return {
      id: widget.id,
      conversations,
      live: started.slice(0, 2).map((answer) => answer.body.connection_details.room),
      token: started[0]?.body.visitor_token,
    };
  }

  async function messagesStatus(widget: {
    id: string;
    conversations: string[];
    token: string;
  }): Promise<number> {
    const path = `/core/public/web-widgets/${widget.id}/conversations/${widget.conversations[0]}/messages`;
    return (await app.get(path, undefined, { "x-visitor-token": widget.token })).status;
  }

  test("DELETE answers 204, hides it, closes its live rooms; its conversations keep its id", async () => {
    const widget = await busyWidget();
    const path = `${WIDGETS}/${widget.id}`;
    const answer = await app.delete(path, key);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe("");
    expect(app.rooms.deleted.toSorted()).toEqual(widget.live.toSorted());
    for (const gone of [
      await app.get(path, key),
      await app.put(path, {}, key),
      await app.delete(path, key),
      await app.get(`${path}/security`, key),
    ]) {
      expect(gone.status).toBe(404);
      expect(gone.body).toEqual({ detail: "Widget not found." });
    }
    const listed = await app.get(`${WIDGETS}?limit=100`, key);
    expect(listed.body.map((item: { id: string }) => item.id)).not.toContain(widget.id);
    for (const id of widget.conversations) {
      expect((await app.get(`/core/conversations/${id}`, key)).body.web_widget_id).toBe(widget.id);
    }
    expect(
      (await app.get(`/core/conversations?web_widget_id=${widget.id}`, key)).body,
    ).toHaveLength(3);
  });

  test("unpublishing ends visitor tokens and live rooms at once, also after publishing again", async () => {
    const widget = await busyWidget();
    expect(await messagesStatus(widget)).toBe(200);
    await app.put(`${WIDGETS}/${widget.id}`, { published: false }, key);
    expect(app.rooms.deleted.toSorted()).toEqual(widget.live.toSorted());
    await app.put(`${WIDGETS}/${widget.id}`, { published: true }, key);
    expect(await messagesStatus(widget)).toBe(401);
  });

  test("a change that does not unpublish closes nothing", async () => {
    const widget = await busyWidget();
    await app.put(`${WIDGETS}/${widget.id}`, { domains: [], published: true, config: {} }, key);
    expect(app.rooms.deleted).toEqual([]);
    expect(await messagesStatus(widget)).toBe(200);
  });

  test("revokeVisitorTokens does the same to a widget that stays live", async () => {
    const widget = await busyWidget();
    const answer = await app.gql(
      "mutation ($id: UUID!) { revokeVisitorTokens(input: { id: $id }) { widget { id published } } }",
      { id: widget.id },
      key,
    );
    expect(answer.body.data.revokeVisitorTokens.widget).toEqual({ id: widget.id, published: true });
    expect(app.rooms.deleted.toSorted()).toEqual(widget.live.toSorted());
    expect(await messagesStatus(widget)).toBe(401);
    expect((await app.begin(widget.id, { user_id: "a" })).status).toBe(200);
  });
});
