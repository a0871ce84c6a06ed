import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { TestApp, type Answer } from "../../support/app.js";
import { REST_CASES, routeKey } from "../../support/operations.js";
import { makeWorld, nowhere, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
beforeAll(async () => {
  app = await TestApp.start({ config: { PUBLIC_URL: "http://parley.test:4000/chat" } });
  world = await makeWorld(app);
});
afterAll(() => app.stop());

interface Asked {
  readonly method?: "GET" | "POST";
  readonly path?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  /** Absent: the world's. */
  readonly key?: string;
}

/** Express's types leave out what its application calls. */
const express = (): { handle: () => void } => app.router as unknown as { handle: () => void };

/** The answer, and whether Express has seen the request. */
async function watched(asked: Asked): Promise<[Answer, boolean]> {
  const { method = "POST", path = "/graphql", key = world.key } = asked;
  const handle = vi.spyOn(express(), "handle");
  try {
    const reply = await fetch(app.url + path, {
      method,
      headers: {
        ...(method === "POST" ? { "content-type": "application/json" } : {}),
        ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
        ...asked.headers,
      },
      ...(asked.body === undefined ? {} : { body: asked.body }),
    });
    const text = await reply.text();
    const { status, headers } = reply;
    return [{ status, headers, text, body: undefined }, handle.mock.calls.length > 0];
  } finally {
    handle.mockRestore();
  }
}

/** All but what differs from answer to answer. */
function shown({ status, headers, text }: Answer): object {
  const own = ["date", "x-request-id", "ratelimit"];
  const all = [...headers.entries()].filter(([name]) => !own.includes(name));
  return { status, headers: Object.fromEntries(all), text };
}

/** Asks both ways. @returns the answer, which is the same. */
async function bothWays(asked: Asked): Promise<Answer> {
  const [short, isShortSeen] = await watched(asked);
  const [long, isLongSeen] = await watched({ ...asked, path: `${asked.path ?? "/graphql"}?x=1` });
  expect([isShortSeen, isLongSeen]).toEqual([false, true]);
  expect(shown(short)).toEqual(shown(long));
  expect(short.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
  return short;
}

const graphql = (query: unknown, variables: unknown = {}, rest: object = {}): string =>
  JSON.stringify({ query, variables, ...rest });
const WIDGET = "query W($id: UUID!) { widget(id: $id) { id config agent { name } } }";
const repeated = `{ ${"__typename ".repeat(200)} }`;

describe("GraphQL is answered in front of Express as the long way answers it", () => {
  test.each<[string, number, () => Asked]>([
    ["a query", 200, () => ({ body: graphql(WIDGET, { id: world.widgetId }) })],
    [
      "one below the public path",
      200,
      () => ({ path: "/chat/graphql", body: graphql(WIDGET, { id: world.widgetId }) }),
    ],
    ["an unknown id", 200, () => ({ body: graphql(WIDGET, { id: world.agentId }) })],
    ["a wrong id", 400, () => ({ body: graphql(WIDGET, { id: "none" }) })],
    ["no credential", 200, () => ({ key: "", body: graphql("{ agents { nodes { id } } }") })],
    ["a wrong one", 200, () => ({ key: "ak_no.nonesuch", body: graphql("{ me { tokenId } }") })],
    [
      "a mutation that is refused",
      400,
      () => ({ body: graphql('mutation { deleteAgent(input: { id: "x" }) { deletedAgentId } }') }),
    ],
    ["an unknown field", 400, () => ({ body: graphql("{ nothing }") })],
    ["no document", 400, () => ({ body: graphql("{") })],
    ["a document that repeats itself", 400, () => ({ body: graphql(repeated) })],
    ["a number for a document", 400, () => ({ body: graphql(7) })],
    ["no query", 400, () => ({ body: "{}" })],
    ["null", 400, () => ({ body: "null" })],
    ["a number", 400, () => ({ body: "7" })],
    ["several at once", 400, () => ({ body: `[${graphql("{ __typename }")}]` })],
    ["variables that are a text", 400, () => ({ body: graphql("{ __typename }", "{}") })],
    [
      "an operation that is not there",
      400,
      () => ({ body: graphql("query A { __typename }", {}, { operationName: "B" }) }),
    ],
    [
      "a persisted query",
      200,
      () => ({ body: '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}' }),
    ],
    [
      "the newer type of answers",
      200,
      () => ({
        body: graphql("{ __typename }"),
        headers: { accept: "application/graphql-response+json" },
      }),
    ],
    [
      "a type that is not answered",
      406,
      () => ({ body: graphql("{ __typename }"), headers: { accept: "image/png" } }),
    ],
    ["broken JSON", 400, () => ({ body: '{"query":' })],
    ["no UTF-8", 400, () => ({ body: new Uint8Array([0x22, 0xff, 0x22]) })],
  ])("%s: %i", async (_what, status, asked) => {
    expect((await bothWays(asked())).status).toBe(status);
  });

  test.each<[string, number, Asked]>([
    [
      "a GET",
      200,
      {
        method: "GET",
        path: "/graphql?query={__typename}",
        headers: { "content-type": "application/json" },
      },
    ],
    ["no body", 400, {}],
    ["a form", 415, { body: "query={me}", headers: { "content-type": "text/plain" } }],
    ["more than 64 KB", 400, { body: graphql("{ nothing }", { x: "y".repeat(65_536) }) }],
    ["another method of its path", 400, { path: "/graphql/", body: graphql("{ nothing }") }],
  ])("what is out of the ordinary goes the long way: %s", async (_what, status, asked) => {
    const [answer, isSeen] = await watched(asked);
    expect(isSeen).toBe(true);
    expect(answer.status).toBe(status);
  });

  test("a failure of ours is told by the request's id alone", async () => {
    const failing = vi
      .spyOn(app.parley.credentials, "authenticate")
      .mockRejectedValue(new Error("something secret"));
    const [answer] = await watched({ body: graphql("{ agents { nodes { id } } }") });
    failing.mockRestore();
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain("secret");
    const { code, requestId } = JSON.parse(answer.text).errors[0].extensions;
    expect(code).toBe("INTERNAL_SERVER_ERROR");
    expect(requestId).toBe(answer.headers.get("x-request-id"));
  });
});

describe("a query that was answered before is answered without Apollo as by Apollo", () => {
  const PAGE = `query Page($first: Int!) { widgets(first: $first) {
    nodes { id agent { name } security { strict } conversations(first: 100) { nodes { id conversation { messages { text } } } } }
  } }`;
  const TWO = "query A { agents { nodes { id } } } query B { widgets { nodes { id } } }";
  beforeAll(async () => {
    await watched({ body: graphql(WIDGET, { id: world.widgetId }) });
    await watched({ body: graphql(PAGE, { first: 1 }) });
    for (const operationName of ["A", "B"])
      await watched({ body: graphql(TWO, {}, { operationName }) });
  });

  /** How often Apollo is asked, of a call in front of Express and one behind it. */
  async function asksApollo(asked: Asked): Promise<[Answer, number]> {
    const ask = vi.spyOn(app.parley.apollo, "executeHTTPGraphQLRequest");
    try {
      const answer = await bothWays(asked);
      return [answer, ask.mock.calls.length - 1];
    } finally {
      ask.mockRestore();
    }
  }

  test.each<[string, () => Asked | Promise<Asked>]>([
    ["the same again", () => ({ body: graphql(WIDGET, { id: world.widgetId }) })],
    ["an unknown id", () => ({ body: graphql(WIDGET, { id: world.agentId }) })],
    ["no credential", () => ({ key: "", body: graphql(WIDGET, { id: world.widgetId }) })],
    [
      "a scope that is missing below the root",
      async () => ({
        key: await app.key(world.organizationId, ["web_widgets:read"]),
        body: graphql(PAGE, { first: 2 }),
      }),
    ],
    ["a page of none", () => ({ body: graphql(PAGE, { first: 0 }) })],
    ["one of two operations", () => ({ body: graphql(TWO, null, { operationName: "B" }) })],
    [
      "JSON by name",
      () => ({
        body: graphql(WIDGET, { id: world.widgetId }, { operationName: null }),
        headers: { accept: "application/json" },
      }),
    ],
  ])("%s", async (_what, asked) => {
    const [answer, times] = await asksApollo(await asked());
    expect([answer.status, times]).toEqual([200, 0]);
  });

  test.each<[string, number, () => Asked]>([
    ["a wrong id", 400, () => ({ body: graphql(WIDGET, { id: "none" }) })],
    ["no id", 400, () => ({ body: graphql(WIDGET) })],
    ["a page that costs too much", 400, () => ({ body: graphql(PAGE, { first: 100 }) })],
    ["neither of two operations", 400, () => ({ body: graphql(TWO) })],
    [
      "extensions",
      200,
      () => ({ body: graphql(WIDGET, { id: world.widgetId }, { extensions: {} }) }),
    ],
    [
      "another type of answers",
      200,
      () => ({
        body: graphql(WIDGET, { id: world.widgetId }),
        headers: { accept: "application/graphql-response+json" },
      }),
    ],
    ["variables that are a list", 400, () => ({ body: graphql(WIDGET, []) })],
    [
      "a mutation",
      400,
      () => ({ body: graphql("mutation { deleteAgent(input: { id: 1 }) { x } }") }),
    ],
  ])(
    "Apollo is asked for what is refused or out of the ordinary: %s",
    async (_what, status, asked) => {
      const [answer, times] = await asksApollo(asked());
      expect([answer.status, times]).toEqual([status, 1]);
    },
  );
});

describe("what an owner reads by its id is answered in front of Express as the long way answers it", () => {
  const single = ROUTES.filter(
    ({ method, path, scopes }) => method === "GET" && scopes && /\}(\/security)?$/.test(path),
  );
  const pathOf = (path: string, of: World): string => {
    const ids = path.includes("web-widgets")
      ? of.widgetId
      : path.includes("conversations")
        ? of.conversationId
        : of.agentId;
    return path.replace("{version}", "1").replace(/\{\w+\}/, ids);
  };

  test("there are some, each with a case", () => {
    expect(single.length).toBeGreaterThanOrEqual(4);
    expect(single.filter((route) => !REST_CASES[routeKey(route)])).toEqual([]);
  });

  test.each(single)("$method $path", async ({ path }) => {
    const own = pathOf(path, world);
    expect((await bothWays({ method: "GET", path: own })).status).toBe(200);
    const nobodys = pathOf(path, nowhere(world.key));
    expect((await bothWays({ method: "GET", path: nobodys })).status).toBe(404);
    expect((await bothWays({ method: "GET", path: own, key: "" })).status).toBe(401);
    const powerless = await app.key(world.organizationId, []);
    expect((await bothWays({ method: "GET", path: own, key: powerless })).status).toBe(403);
  });

  test("a condition goes the long way, where it is heeded", async () => {
    const path = `/core/web-widgets/${world.widgetId}`;
    const headers = { "if-none-match": '"x"' };
    const [answer, isSeen] = await watched({ method: "GET", path, headers });
    expect([answer.status, isSeen]).toEqual([200, true]);
  });
});
