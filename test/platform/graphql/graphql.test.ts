import { randomUUID } from "node:crypto";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { recordStatements } from "../../support/statements.js";
import { makeWorld, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
});
afterAll(() => app.stop());

/** Code of the first error. */
function codeOf(answer: Answer): string | undefined {
  return answer.body.errors?.[0]?.extensions?.code;
}

describe("limits count before anything runs", () => {
  test("a page of documents is allowed, documents under many aliases are not", async () => {
    const page = `{ widgets(first: 100) { nodes { id domains config } } }`;
    expect(codeOf(await app.gql(page, {}, world.key))).toBeUndefined();
    const aliases = Array.from({ length: 4 }, (_, n) => `c${n}: config`).join(" ");
    const many = `{ widgets(first: 100) { nodes { ${aliases} } } }`;
    expect(codeOf(await app.gql(many, {}, world.key))).toBe("QUERY_TOO_LARGE");
  });

  const deep = `{ widgets { nodes { conversations { nodes { id } } } } }`;

  test("a query that costs too much is refused, with `first` as a literal", async () => {
    const query = `{ widgets(first: 100) { nodes { conversations(first: 100) { nodes { id status } } } } }`;
    const { result, statements } = await recordStatements(() => app.gql(query, {}, world.key));
    expect(result.status).toBe(400);
    expect(codeOf(result)).toBe("QUERY_TOO_LARGE");
    expect(statements).toEqual([]);
  });

  test("with `first` as a variable, also one with a default", async () => {
    const query = (declared: string): string =>
      `query (${declared}) { widgets(first: $n) { nodes { conversations(first: $n) { nodes { id status } } } } }`;
    expect(codeOf(await app.gql(query("$n: Int!"), { n: 100 }, world.key))).toBe("QUERY_TOO_LARGE");
    expect(codeOf(await app.gql(query("$n: Int! = 100"), {}, world.key))).toBe("QUERY_TOO_LARGE");
    expect(codeOf(await app.gql(query("$n: Int!"), { n: 5 }, world.key))).toBeUndefined();
  });

  test("hidden in a fragment or under many aliases, too", async () => {
    const inFragment = `query { ...F } fragment F on Query { widgets(first: 100) { ...G } }
      fragment G on WidgetConnection { nodes { conversations(first: 100) { nodes { id status } } } }`;
    expect(codeOf(await app.gql(inFragment, {}, world.key))).toBe("QUERY_TOO_LARGE");
    const aliases = Array.from(
      { length: 100 },
      (_, n) => `a${n}: agents(first: 100) { nodes { id } }`,
    );
    expect(codeOf(await app.gql(`{ ${aliases.join(" ")} }`, {}, world.key))).toBe(
      "QUERY_TOO_LARGE",
    );
  });

  test("a plain nested list counts as the 100 that it may hold", async () => {
    const query = `{ agents(first: 100) { nodes { versions(first: 100) { nodes { id number: version } } } } }`;
    expect(codeOf(await app.gql(query, {}, world.key))).toBe("QUERY_TOO_LARGE");
  });

  test("an ordinary nested query passes", async () => {
    expect((await app.gql(deep, {}, world.key)).body.errors).toBeUndefined();
  });

  test("a query that is too deep is refused, also through fragments", async () => {
    const nest = (levels: number): string =>
      levels === 0
        ? "id"
        : `agent { widgets { nodes { agentVersion { id } ${nest(levels - 1)} } } }`;
    const query = `{ widget(id: "${world.widgetId}") { ${nest(6)} } }`;
    const answer = await app.gql(query, {}, world.key);
    expect(answer.status).toBe(400);
    expect(codeOf(answer)).toBe("QUERY_TOO_LARGE");
    const cycle = `query { widget(id: "${world.widgetId}") { ...F } } fragment F on Widget { agent { widgets { nodes { ...F } } } }`;
    expect((await app.gql(cycle, {}, world.key)).status).toBe(400);
  });

  test("a document of too many tokens is not even parsed", async () => {
    const fields = Array.from({ length: 3001 }, (_, n) => `a${n}`);
    const answer = await app.gql(`{ ${fields.join(" ")} }`, {}, world.key);
    expect(answer.status).toBe(400);
    expect(codeOf(answer)).toBe("GRAPHQL_PARSE_FAILED");
  });

  test("a list of requests in one body is refused", async () => {
    const batch = [{ query: "{ __typename }" }, { query: "{ __typename }" }];
    const answer = await app.call("POST", "/graphql", { body: batch, key: world.key });
    expect(answer.status).toBe(400);
    expect(answer.body.data).toBeUndefined();
  });

  test("introspection answers, but not nested without end", async () => {
    const plain = await app.gql("{ __schema { queryType { name } } }");
    expect(plain.body.data.__schema.queryType.name).toBe("Query");
    const nested = `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`;
    expect((await app.gql(nested)).status).toBe(400);
  });

  test("introspection costs what it answers: the whole schema, but not many times", async () => {
    const whole = await app.gql(getIntrospectionQuery());
    expect(whole.body.errors).toBeUndefined();
    const many = (field: string, count: number): string =>
      Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(" ");
    const fragment = "fragment F on __Schema { types { name } }";
    for (const query of [
      `{ ${many("__schema { ...F }", 170)} } ${fragment}`,
      `{ ${many('__type(name: "Query") { name }', 251)} }`,
      `{ ${many("agentConfigSchema", 101)} }`,
      `{ __schema { types { ${many("fields { ...G }", 20)} } } } fragment G on __Field { ${many("description", 50)} }`,
      `{ ${many(`publicWidget(id: "${world.widgetId}") { ...H }`, 20)} } fragment H on PublicWidget { ${many("config", 99)} }`,
    ]) {
      expect(codeOf(await app.gql(query, {}, world.key)), query.slice(0, 80)).toBe(
        "QUERY_TOO_LARGE",
      );
    }
  });

  test("fragments that spread each other again and again are refused, not walked", async () => {
    const fragments = Array.from({ length: 14 }, (_, n) =>
      n === 13
        ? `fragment F${n} on Query { __typename }`
        : `fragment F${n} on Query { ...F${n + 1} ... on Query { ...F${n + 1} } }`,
    );
    const answer = await app.gql(`{ ...F0 } ${fragments.join(" ")}`);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({
      status: 400,
      code: "QUERY_TOO_LARGE",
    });
  });
});

test("mutations of one document see what those before them changed", async () => {
  const { key } = await app.organization();
  const widget = await app.widget(key, {}, { published: false });
  const change = `updateWidget(input: { id: $widget }) { widget { agent { name } agentVersion { published } readiness { blockers { code } } } }`;
  const { body } = await app.gql(
    `mutation ($widget: UUID!, $agent: UUID!) {
      before: ${change}
      publishAgentVersion(input: { agentId: $agent, version: 1 }) { agentVersion { published } }
      updateAgent(input: { id: $agent, name: "Renamed" }) { agent { name } }
      after: ${change}
    }`,
    { widget: widget.id, agent: widget.agent_id },
    key,
  );
  expect(body.errors).toBeUndefined();
  const code = "VERSION_NOT_PUBLISHED";
  expect(body.data.before.widget.readiness.blockers).toContainEqual({ code });
  expect(body.data.after.widget).toMatchObject({
    agent: { name: "Renamed" },
    agentVersion: { published: true },
  });
  expect(body.data.after.widget.readiness.blockers).not.toContainEqual({ code });
});

describe("one failure never takes its siblings' answers", () => {
  test("an unknown id is null with a NOT_FOUND error at its path", async () => {
    const { body } = await app.gql(
      "query ($known: UUID!, $unknown: UUID!) { known: widget(id: $known) { id } unknown: widget(id: $unknown) { id } }",
      { known: world.widgetId, unknown: randomUUID() },
      world.key,
    );
    expect(body.data).toEqual({ known: { id: world.widgetId }, unknown: null });
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0]).toMatchObject({
      path: ["unknown"],
      extensions: { code: "NOT_FOUND" },
    });
  });

  test("of two mutations the one that succeeded keeps its answer, a new key's secret too", async () => {
    const { key } = await app.organization();
    const { body } = await app.gql(
      `mutation ($unknown: UUID!) {
        createApiKey(input: { name: "CI", scopes: [AGENTS_READ] }) { secret }
        deleteAgent(input: { id: $unknown }) { deletedAgentId }
      }`,
      { unknown: randomUUID() },
      key,
    );
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0]).toMatchObject({
      path: ["deleteAgent"],
      extensions: { code: "NOT_FOUND" },
    });
    expect(body.data.deleteAgent).toBeNull();
    const { secret } = body.data.createApiKey;
    expect((await app.get("/core/agents", secret)).status).toBe(200);
  });
});

describe("errors", () => {
  test("carry no stack trace, whatever NODE_ENV says", async () => {
    const earlier = process.env["NODE_ENV"];
    const remove = app.rooms.deleteInBackground;
    app.rooms.deleteInBackground = () => {
      throw new Error("the fake broke at /some/path");
    };
    try {
      for (const environment of ["development", "test", "production"]) {
        process.env["NODE_ENV"] = environment;
        const other = await makeWorld(app);
        const answer = await app.gql(
          "mutation ($id: UUID!) { deleteWidget(input: { id: $id }) { deletedWidgetId } }",
          { id: other.widgetId },
          other.key,
        );
        const [error] = answer.body.errors;
        expect(error.extensions).toEqual({
          code: "INTERNAL_SERVER_ERROR",
          requestId: answer.headers.get("x-request-id"),
        });
        expect(error.message).toBe(
          `Something went wrong on our side. Request id: ${answer.headers.get("x-request-id")}`,
        );
        expect(answer.text).not.toMatch(/stack|the fake broke|node_modules|\.ts:/);
        const wrong = await app.gql("{ nope }", {}, other.key);
        expect(wrong.text).not.toMatch(/stack|node_modules|\.[tj]s:\d/);
      }
    } finally {
      process.env["NODE_ENV"] = earlier;
      app.rooms.deleteInBackground = remove;
    }
  });

  test("carry a code, and for input the list of fields", async () => {
    const wrong = await app.gql(
      "mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }",
      { input: { name: "", metadata: [] } },
      world.key,
    );
    expect(wrong.body.errors[0].extensions).toEqual({
      code: "BAD_USER_INPUT",
      errors: [{ path: "metadata", message: "Must be a JSON object.", rule: "type" }],
    });
    const conflict = await app.gql(
      "mutation ($id: UUID!) { deleteAgent(input: { id: $id }) { deletedAgentId } }",
      { id: world.agentId },
      world.key,
    );
    expect(codeOf(conflict)).toBe("CONFLICT");
    expect(conflict.body.errors[0].path).toEqual(["deleteAgent"]);
  });

  test("name a wrong value in the document as they do one in a variable, and where it stands", async () => {
    const literals: [string, string][] = [
      [`{ widget(id: "x") { id } }`, "id"],
      [`{ agentVersion(agentId: "${world.agentId}", version: 0) { id } }`, "version"],
      [`mutation { createAgent(input: { name: "a", metadata: 1 }) { agent { id } } }`, "metadata"],
      [`mutation { createAgent(input: { name: null }) { agent { id } } }`, "name"],
    ];
    for (const [query, path] of literals) {
      const [error] = (await app.gql(query, {}, world.key)).body.errors;
      expect(error.extensions, query).toEqual({
        code: "BAD_USER_INPUT",
        errors: [expect.objectContaining({ path, message: expect.any(String) })],
      });
      expect(error.locations, query).toHaveLength(1);
    }
  });

  test("name the same field whatever the caller called the variable, and a key that is not known", async () => {
    const make = "mutation ($x: CreateAgentInput!) { createAgent(input: $x) { agent { id } } }";
    const cases: [string, Record<string, unknown>, string][] = [
      [make, { x: { name: "a", metadata: 1 } }, "metadata"],
      [make, { x: { name: "a", nickname: "b" } }, "nickname"],
      ["query ($n: Int) { widgets(first: $n) { nodes { id } } }", { n: null }, "first"],
    ];
    for (const [query, variables, path] of cases) {
      const answer = await app.gql(query, variables, world.key);
      expect(answer.status, query).toBe(400);
      expect(answer.body.errors[0].extensions, query).toEqual({
        code: "BAD_USER_INPUT",
        errors: [expect.objectContaining({ path, message: expect.any(String) })],
      });
    }
  });

  test("say of a document that cannot be understood what is wrong, and that it is the caller's", async () => {
    const broken = await app.gql("{ widgets( }");
    expect(broken.status).toBe(400);
    expect(broken.body.errors[0]).toMatchObject({
      message: expect.stringContaining("Syntax Error"),
      locations: [{ line: 1, column: 12 }],
      extensions: { code: "GRAPHQL_PARSE_FAILED" },
    });
    for (const body of [
      { query: "subscription { a }" },
      { query: "{ __typename }", extensions: { persistedQuery: { version: 1, sha256Hash: "a" } } },
    ]) {
      const answer = await app.call("POST", "/graphql", { body });
      expect(answer.text).not.toContain("INTERNAL_SERVER_ERROR");
    }
  });

  test("never repeat the value, whether it came as a variable or in the document", async () => {
    const secret = "correct-horse-battery";
    const queries: [string, Record<string, unknown>][] = [
      ["query ($id: UUID!) { widget(id: $id) { id } }", { id: secret }],
      [`{ widget(id: "${secret}") { id } }`, {}],
      ["query ($f: Int!) { agents(first: $f) { nodes { id } } }", { f: secret }],
      [`{ agents(first: "${secret}") { nodes { id } } }`, {}],
      [`{ agents(createdAfter: "${secret}") { nodes { id } } }`, {}],
      [
        "query ($s: ConversationStatus) { conversations(status: $s) { nodes { id } } }",
        { s: secret },
      ],
      [`{ conversations(status: "${secret}") { nodes { id } } }`, {}],
      [`{ agents(active: "${secret}") { nodes { id } } }`, {}],
      [`{ agents(metadata: "${secret}") { nodes { id } } }`, {}],
      [`{ agentVersion(agentId: "${world.agentId}", version: "${secret}") { id } }`, {}],
      [`{ agents(after: "${secret}") { nodes { id } } }`, {}],
    ];
    for (const [query, variables] of queries) {
      const answer = await app.gql(query, variables, world.key);
      expect(answer.body.errors, query).toHaveLength(1);
      expect(answer.text, query).not.toContain(secret);
    }
  });
});

test("a conversation leads to its version and its widget, a version to its agent", async () => {
  const { body } = await app.gql(
    `query ($id: UUID!) { conversation(id: $id) {
      agentVersion { id agent { id } } widget { id published }
    } }`,
    { id: world.conversationId },
    world.key,
  );
  expect(body.errors).toBeUndefined();
  expect(body.data.conversation).toEqual({
    agentVersion: { id: world.versionId, agent: { id: world.agentId } },
    widget: { id: world.widgetId, published: true },
  });
});

test("an agent's versions are paged", async () => {
  const query = `query ($id: UUID!, $after: String) { agent(id: $id) {
    versions(first: 1, after: $after) { nodes { version } pageInfo { hasNextPage endCursor } }
  } }`;
  const first = await app.gql(query, { id: world.agentId }, world.key);
  const { nodes, pageInfo } = first.body.data.agent.versions;
  expect({ nodes, more: pageInfo.hasNextPage }).toEqual({ nodes: [{ version: 2 }], more: true });
  const after = pageInfo.endCursor;
  const second = await app.gql(query, { id: world.agentId, after }, world.key);
  expect(second.body.data.agent.versions).toMatchObject({
    nodes: [{ version: 1 }],
    pageInfo: { hasNextPage: false },
  });
});

describe("a list never loads per row", () => {
  /** Two organizations of like things, few and many: the number of statements must be the same. */
  async function organizationWith(count: number): Promise<string> {
    const { key } = await app.organization();
    for (let n = 0; n < count; n += 1) {
      const widget = await app.widget(key);
      for (const user of ["a", "b"]) await app.begin(widget.id, { user_id: user });
    }
    return key;
  }

  const QUERIES = {
    widgets: `{ widgets(first: 10) { nodes {
      agent { name } agentVersion { version } readiness { live } security { strict }
      conversations(first: 3) { nodes { id agent { name } conversation { messages { text } } } }
    } } }`,
    agents: `{ agents(first: 10) { nodes {
      versions { nodes { id agent { id } } } conversationStatistics { total }
      widgets { nodes { id agentVersion { id } } }
    } } }`,
    conversations: `{ conversations(first: 20) { nodes { agent { name } widget { id } agentVersion { id agent { id } } conversation { messages { id } } } } }`,
  };

  /** Of three tries: what is asked for while a statement lasts long is asked by one more, on a busy machine. */
  async function fewestStatements(
    query: string,
    by: string,
  ): Promise<Awaited<ReturnType<typeof recordStatements<Answer>>>> {
    const tries = [];
    for (let number = 0; number < 3; number += 1) {
      const one = await recordStatements(() => app.gql(query, {}, by));
      // Who asks is known for a second, so that it is read by some or by none.
      const at = one.statements.findIndex(({ sql }) => sql.includes('"api_keys"'));
      if (at >= 0) one.statements.splice(at, 1);
      tries.push(one);
    }
    return tries.reduce((best, one) =>
      one.statements.length < best.statements.length ? one : best,
    );
  }

  test("nested fields take the same number of statements for 2 rows as for 7", async () => {
    const few = await organizationWith(2);
    const many = await organizationWith(7);
    for (const [name, query] of Object.entries(QUERIES)) {
      const short = await fewestStatements(query, few);
      const long = await fewestStatements(query, many);
      expect(short.result.body.errors).toBeUndefined();
      expect(long.result.body.data[name].nodes.length).toBeGreaterThanOrEqual(7);
      expect(short.statements.length, name).toBeGreaterThan(2);
      expect(
        long.statements.length,
        `${name}:\n${long.statements.map(({ sql }) => sql.slice(0, 90)).join("\n")}`,
      ).toBe(short.statements.length);
      expect(long.statements.length, name).toBeLessThanOrEqual(14);
    }
  });

  test("the same field under many aliases loads once for all", async () => {
    const aliases = Array.from({ length: 10 }, (_, n) => `a${n}: agent { name }`);
    const { statements } = await recordStatements(() =>
      app.gql(`{ widgets { nodes { ${aliases.join(" ")} } } }`, {}, world.key),
    );
    expect(statements.filter(({ sql }) => /FROM .*\bagents\b/.test(sql))).toHaveLength(1);
  });
});
