import {
  getNamedType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type GraphQLField,
  type GraphQLObjectType,
  type OperationDefinitionNode,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkVariables } from "../../../src/platform/graphql/check-input.js";
import { detachedSchema } from "../../../src/tooling/emit-schema.js";
import { sizesOf } from "../../../src/platform/graphql/document-size.js";
import { TestApp, type Answer } from "../../support/app.js";
import { recordStatements } from "../../support/statements.js";
import { makeWorld, type World } from "../../support/world.js";

type Field = GraphQLField<unknown, unknown>;

const schema = detachedSchema();
const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
const connections = queries.filter((field) => objectOf(field)?.name.endsWith("Connection"));

let app: TestApp;
let world: World;
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
});
afterAll(() => app.stop());

function objectOf(field: Field): GraphQLObjectType | undefined {
  const type = getNamedType(field.type);
  return isObjectType(type) ? type : undefined;
}

/** What has a root field of its own, and is asked for there; a draft is edited one at a time. */
const OTHERS = new Set([
  "Agent.draft",
  "Agent.publishedVersion",
  "AgentVersion.agent",
  "Conversation.agentVersion",
  "Conversation.widget",
  "Widget.draft",
]);

/** A list below: its cost is multiplied. */
function isList(field: Field): boolean {
  return typeof field.extensions["complexity"] === "function";
}

/**
 * Everything of a type, with `__typename` as clients add it; of the lists in it those that are named.
 * Of a page the edges, which have its nodes.
 */
function selection(type: GraphQLObjectType, lists: readonly string[]): string {
  const fields = Object.values(type.getFields())
    .filter(
      (field) =>
        field.name !== "nodes" &&
        (!(isList(field) || OTHERS.has(`${type.name}.${field.name}`)) ||
          lists.includes(field.name)),
    )
    .map((field) => {
      const below = objectOf(field);
      return below ? `${field.name} ${selection(below, lists)}` : field.name;
    });
  return `{ __typename ${fields.join(" ")} }`;
}

function page(field: Field, first: number, lists: readonly string[] = []): Promise<Answer> {
  const ids: Record<string, string> = { agentId: world.agentId, widgetId: world.widgetId };
  const needed = field.args
    .filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined)
    .map(({ name }) => `${name}: "${ids[name]}"`);
  const type = objectOf(field);
  if (!type) throw new Error(`${field.name} is no list`);
  const args = [...needed, `first: ${first}`].join(", ");
  return app.gql(`{ ${field.name}(${args}) ${selection(type, lists)} }`, {}, world.key);
}

test.each(connections.map((field) => [field.name, field] as const))(
  "a page of 100 with every field of its own may be asked for: %s",
  async (name, field) => {
    const { body } = await page(field, 100);
    expect(body.errors).toBeUndefined();
    expect(body.data[name].edges[0].node.id).toBeDefined();
  },
);

test("a page of 20 conversations may be asked for with everything that was said", async () => {
  const [field] = connections.filter(({ name }) => name === "conversations");
  if (!field) throw new Error("there are no conversations");
  const { body } = await page(field, 20, ["conversation"]);
  expect(body.errors).toBeUndefined();
  expect(body.data.conversations.edges[0].node.conversation.messages).toEqual([]);
  expect((await page(field, 100, ["conversation"])).body.errors[0].extensions.code).toBe(
    "QUERY_TOO_LARGE",
  );
});

/** So many fields of the root, each under a name of its own. */
function aliased(field: string, count: number, prefix = "a"): string {
  return Array.from({ length: count }, (_, n) => `${prefix}${n}: ${field}`).join(" ");
}

function operationOf(text: string): OperationDefinitionNode {
  const [operation] = parse(text).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("no operation");
  return operation;
}

function expectTooLarge(answer: Answer): void {
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].extensions.code).toBe("QUERY_TOO_LARGE");
}

describe("who shows no credential", () => {
  const list = (): string => `publicConversations(widgetId: "${world.widgetId}") { nodes { id } }`;

  test("has few fields at the root, a credential more of them", async () => {
    expect((await app.gql(`{ ${aliased(list(), 5)} }`)).body.errors).toBeUndefined();
    for (const key of [undefined, "ak_none.nonsense"]) {
      const { result, statements } = await recordStatements(() =>
        app.gql(`{ ${aliased(list(), 6)} }`, {}, key),
      );
      expectTooLarge(result);
      expect(statements.filter(({ sql }) => sql.includes("conversations"))).toEqual([]);
    }
    expect(
      (await app.gql(`{ ${aliased(list(), 20)} }`, {}, world.key)).body.errors,
    ).toBeUndefined();
    expectTooLarge(await app.gql(`{ ${aliased(list(), 21)} }`, {}, world.key));
  });

  test("has them counted through fragments, and one name once", async () => {
    expectTooLarge(
      await app.gql(
        `{ ...A ... on Query { ...B } }
        fragment A on Query { ${aliased(list(), 3)} } fragment B on Query { ${aliased(list(), 3, "b")} }`,
      ),
    );
    const once = `{ ${"__typename ".repeat(10)} }`;
    expect((await app.gql(once)).body.data).toEqual({ __typename: "Query" });
  });

  test("has few aliases, wherever they stand", async () => {
    const read = (count: number, key?: string): Promise<Answer> =>
      app.gql(`{ publicWidget(id: "${world.widgetId}") { ${aliased("id", count)} } }`, {}, key);
    expect((await read(20)).body.errors).toBeUndefined();
    expectTooLarge(await read(21));
    expect((await read(100, world.key)).body.errors).toBeUndefined();
    expectTooLarge(await read(101, world.key));
  });

  test("sends a small body; a large one is read from who has shown one", async () => {
    const body = { query: "{ __typename }", variables: { unused: "x".repeat(70_000) } };
    expect((await app.post("/graphql", body)).status).toBe(413);
    expect((await app.post("/graphql", body, "ak_none.nonsense")).status).toBe(401);
    expect((await app.post("/graphql", body, world.key)).status).toBe(200);
  });
});

test("a list at the root costs at least 50, however little is asked of it", () => {
  const operation = operationOf("{ agents(first: 1) { pageInfo { hasNextPage } } }");
  const document = { kind: Kind.DOCUMENT, definitions: [operation] } as const;
  expect(sizesOf(schema, document, operation)({}).cost).toBeGreaterThanOrEqual(50);
});

describe("a document that would take long to validate is refused by its words", () => {
  const fragments = Array.from({ length: 151 }, (_, n) => `fragment f${n} on Query { __typename }`);
  test.each([
    ["one field again and again", `{ ${"me { tokenId } ".repeat(700)} }`],
    ["fields under one alias", `{ ${"a: __typename ".repeat(151)} }`],
    ["many spreads", `{ ${fragments.map((_, n) => `...f${n}`).join(" ")} } ${fragments.join(" ")}`],
  ])("%s", async (_what, query) => {
    const answer = await app.gql(query, {}, world.key);
    expectTooLarge(answer);
    expect(answer.body.errors[0].message).toMatch(/^The document repeats /);
  });

  test("also when it comes in the address", async () => {
    const query = encodeURIComponent(`{ ${"__typename ".repeat(151)} }`);
    expectTooLarge(
      await app.get(`/graphql?query=${query}`, world.key, { "apollo-require-preflight": "1" }),
    );
  });
});

test("a list that is wrong in every place is not looked at to its end", () => {
  const operation = operationOf(
    "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }",
  );
  let read = 0;
  function* scopes(): Generator<string> {
    for (; read < 20_000; read += 1) yield `NO_SCOPE_${read}`;
  }
  const list = { [Symbol.iterator]: scopes, length: 20_000 };
  const { errors } = checkVariables(schema, operation, {
    input: { name: "n", scopes: list },
  });
  expect(errors).toHaveLength(50);
  expect(read).toBeLessThan(100);
});

test("an agent may be asked for with all its versions and widgets, and their configs", async () => {
  const { body } = await app.gql(
    `query ($id: UUID!) { agent(id: $id) {
      __typename id name description metadata
      versions(first: 100) { nodes { __typename id version published config createdAt updatedAt } }
      widgets(first: 50) { nodes {
        __typename id domains published config embedSnippet createdAt updatedAt
        security { __typename strict limits }
        agentVersion { __typename id version published config }
        readiness { __typename live blockers { __typename code message } warnings { __typename code message } }
      } }
      conversationStatistics { __typename total byStatus }
    } }`,
    { id: world.agentId },
    world.key,
  );
  expect(body.errors).toBeUndefined();
});
