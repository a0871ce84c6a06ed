import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { recordStatements, type Statement } from "../../support/statements.js";

let app: TestApp;
let key: string;
let organizationId: string;

beforeAll(async () => {
  app = await TestApp.start();
  ({ key, id: organizationId } = await app.organization());
});
afterAll(() => app.stop());

interface Item {
  readonly id: string;
  readonly created_at: string;
}

/** Agents with the given creation times, written past the service so that times can be chosen. */
async function agentsAt(times: readonly number[]): Promise<{ key: string; ids: string[] }> {
  const owner = await app.organization();
  const rows = times.map((time) => ({
    id: randomUUID(),
    organizationId: owner.id,
    name: "n",
    active: true,
    isDemo: false,
    metadata: {},
    createdAt: new Date(time),
    updatedAt: new Date(time),
  }));
  await app.db.agent.createMany({ data: rows });
  const newestFirst = rows.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return { key: owner.key, ids: newestFirst.map((row) => row.id) };
}

const START = Date.parse("2026-01-01T00:00:00.000Z");

/** The documented client: its own cursor, until a page is shorter than the limit. */
async function documentedClient(
  path: string,
  token: string,
  limit: number,
  encode: (createdAt: string) => string = (text) => Buffer.from(text).toString("base64"),
): Promise<Item[][]> {
  const pages: Item[][] = [];
  let cursor = "";
  for (;;) {
    const query = `limit=${limit}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer = await app.get(`${path}?${query}`, token);
    if (answer.status !== 200) throw new Error(answer.text);
    pages.push(answer.body);
    const last: Item | undefined = answer.body.at(-1);
    if (!last || answer.body.length < limit) return pages;
    cursor = encode(last.created_at);
  }
}

describe("the documented client never skips or repeats an item", () => {
  const cases: Record<string, number[]> = {
    "every time is another": Array.from({ length: 23 }, (_, n) => START + n * 7),
    "all share one time": Array.from({ length: 23 }, () => START),
    "ties lie across every page's end": Array.from(
      { length: 24 },
      (_, n) => START + Math.floor(n / 3),
    ),
    "one tie is longer than several pages": [
      ...Array.from({ length: 4 }, (_, n) => START + 100 + n),
      ...Array.from({ length: 17 }, () => START + 50),
      ...Array.from({ length: 4 }, (_, n) => START + n),
    ],
    "exactly full pages": Array.from({ length: 20 }, (_, n) => START + n),
    "nothing at all": [],
  };
  for (const [name, times] of Object.entries(cases)) {
    test(name, async () => {
      const made = await agentsAt(times);
      for (const limit of [1, 4, 5, 100]) {
        const pages = await documentedClient("/core/agents", made.key, limit);
        const seen = pages.flat().map((item) => item.id);
        expect(seen.toSorted()).toEqual(made.ids.toSorted());
        const stamps = pages.flat().map((item) => item.created_at);
        expect(stamps).toEqual(stamps.toSorted().toReversed());
        for (const [index, page] of pages.entries()) {
          // A page never splits items that share a created_at.
          const next = pages[index + 1]?.[0];
          if (next) expect(page.at(-1)?.created_at).not.toBe(next.created_at);
        }
      }
    });
  }

  test("while new items arrive at the top", async () => {
    const made = await agentsAt(Array.from({ length: 9 }, (_, n) => START + n));
    const first = await app.get("/core/agents?limit=4", made.key);
    await app.post("/core/agents", { name: "newer" }, made.key);
    const cursor = Buffer.from(first.body.at(-1).created_at).toString("base64");
    const second = await app.get(`/core/agents?limit=4&cursor=${cursor}`, made.key);
    expect(second.body.map((item: Item) => item.id)).toEqual(made.ids.slice(4, 8));
  });

  test("on every list, as the service itself writes the times", async () => {
    const owner = await app.organization();
    const widget = await app.widget(owner.key);
    const path = `/core/agents/${widget.agent_id}/versions`;
    for (let n = 0; n < 7; n += 1) {
      await app.post(path, { base_version: 1 }, owner.key);
      await app.begin(widget.id, { user_id: "u" });
      await app.post(
        "/core/web-widgets",
        { agent_id: widget.agent_id, agent_version_id: widget.agent_version_id },
        owner.key,
      );
    }
    const lists: [string, number][] = [
      [path, 8],
      ["/core/web-widgets", 8],
      ["/core/conversations", 7],
      [`/core/public/web-widgets/${widget.id}/conversations`, 7],
    ];
    for (const [list, count] of lists) {
      const pages = await documentedClient(list, owner.key, 3);
      const ids = pages.flat().map((item) => item.id);
      expect(new Set(ids).size, list).toBe(count);
      expect(ids, list).toHaveLength(count);
      for (const item of pages.flat())
        expect(item.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  });
});

describe("a cursor", () => {
  test("is taken in standard and URL-safe Base64, padded or not", async () => {
    const made = await agentsAt(Array.from({ length: 6 }, (_, n) => START + n));
    const forms: ((text: string) => string)[] = [
      (text) => Buffer.from(text).toString("base64"),
      (text) => Buffer.from(text).toString("base64").replaceAll("=", ""),
      (text) => Buffer.from(text).toString("base64url"),
      (text) => Buffer.from(text.replace("Z", "+00:00")).toString("base64"),
      // Padding is only needed at some lengths: without milliseconds it is another one.
      (text) => Buffer.from(text.replace("Z", "000Z")).toString("base64"),
    ];
    for (const form of forms) {
      const pages = await documentedClient("/core/agents", made.key, 2, form);
      expect(pages.flat().map((item) => item.id)).toEqual(made.ids);
    }
  });

  test("of another form: 422 naming `cursor`, by GraphQL naming `after`", async () => {
    const base64 = (text: string): string =>
      encodeURIComponent(Buffer.from(text).toString("base64"));
    const wrong = [
      "%20",
      "nonsense!",
      base64("yesterday"),
      base64("2026-02-30T00:00:00.000Z"),
      base64("2026-01-01"),
      base64("99999-01-01T00:00:00Z"),
      base64("2026-01-01T00:00:00.000Z|not-a-uuid"),
      base64("2026-01-01T00:00:00.000Z|a|b"),
      "A".repeat(300),
      "%00",
    ];
    for (const cursor of wrong) {
      const rest = await app.get(`/core/agents?cursor=${cursor}`, key);
      expect(rest.status, cursor).toBe(422);
      expect(rest.body.errors.map((error: { path: string }) => error.path)).toEqual(["cursor"]);
      const graphql = await app.gql(
        "query ($after: String) { agents(after: $after) { nodes { id } } }",
        { after: decodeURIComponent(cursor) },
        key,
      );
      expect(graphql.body.errors[0].extensions.code).toBe("BAD_USER_INPUT");
      expect(graphql.body.errors[0].extensions.errors[0].path).toBe("after");
    }
  });
});

describe("the Link header", () => {
  test("names the next page, with the filters, until there is none", async () => {
    const made = await agentsAt(Array.from({ length: 5 }, (_, n) => START + n));
    const seen: string[] = [];
    let path: string | undefined = "/core/agents?active=true&limit=2";
    while (path !== undefined) {
      const answer: Answer = await app.get(path, made.key);
      seen.push(...answer.body.map((item: Item) => item.id));
      const link: string | null = answer.headers.get("link");
      path = link === null ? undefined : /^<([^>]+)>; rel="next"$/.exec(link)?.[1];
      if (link !== null) expect(path).toContain("active=true");
    }
    expect(seen).toEqual(made.ids);
  });

  test("is there when a tie fills the page and older items follow", async () => {
    const made = await agentsAt([START + 1, START, START, START, START - 1]);
    expect((await app.get("/core/agents?limit=2", made.key)).headers.get("link")).not.toBeNull();
    expect((await app.get("/core/agents?limit=4", made.key)).headers.get("link")).not.toBeNull();
    expect((await app.get("/core/agents?limit=5", made.key)).headers.get("link")).toBeNull();
  });

  test("is absent on a page that holds everything", async () => {
    const made = await agentsAt([START, START, START]);
    expect((await app.get("/core/agents?limit=2", made.key)).headers.get("link")).toBeNull();
  });
});

describe("query parameters", () => {
  test("limit is 20 unless said otherwise, 1 to 100", async () => {
    const made = await agentsAt(Array.from({ length: 101 }, (_, n) => START + n));
    expect((await app.get("/core/agents", made.key)).body).toHaveLength(20);
    expect((await app.get("/core/agents?limit=1", made.key)).body).toHaveLength(1);
    expect((await app.get("/core/agents?limit=100", made.key)).body).toHaveLength(100);
    for (const limit of [
      "0",
      "-1",
      "101",
      "1.5",
      "1e2",
      "ten",
      "99999999999",
      "0x10",
      "NaN",
      " 5",
    ]) {
      const answer = await app.get(`/core/agents?limit=${limit}`, made.key);
      expect(answer.status, limit).toBe(422);
      expect(answer.body.errors[0].path).toBe("limit");
    }
    for (const first of [0, 101, -1]) {
      const answer = await app.gql(`{ agents(first: ${first}) { nodes { id } } }`, {}, made.key);
      expect(answer.body.errors[0].extensions.errors[0].path).toBe("first");
    }
  });

  test("an empty value is a wrong value, never no filter, for every one of them", async () => {
    const { paths } = (await app.get("/core/openapi.json")).body;
    let count = 0;
    for (const [path, { get }] of Object.entries<Record<string, { parameters: object[] }>>(paths)) {
      const known = path.replaceAll(/\{\w*id\}/g, crypto.randomUUID());
      for (const { name, in: where } of (get?.parameters ?? []) as Record<string, string>[]) {
        if (where !== "query") continue;
        count += 1;
        for (const query of [`${name}=`, `${name}`]) {
          const answer = await app.get(`${known}?${query}`, key);
          expect(answer.status, `${path}?${query}`).toBe(422);
          expect(answer.body.errors).toEqual([
            { path: name, message: "Is empty.", rule: "required" },
          ]);
        }
      }
    }
    expect(count).toBeGreaterThan(30);
  });

  test("escapes that are none, or no UTF-8, are not understood", async () => {
    for (const query of ["name=%zz", "name=%", "name=%ff", "name=%C3&limit=1", "nope=%ed%a0%80"]) {
      const answer = await app.get(`/core/agents?${query}`, key);
      expect(answer.status, query).toBe(400);
    }
    expect((await app.get("/core/agents?name=100%25+%C3%A9", key)).status).toBe(200);
  });

  test("given twice: 422 naming it; unknown ones are ignored", async () => {
    const answer = await app.get("/core/agents?name=a&name=b", key);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([{ path: "name", message: "Is given more than once." }]);
    expect((await app.get("/core/agents?nope=1&nope=2&name[x]=1&__proto__=1", key)).status).toBe(
      200,
    );
  });

  test("channel, status and direction in any case; answers in lower case; others 422", async () => {
    const owner = await app.organization();
    const widget = await app.widget(owner.key);
    await app.begin(widget.id, { user_id: "u" });
    for (const query of [
      "channel=webrtc",
      "channel=WEBRTC",
      "channel=WebRtc",
      "status=token_created",
      "status=TOKEN_CREATED",
      "direction=Inbound",
    ]) {
      const answer = await app.get(`/core/conversations?${query}`, owner.key);
      expect(answer.body, query).toHaveLength(1);
      expect(answer.body[0]).toMatchObject({
        channel: "webrtc",
        status: "token_created",
        direction: "inbound",
      });
    }
    expect((await app.get("/core/conversations?channel=telephone", owner.key)).body).toEqual([]);
    for (const query of ["channel=fax", "status=token-created", "direction=sideways"]) {
      const answer = await app.get(`/core/conversations?${query}`, owner.key);
      expect(answer.status, query).toBe(422);
      expect(answer.body.errors[0].path).toBe(query.split("=")[0]);
    }
  });

  test("of a wrong type: 422 naming it in REST's spelling", async () => {
    const wrong: [string, string][] = [
      ["/core/agents?is_demo=yes", "is_demo"],
      ["/core/agents?metadata=[1]", "metadata"],
      ["/core/agents?metadata={", "metadata"],
      ["/core/agents?created_after=yesterday", "created_after"],
      ["/core/agents?updated_before=2026-01-01", "updated_before"],
      ["/core/web-widgets?agent_id=5", "agent_id"],
      ["/core/conversations?user_turn_count_above=many", "user_turn_count_above"],
      ["/core/conversations?duration_below=99999999999", "duration_below"],
      ["/core/conversations?custom_metadata=1e400", "custom_metadata"],
      ["/core/agents?name=%00", "name"],
    ];
    for (const [path, name] of wrong) {
      const answer = await app.get(path, key);
      expect(answer.status, path).toBe(422);
      expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([name]);
    }
  });

  test("times may carry any zone, also with its plus sign unescaped", async () => {
    const made = await agentsAt([START, START + 1000]);
    for (const time of [
      "2026-01-01T00:00:00.500Z",
      "2026-01-01T02:00:00.500+02:00",
      "2025-12-31T19:00:00.500-05:00",
    ]) {
      const answer = await app.get(`/core/agents?created_after=${time}`, made.key);
      expect(answer.body, time).toHaveLength(1);
    }
  });
});

describe("GraphQL lists are Relay connections", () => {
  const QUERY = `query ($first: Int!, $after: String) {
    agents(first: $first, after: $after) {
      nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

  test("whose opaque cursors neither skip nor repeat, also within one created_at", async () => {
    const made = await agentsAt(Array.from({ length: 13 }, (_, n) => START + Math.floor(n / 6)));
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const answer: Answer = await app.gql(QUERY, { first: 4, after }, made.key);
      const { nodes, edges, pageInfo } = answer.body.data.agents;
      expect(nodes.length).toBeLessThanOrEqual(4);
      expect(edges.map((edge: { node: Item }) => edge.node)).toEqual(nodes);
      expect(pageInfo.startCursor).toBe(edges[0].cursor);
      expect(pageInfo.endCursor).toBe(edges.at(-1).cursor);
      seen.push(...nodes.map((node: Item) => node.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen.toSorted()).toEqual(made.ids.toSorted());
    expect(new Set(seen).size).toBe(13);
  });

  test("any edge's cursor continues right behind it", async () => {
    const made = await agentsAt([START, START, START, START]);
    const all = await app.gql(QUERY, { first: 10 }, made.key);
    const { edges } = all.body.data.agents;
    const rest = await app.gql(QUERY, { first: 10, after: edges[1].cursor }, made.key);
    expect(rest.body.data.agents.edges).toEqual(edges.slice(2));
  });

  test("an empty one has no cursors", async () => {
    const owner = await app.organization();
    const answer = await app.gql(QUERY, { first: 1 }, owner.key);
    expect(answer.body.data.agents.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });

  test("a page is as long as it was asked for, though items share a createdAt; REST alone keeps those together", async () => {
    const made = await agentsAt([START + 1, START, START, START, START - 1]);
    const answer = await app.gql(QUERY, { first: 2 }, made.key);
    expect(answer.body.data.agents.nodes).toHaveLength(2);
    expect((await app.get("/core/agents?limit=2", made.key)).body).toHaveLength(4);
  });

  test("the keys' list pages too", async () => {
    const owner = await app.organization();
    for (let n = 0; n < 4; n += 1) await app.key(owner.id, ["agents:read"]);
    const page = (after: string | null): Promise<Answer> =>
      app.gql(
        "query ($after: String) { apiKeys(first: 3, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }",
        { after },
        owner.key,
      );
    const first = (await page(null)).body.data.apiKeys;
    const second = (await page(first.pageInfo.endCursor)).body.data.apiKeys;
    expect([first.nodes.length, second.nodes.length]).toEqual([3, 2]);
    expect(new Set([...first.nodes, ...second.nodes].map((node: Item) => node.id)).size).toBe(5);
  });

  test("a widget's conversations page with their own cursors", async () => {
    const owner = await app.organization();
    const widget = await app.widget(owner.key);
    for (let n = 0; n < 5; n += 1) await app.begin(widget.id, { user_id: "u" });
    const query = `query ($id: UUID!, $after: String) { widget(id: $id) {
      conversations(first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } }
    } }`;
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const answer: Answer = await app.gql(query, { id: widget.id, after }, owner.key);
      const { nodes, pageInfo } = answer.body.data.widget.conversations;
      seen.push(...nodes.map((node: Item) => node.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    const ofAnotherList = Buffer.from("2026-01-01T00:00:00.000Z|org_demo").toString("base64");
    for (const wrong of ["nonsense!", "", ofAnotherList]) {
      const answer = await app.gql(query, { id: widget.id, after: wrong }, owner.key);
      expect(answer.body.errors[0].extensions.errors[0].path).toBe("after");
    }
  });
});

describe.runIf(onPostgres)(
  "with thousands of rows, on PostgreSQL, each list is answered by its index",
  () => {
    const ROWS = 6000;
    let agentId: string;
    let widgetId: string;

    beforeAll(async () => {
      const widget = await app.widget(key);
      agentId = widget.agent_id;
      widgetId = widget.id;
      const at = (n: number): Date => new Date(START + n * 1000);
      const base = { organizationId, agentId, agentVersionId: widget.agent_version_id };
      // A tenth of the rows is this organization's neighbour's, as in a real table.
      const other = await app.organization();
      const theirs = await app.widget(other.key);
      const conversations = Array.from({ length: ROWS }, (_, n) => ({
        ...(n % 10 === 0
          ? {
              organizationId: other.id,
              agentId: theirs.agent_id,
              agentVersionId: theirs.agent_version_id,
            }
          : base),
        id: randomUUID(),
        direction: "inbound" as const,
        channel: "webrtc" as const,
        status: "completed" as const,
        userId: `guest_${randomUUID()}`,
        webWidgetId: n % 10 === 0 ? theirs.id : widgetId,
        duration: n % 900,
        customMetadata: { order: n },
        bound: false,
        currentRoom: randomUUID(),
        createdAt: at(n),
        updatedAt: at(n),
      }));
      await app.db.conversation.createMany({ data: conversations });
      const agents = Array.from({ length: ROWS }, (_, n) => ({
        id: randomUUID(),
        organizationId,
        name: `${randomUUID()}`,
        active: true,
        isDemo: false,
        metadata: { number: n },
        createdAt: at(n),
        updatedAt: at(n),
      }));
      await app.db.agent.createMany({ data: agents });
      await app.db.widget.createMany({
        data: agents.map((agent) => ({
          ...base,
          id: randomUUID(),
          domains: [],
          published: true,
          config: {},
          createdAt: agent.createdAt,
          updatedAt: agent.createdAt,
        })),
      });
      await app.db.agentVersion.createMany({
        data: agents.map((agent, n) => ({
          id: randomUUID(),
          organizationId,
          agentId,
          version: n + 100,
          published: true,
          config: {},
          createdAt: agent.createdAt,
          updatedAt: agent.createdAt,
        })),
      });
      // As autovacuum does: until then new entries wait in a list that makes GIN indexes look expensive.
      await app.db.$executeRawUnsafe("VACUUM ANALYZE");
    }, 120_000);

    /** The plan of the one statement with which a list finds its page. */
    async function planOf(path: string): Promise<{ text: string; rowsRead: number }> {
      const { result, statements } = await recordStatements(() => app.get(path, key));
      expect(result.status, result.text).toBe(200);
      const page = statements.find(({ sql }) => /created_at FROM/.test(sql));
      if (!page) throw new Error(`no page in ${statements.map(({ sql }) => sql).join("\n")}`);
      return explain(page);
    }

    async function explain({
      sql,
      parameters,
    }: Statement): Promise<{ text: string; rowsRead: number }> {
      const rows = await app.db.$queryRawUnsafe<{ "QUERY PLAN": string }[]>(
        `EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) ${sql}`,
        ...parameters,
      );
      const text = rows.map((row) => row["QUERY PLAN"]).join("\n");
      const removed = [...text.matchAll(/Rows Removed by (?:Filter|Index Recheck): (\d+)/g)];
      const read = [...text.matchAll(/actual (?:time=\S+ )?rows=([\d.]+)/g)];
      const sum = (matches: RegExpMatchArray[]): number =>
        matches.reduce((total, match) => total + Number(match[1]), 0);
      return { text, rowsRead: sum(removed) + sum(read) };
    }

    const cases: () => [path: string, index: RegExp][] = () => [
      ["/core/conversations", /conversations_organization_id_created_at_id_idx/],
      [
        "/core/conversations?status=failed",
        /conversations_organization_id_status_created_at_id_idx/,
      ],
      ["/core/conversations?channel=email", /conversations_other_channel_idx/],
      ["/core/conversations?channel=webrtc", /conversations_organization_id_created_at_id_idx/],
      ["/core/conversations?direction=outbound", /conversations_other_direction_idx/],
      ["/core/conversations?direction=inbound", /conversations_organization_id_created_at_id_idx/],
      // Nothing is that long, or that short.
      ["/core/conversations?duration_above=5000", /conversations_duration_idx/],
      ["/core/conversations?duration_below=-1", /conversations_duration_idx/],
      ["/core/conversations?user_turn_count_above=500", /conversations_ended_turn_count_idx/],
      ["/core/conversations?user_turn_count_below=-1", /conversations_ended_turn_count_idx/],
      [`/core/conversations?agent_id=${randomUUID()}`, /conversations_agent_id_created_at_id_idx/],
      [
        `/core/conversations?agent_version_id=${randomUUID()}`,
        /conversations_agent_version_id_created_at_id_idx/,
      ],
      [`/core/conversations?web_widget_id=${randomUUID()}`, /conversations_web_widget_id/],
      ["/core/conversations?user_id=schmidt", /conversations_user_id_idx/],
      [`/core/conversations?custom_metadata={"order":4711}`, /conversations_custom_metadata_idx/],
      ["/core/agents", /agents_organization_id_created_at_id_idx/],
      ["/core/agents?active=false", /agents_organization_id_active_created_at_id_idx/],
      ["/core/agents?is_demo=true", /agents_organization_id_is_demo_created_at_id_idx/],
      ["/core/agents?name=schmidt", /agents_name_idx/],
      [`/core/agents?metadata={"number":17}`, /agents_metadata_idx/],
      ["/core/web-widgets", /widgets_organization_id_created_at_id_idx/],
      ["/core/web-widgets?published=false", /widgets_organization_id_published_created_at_id_idx/],
      [`/core/web-widgets?agent_id=${randomUUID()}`, /widgets_agent_id_created_at_id_idx/],
      [`/core/agents/${agentId}/versions`, /agent_versions_agent_id_created_at_id_idx/],
      [
        `/core/agents/${agentId}/versions?published=false`,
        /agent_versions_agent_id_published_created_at_id_idx/,
      ],
      [`/core/agents/${agentId}/versions?version=150`, /agent_versions_agent_id_version_key/],
      [
        `/core/public/web-widgets/${widgetId}/conversations`,
        /conversations_web_widget_id_created_at_id_idx|conversations_unbound_idx/,
      ],
      [
        `/core/public/web-widgets/${widgetId}/conversations?user_id=nobody`,
        /conversations_web_widget_id_user_id_created_at_id_idx|conversations_user_id_idx/,
      ],
    ];

    test("unfiltered, by equality, by substring and by containment", async () => {
      for (const [path, index] of cases()) {
        const { text, rowsRead } = await planOf(path);
        expect(text, path).toMatch(index);
        expect(text, path).not.toMatch(/Seq Scan/);
        // A page reads what it shows, not what there is.
        expect(rowsRead, `${path}\n${text}`).toBeLessThan(300);
      }
    });

    test("the last page costs what the first one costs", async () => {
      const cursor = Buffer.from(new Date(START + 30_000).toISOString()).toString("base64");
      for (const list of ["/core/agents", "/core/conversations", "/core/web-widgets"]) {
        const first = await planOf(list);
        const last = await planOf(`${list}?cursor=${cursor}`);
        expect(last.text, list).not.toMatch(/Seq Scan|Sort/);
        expect(last.rowsRead, last.text).toBeLessThanOrEqual(first.rowsRead + 20);
      }
    });

    test("the public list does not read what is bound", async () => {
      await app.db.conversation.updateMany({
        where: { webWidgetId: widgetId },
        data: { bound: true },
      });
      await app.db.$executeRawUnsafe("VACUUM ANALYZE conversations");
      const path = `/core/public/web-widgets/${widgetId}/conversations`;
      const anonymous = await planOf(path);
      expect(anonymous.rowsRead, anonymous.text).toBeLessThan(20);
    });

    test("a sweep reads what goes on and what is old, not what there is", async () => {
      await app.db.organization.update({
        where: { id: organizationId },
        data: { retentionDays: 36_500 },
      });
      const { statements } = await recordStatements(async () => {
        await app.parley.lifecycle.sweep();
        await app.parley.retention.sweep();
        await app.parley.recalls.sweep();
      });
      const sweeps = statements.filter(({ sql }) =>
        /FROM\s.*conversations|UPDATE conversations/s.test(sql),
      );
      expect(sweeps).toHaveLength(6);
      for (const sweep of sweeps) {
        const { text, rowsRead } = await explain(sweep);
        expect(text).not.toMatch(/Seq Scan on conversations/);
        expect(rowsRead, text).toBeLessThan(300);
      }
    });

    test("a widget's nested conversations come from its index", async () => {
      const { result, statements } = await recordStatements(() =>
        app.gql(
          `{ widgets(first: 5) { nodes { conversations(first: 5) { nodes { id } } } } }`,
          {},
          key,
        ),
      );
      expect(result.body.errors).toBeUndefined();
      const nested = statements.find(({ sql }) => sql.includes("LATERAL"));
      if (!nested) throw new Error("no nested page");
      const { text, rowsRead } = await explain(nested);
      expect(text).toMatch(/conversations_web_widget_id/);
      expect(rowsRead, text).toBeLessThan(200);
    });
  },
);
