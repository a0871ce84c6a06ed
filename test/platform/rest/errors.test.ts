import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openPostgres } from "../../../src/platform/database/client.js";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import type { Route } from "../../../src/platform/rest/route.js";
import { TestApp, type Answer } from "../../support/app.js";
import { expectForm } from "../../support/error-form.js";
import { callRoute, callWith, pathOf, routeKey } from "../../support/operations.js";
import { makeWorld, nowhere, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
});
afterAll(() => app.stop());

/** The rows that read a body; a logout and a withdrawal need none. */
const writes = ROUTES.filter(
  ({ method, path }) =>
    (method === "POST" || method === "PUT") && !/\/(logout|withdraw-consent)$/.test(path),
);

const send = (route: Route, body: unknown, headers?: Record<string, string>): Promise<Answer> =>
  callWith(app, route, world, body, headers);

function paths(answer: Answer): string[] {
  return answer.body.errors.map((error: { path: string }) => error.path);
}

describe("400: what is not understood", () => {
  test("broken JSON, and bodies that are no object", async () => {
    for (const route of writes) {
      for (const body of [
        "{",
        '{"a":}',
        "nope",
        "[]",
        "[{}]",
        '"text"',
        "5",
        "true",
        "null",
        "\u{feff}{",
      ]) {
        expectForm(await send(route, body), 400, `${routeKey(route)} ${body}`);
      }
    }
  });
});

describe("404", () => {
  test("a path that is not there", async () => {
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/core"],
      ["GET", "/core/nope"],
      ["GET", "/core/Agents"],
      ["PATCH", "/core/nope"],
      ["OPTIONS", "/core/nope"],
      ["GET", "/core/agents/a/b/c/d"],
      ["GET", "//core/agents"],
    ] as const) {
      const answer = await app.call(method, path, { key: world.key });
      expectForm(answer, 404, `${method} ${path}`);
      expect(answer.body).toEqual({ detail: "Not found." });
    }
  });

  test("a malformed id in a path has the same body as an unknown one, on every row", async () => {
    const missing = nowhere(world.key);
    for (const route of ROUTES.filter(({ path }) => /\{\w*id\}/.test(path))) {
      const unknown = await callRoute(app, route, missing);
      for (const id of [
        "nope",
        "1",
        `${world.widgetId}x`,
        "%00",
        "%F0%9F%98%80",
        "__proto__",
        "..%2f..",
      ]) {
        const malformed = { ...missing, agentId: id, widgetId: id, conversationId: id };
        const answer = await callRoute(app, route, malformed);
        expectForm(answer, 404, `${routeKey(route)} ${id}`);
        // With two ids in the path the first wrong one is named.
        expect(answer.body, `${routeKey(route)} ${id}`).toEqual(unknown.body);
      }
    }
  });

  test("an id may be written in any case", async () => {
    const answer = await app.get(`/core/agents/${world.agentId.toUpperCase()}`, world.key);
    expect(answer.body.id).toBe(world.agentId);
  });

  test("percent signs that are no escape are not found", async () => {
    expectForm(await app.get("/core/agents/%zz", world.key), 404, "%zz");
  });

  test("a version that is no number and not `latest`", async () => {
    for (const version of ["0", "-1", "1.5", "newest", "99999999999", "LATEST", "%00"]) {
      const path = `/core/agents/${world.agentId}/versions/${version}`;
      const answer = await app.get(path, world.key);
      expectForm(answer, 404, version);
      expect(answer.body).toEqual({ detail: "Agent version not found." });
    }
  });
});

describe("422: a field is wrong", () => {
  test("each wrong field is named, in snake_case, once", async () => {
    const answer = await app.post(
      "/core/web-widgets",
      { agent_id: "nope", agent_version_id: 5, domains: "a", published: "yes", config: [] },
      world.key,
    );
    expectForm(answer, 422, "many");
    expect(paths(answer).toSorted()).toEqual([
      "agent_id",
      "agent_version_id",
      "config",
      "domains",
      "published",
    ]);
  });

  test("nested fields by their dotted path", async () => {
    const answer = await app.put(
      `/core/web-widgets/${world.widgetId}`,
      { config: { v1: { theme: "blue", quick_actions: [{ id: "a", label: "b" }] } } },
      world.key,
    );
    expect(paths(answer).toSorted()).toEqual([
      "config.v1.quick_actions.0.message",
      "config.v1.theme",
    ]);
    const list = await app.put(
      `/core/web-widgets/${world.widgetId}`,
      { domains: [1, {}] },
      world.key,
    );
    expect(paths(list)).toEqual(["domains.0", "domains.1"]);
  });

  test("null means absent for an optional field, and is wrong for one that cannot be null", async () => {
    const made = await app.post(
      "/core/agents",
      { name: "n", description: null, active: null, is_demo: null, metadata: null },
      world.key,
    );
    expect(made.body).toMatchObject({
      active: true,
      is_demo: false,
      metadata: {},
      description: null,
    });
    const widget = await app.post(
      "/core/web-widgets",
      {
        agent_id: world.agentId,
        agent_version_id: world.versionId,
        domains: null,
        published: null,
        config: null,
      },
      world.key,
    );
    expect(widget.body).toMatchObject({ domains: [], published: false, config: {} });
    const kept = await app.put(
      `/core/web-widgets/${widget.body.id}`,
      { domains: null, published: null, config: null },
      world.key,
    );
    expect({ ...kept.body, updated_at: "" }).toEqual({ ...widget.body, updated_at: "" });

    const wrong: [string, string, object][] = [
      ["POST", "/core/agents", { name: null }],
      ["PUT", `/core/agents/${world.agentId}`, { name: null }],
      ["PUT", `/core/web-widgets/${widget.body.id}`, { agent_id: null }],
      ["PUT", `/core/web-widgets/${widget.body.id}`, { agent_version_id: null }],
      ["POST", `/core/public/web-widgets/${world.widgetId}/conversations`, { user_id: null }],
      [
        "POST",
        `/core/public/web-widgets/${world.widgetId}/conversations/${world.conversationId}/feedback`,
        { data: null },
      ],
    ];
    for (const [method, path, body] of wrong) {
      const answer = await app.call(method, path, { body, key: world.key });
      expectForm(answer, 422, path);
      expect(paths(answer)).toEqual(Object.keys(body));
      expect(answer.body.errors[0].message).toBe("Cannot be null.");
    }
  });

  test("unknown keys are ignored, so that a client may send back what it read", async () => {
    const path = `/core/web-widgets/${world.widgetId}`;
    const read = await app.get(path, world.key);
    const back = await app.put(path, { ...read.body, unknown_key: { deep: [1] } }, world.key);
    expect(back.status).toBe(200);
    expect({ ...back.body, updated_at: "" }).toEqual({ ...read.body, updated_at: "" });
    const agentPath = `/core/agents/${world.agentId}`;
    const agent = await app.get(agentPath, world.key);
    const same = await app.put(agentPath, agent.body, world.key);
    expect(same.status).toBe(200);
    expect(same.body.created_at).toBe(agent.body.created_at);
  });

  test("GraphQL's spelling is an unknown key in REST", async () => {
    const answer = await app.put(`/core/agents/${world.agentId}`, { isDemo: true }, world.key);
    expect(answer.body.is_demo).toBe(false);
  });

  test("a value is never repeated", async () => {
    const secret = "correct-horse-battery";
    const wrong: [string, string, object][] = [
      ["POST", "/core/web-widgets", { agent_id: secret, agent_version_id: secret }],
      ["POST", "/core/agents", { name: [secret] }],
      ["POST", "/core/agents", { name: { [secret]: 1 } }],
      ["POST", "/core/agents", { name: "a", active: secret }],
      ["POST", "/core/agents", { name: "a", metadata: secret }],
      ["PUT", `/core/web-widgets/${world.widgetId}`, { domains: [`${secret}@${secret}`] }],
      ["PUT", `/core/web-widgets/${world.widgetId}`, { config: { v1: { theme: secret } } }],
      [
        "PUT",
        `/core/web-widgets/${world.widgetId}`,
        { config: { v1: { trigger: { icon_url: secret } } } },
      ],
      [
        "POST",
        `/core/agents/${world.agentId}/versions`,
        { config: { starting_message: { type: secret } } },
      ],
      ["POST", `/core/agents/${world.agentId}/versions`, { base_version: secret }],
      ["GET", `/core/conversations?status=${secret}`, {}],
      ["GET", `/core/conversations?created_after=${secret}`, {}],
      ["GET", `/core/conversations?custom_metadata=${secret}`, {}],
      ["GET", `/core/conversations?cursor=${secret}!`, {}],
    ];
    for (const [method, path, body] of wrong) {
      const answer = await app.call(method, path, {
        key: world.key,
        ...(method === "GET" ? {} : { body }),
      });
      expect(answer.status, path).toBe(422);
      expect(answer.text, path).not.toContain(secret);
    }
  });

  test("names the rule for a program, in one spelling at both doors", async () => {
    const rules = async (input: object, body: object): Promise<unknown[]> => {
      const change =
        "mutation ($input: UpdateWidgetInput!) { updateWidget(input: $input) { widget { id } } }";
      const byGraphQL = await app.gql(
        change,
        { input: { id: world.widgetId, ...input } },
        world.key,
      );
      const byRest = await app.put(`/core/web-widgets/${world.widgetId}`, body, world.key);
      const told = [byGraphQL.body.errors[0].extensions.errors, byRest.body.errors];
      return told.map((errors) =>
        errors.map(({ path, message, ...rule }: { path: string; message: string }) => {
          expect([path, message]).toEqual([expect.any(String), expect.any(String)]);
          return rule;
        }),
      );
    };
    const twice = (...told: object[]): object[][] => [told, told];
    const ofConfig = (v1: object): Promise<unknown[]> => {
      const config = { config: { v1 } };
      return rules(config, config);
    };
    expect(await ofConfig({ chat: { title: "x".repeat(2001) }, trigger: { size: 1 } })).toEqual(
      twice({ rule: "length", max: 2000 }, { rule: "range", min: 24 }),
    );
    expect(await ofConfig({ theme: "pink", chat: { avatar_url: "ftp://x" } })).toEqual(
      twice({ rule: "choice" }, { rule: "asset_url" }),
    );
    expect(await rules({ domains: ["*"] }, { domains: ["*"] })).toEqual(twice({ rule: "origin" }));
    const nobody = "00000000-0000-4000-8000-000000000000";
    const unknown = twice({ rule: "unknown_id" });
    expect(await rules({ agentVersionId: nobody }, { agent_version_id: nobody })).toEqual(unknown);
    expect(await rules({ published: 1 }, { published: 1 })).toEqual(twice({ rule: "type" }));
    expect(await rules({ agentId: null }, { agent_id: null })).toEqual(twice({ rule: "required" }));
  });
});

/** What PostgreSQL cannot store or JavaScript would misread, as JSON text. */
const FORBIDDEN: Record<string, string> = {
  NUL: String.raw`"a\u0000b"`,
  "a lone high surrogate": String.raw`"a\ud800b"`,
  "a lone low surrogate": String.raw`"\udc00"`,
  "a number too large": "1e400",
  "an integer that a double rounds": "9007199254740993",
  "such an integer written otherwise": "9007199254740.993e3",
  "a __proto__ key": '{"__proto__": {"admin": true}}',
  "a deep __proto__ key": '{"a": [{"__proto__": null}]}',
  "a key with NUL": String.raw`{"a\u0000": 1}`,
  "nesting without end": `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
  "lists without end": `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
};

describe("what cannot be stored is 422 with the path, everywhere", () => {
  const places: [
    name: string,
    method: string,
    path: () => string,
    body: (value: string) => string,
    at: RegExp,
  ][] = [
    ["a text", "POST", () => "/core/agents", (v) => `{"name": ${v}}`, /^name/],
    [
      "a JSON object's value",
      "POST",
      () => "/core/agents",
      (v) => `{"name": "n", "metadata": {"k": ${v}}}`,
      /^metadata/,
    ],
    [
      "a config",
      "PUT",
      () => `/core/web-widgets/${world.widgetId}`,
      (v) => `{"config": {"mine": ${v}}}`,
      /^config/,
    ],
    [
      "a list",
      "PUT",
      () => `/core/web-widgets/${world.widgetId}`,
      (v) => `{"domains": ["a.example", ${v}]}`,
      /^domains/,
    ],
    [
      "a version's config",
      "POST",
      () => `/core/agents/${world.agentId}/versions`,
      (v) => `{"config": {"own": [${v}]}}`,
      /^config/,
    ],
    [
      "security limits",
      "PUT",
      () => `/core/web-widgets/${world.widgetId}/security`,
      (v) => `{"limits": {"own": ${v}}}`,
      /^limits/,
    ],
    [
      "a visitor's name",
      "POST",
      () => `/core/public/web-widgets/${world.widgetId}/conversations`,
      (v) => `{"user_id": ${v}}`,
      /^user_id/,
    ],
    [
      "a visitor's metadata",
      "POST",
      () => `/core/public/web-widgets/${world.widgetId}/conversations`,
      (v) => `{"user_id": "u", "custom_metadata": {"k": ${v}}}`,
      /^custom_metadata/,
    ],
    [
      "feedback",
      "POST",
      () =>
        `/core/public/web-widgets/${world.widgetId}/conversations/${world.conversationId}/feedback`,
      (v) => `{"data": {"rating": ${v}}}`,
      /^data/,
    ],
  ];
  for (const [name, method, path, body, at] of places) {
    test(name, async () => {
      const counts = async (): Promise<number[]> =>
        Promise.all([
          app.db.agent.count(),
          app.db.agentVersion.count(),
          app.db.conversation.count(),
        ]);
      const before = await counts();
      const widget = await app.get(`/core/web-widgets/${world.widgetId}`, world.key);
      for (const [what, value] of Object.entries(FORBIDDEN)) {
        const answer = await app.call(method, path(), { body: body(value), key: world.key });
        expectForm(answer, 422, `${name}: ${what}`);
        for (const where of paths(answer)) expect(where, what).toMatch(at);
      }
      // Nothing half written.
      expect(await counts()).toEqual(before);
      expect((await app.get(`/core/web-widgets/${world.widgetId}`, world.key)).body).toEqual(
        widget.body,
      );
    });
  }

  test("the body itself", async () => {
    const answer = await app.post(
      "/core/agents",
      '{"__proto__": {"name": "x"}, "name": "n"}',
      world.key,
    );
    expectForm(answer, 422, "__proto__");
    expect(paths(answer)).toEqual(["__proto__"]);
  });

  test("the query", async () => {
    for (const [query, name] of [
      ["name=a%00", "name"],
      ['metadata={"a":"\\u0000"}', "metadata.a"],
      ['metadata={"a":"\\ud800"}', "metadata.a"],
      ['metadata={"__proto__":{}}', "metadata.__proto__"],
      ['metadata={"a":1e400}', "metadata.a"],
      ['metadata={"a":9007199254740993}', "metadata.a"],
      [`metadata=${encodeURIComponent(`{"a":${"[".repeat(500)}${"]".repeat(500)}}`)}`, "metadata"],
    ] as const) {
      const answer = await app.get(`/core/agents?${query}`, world.key);
      expectForm(answer, 422, query);
      expect(paths(answer)[0]?.startsWith(name), query).toBe(true);
    }
  });

  const MAKE =
    "mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }";

  test("GraphQL variables", async () => {
    for (const [what, value] of Object.entries(FORBIDDEN)) {
      for (const [input, at] of [
        [`{"name": ${value}}`, /^name/],
        [`{"name": "n", "metadata": {"k": ${value}}}`, /^metadata/],
      ] as const) {
        const answer = await app.call("POST", "/graphql", {
          body: `{"query": ${JSON.stringify(MAKE)}, "variables": {"input": ${input}}}`,
          key: world.key,
        });
        const [error] = answer.body.errors;
        expect(error.extensions.code, what).toBe("BAD_USER_INPUT");
        expect(error.extensions.errors[0].path, what).toMatch(at);
      }
    }
  });

  test("GraphQL literals", async () => {
    const literals: Record<string, string> = {
      NUL: String.raw`"a\u0000b"`,
      "a __proto__ key": "{ __proto__: { admin: true } }",
      "a number too large": "1e400",
      "an integer too large": "9".repeat(400),
      "an integer that a double rounds": "9007199254740993",
      "such an integer written otherwise": "-9007199254740.993e3",
      "nesting without end": `${"{ a: ".repeat(140)}1${" }".repeat(140)}`,
      "lists without end": `${"[".repeat(500)}${"]".repeat(500)}`,
    };
    for (const [what, value] of Object.entries(literals)) {
      const query = `mutation { createAgent(input: { name: "n", metadata: { list: [1, ${value}] } }) { agent { id } } }`;
      const answer = await app.gql(query, {}, world.key);
      const [error] = answer.body.errors;
      expect(error.extensions.code, what).toBe("BAD_USER_INPUT");
      expect(error.extensions.errors[0].path, what).toMatch(/^metadata\.list\.1/);
    }
    // Deeper than the parser itself can go.
    const lists = `${"[".repeat(2400)}${"]".repeat(2400)}`;
    const deepest = await app.gql(
      `mutation { createAgent(input: { name: "n", metadata: { a: ${lists} } }) { agent { id } } }`,
      {},
      world.key,
    );
    expect(deepest.status).toBe(400);
    expect(["GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"]).toContain(
      deepest.body.errors[0].extensions.code,
    );
    // GraphQL's own grammar has no lone surrogates.
    const surrogate = await app.gql(
      String.raw`{ agents(name: "\ud800") { nodes { id } } }`,
      {},
      world.key,
    );
    expect(surrogate.status).toBe(400);
  });

  test("and a well-formed emoji, a zero-width joiner and every other sign passes and comes back", async () => {
    const name = "👩‍🚀 Ada \u00e9 \u202e \u{10ffff}";
    const made = await app.post("/core/agents", { name, metadata: { [name]: [name] } }, world.key);
    expect(made.body).toMatchObject({ name, metadata: { [name]: [name] } });
  });
});

describe("500 and 503", () => {
  test("an unknown error is a fixed sentence with the request id, and no stack", async () => {
    const doomed = await makeWorld(app);
    const remember = app.rooms.deleteInBackground;
    app.rooms.deleteInBackground = () => {
      throw new Error("password=hunter2 in the fake at the boundary");
    };
    try {
      const answer = await app.call("DELETE", `/core/web-widgets/${doomed.widgetId}`, {
        key: doomed.key,
        headers: { "x-request-id": "request-0815" },
      });
      expectForm({ ...answer, body: { detail: `${answer.body.detail}.` } }, 500, "500");
      expect(answer.headers.get("x-request-id")).toBe("request-0815");
      expect(answer.body).toEqual({
        detail: "Something went wrong on our side. Request id: request-0815",
      });
    } finally {
      app.rooms.deleteInBackground = remember;
    }
  });

  test("a request id from outside is only taken when it is harmless", async () => {
    for (const id of ["short", "x".repeat(65), "with space and more", "<script>alert(1)"]) {
      const answer = await app.get("/core/agents", world.key, { "x-request-id": id });
      expect(answer.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
    }
  });

  test("a database that is down is 503 with Retry-After, at both doors", async () => {
    const down = await TestApp.start({
      database: openPostgres("postgresql://x:x@127.0.0.1:1/none"),
    });
    try {
      const rest = await down.get("/core/agents", world.key);
      expectForm(rest, 503, "503");
      expect(Number(rest.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(rest.text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
      const graphql = await down.gql("{ agents { nodes { id } } }", {}, world.key);
      expect(graphql.body.errors[0].extensions.code).toBe("SERVICE_UNAVAILABLE");
      expect(graphql.headers.get("retry-after")).not.toBeNull();
      const warn = vi.spyOn(down.parley.log, "warn");
      expect((await down.get("/readyz")).status).toBe(503);
      expect(warn.mock.calls).toEqual([
        [{ err: expect.any(Error) }, "the database does not answer"],
      ]);
      expect((await down.get("/healthz")).status).toBe(200);
    } finally {
      await down.stop();
    }
  });

  test("garbage on the wire ends the connection and nothing else", async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(new URL(app.url).port), "127.0.0.1", () => {
        socket.write("NONSENSE\0\r\n\r\n");
      });
      socket.on("close", () => resolve());
      socket.on("error", reject);
      socket.resume();
    });
    expect((await app.get("/healthz")).status).toBe(200);
  });
});

test("no row answers 500 to any of a hundred strange bodies", async () => {
  const values: unknown[] = [
    null,
    true,
    0,
    -1,
    1e308,
    "",
    " ",
    "null",
    [],
    [[]],
    {},
    { id: {} },
    { toString: 1 },
    "a".repeat(5000),
  ];
  const names = [
    "name",
    "config",
    "domains",
    "agent_id",
    "agent_version_id",
    "metadata",
    "limits",
    "strict",
    "base_version",
    "phone_numbers",
    "user_id",
    "custom_metadata",
    "conversation_id",
    "data",
    "domain",
    "constructor",
  ];
  const scratch = await makeWorld(app);
  for (const route of writes) {
    if (route.path.endsWith("/auto-brand")) continue;
    for (const value of values) {
      const body = Object.fromEntries(names.map((name) => [name, value]));
      const answer = await app.call(route.method, pathOf(route, scratch), {
        key: route.scopes ? scratch.key : undefined,
        body,
      });
      expect(
        answer.status,
        `${routeKey(route)} ${JSON.stringify(value)}: ${answer.text}`,
      ).toBeLessThan(500);
    }
  }
});

test("a request line with a host in it is read like any other, and its password is not logged", async () => {
  const { hostname, port } = new URL(app.url);
  const statusOf = (target: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.on("error", reject);
      socket.once("data", (data) => {
        socket.destroy();
        resolve(data.toString().split(" ")[1] ?? "");
      });
      socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    });
  for (const host of ["http://a:99999", "http://user:secret@a", "http://[bad"]) {
    expect(await statusOf(`${host}/core/web-widgets?limit=1`), host).toMatch(/^40[14]$/);
  }
});
