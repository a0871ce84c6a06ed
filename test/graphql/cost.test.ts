import {
  getNamedType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { detachedSchema } from "../../src/graphql/emit-schema.js";
import { TestApp, type Answer } from "../support/app.js";
import { makeWorld, type World } from "../support/world.js";

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
    .filter((field) => field.name !== "nodes" && (!isList(field) || lists.includes(field.name)))
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

test("an agent may be asked for with all its versions and widgets, and their configs", async () => {
  const { body } = await app.gql(
    `query ($id: UUID!) { agent(id: $id) {
      __typename id name description metadata
      versions { __typename id version published config createdAt updatedAt }
      widgets {
        __typename id domains published config embedSnippet createdAt updatedAt
        security { __typename strict limits }
        agentVersion { __typename id version published config }
        readiness { __typename live blockers { __typename code message } warnings { __typename code message } }
      }
      conversationStatistics { __typename total byStatus }
    } }`,
    { id: world.agentId },
    world.key,
  );
  expect(body.errors).toBeUndefined();
});
