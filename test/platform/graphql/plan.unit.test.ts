import { buildSchema, execute, parse, type GraphQLSchema } from "graphql";
import { describe, expect, test } from "vitest";
import type { RequestContext } from "../../../src/platform/auth/context.js";
import { planOf } from "../../../src/platform/graphql/plan.js";

const SCHEMA = `
  scalar Broken
  type Item { id: Int!, name: String, list: [Int!], lists: [[Int]], broken: Broken, deep: Item, deepest: Item! }
  type Query { item(text: String, flag: Boolean): Item, items: [Item], sure: Item! }
  type Mutation { item: Item, other: Item }`;

/** A schema whose fields of the root give `values`, by name. */
function schemaOf(values: Record<string, () => unknown>): GraphQLSchema {
  const schema = buildSchema(SCHEMA);
  const broken = schema.getType("Broken");
  Object.assign(broken ?? {}, {
    serialize: () => {
      throw new Error("cannot be written");
    },
  });
  for (const [name, resolve] of Object.entries(values)) {
    const field = schema.getQueryType()?.getFields()[name];
    if (field) field.resolve = resolve;
  }
  return schema;
}

const NOBODY = {} as RequestContext;

/** The answers of both, as they are written. */
async function both(
  values: Record<string, () => unknown>,
  text: string,
  variables: Record<string, unknown> = {},
): Promise<{ plan: string | undefined; graphqlJs: string }> {
  const schema = schemaOf(values);
  const document = parse(text);
  const [operation] = document.definitions;
  if (operation?.kind !== "OperationDefinition") throw new Error("the operation comes first");
  const plan = planOf(schema, document, operation);
  return {
    plan: plan && JSON.stringify(await plan(NOBODY, variables)),
    graphqlJs: JSON.stringify(await execute({ schema, document, variableValues: variables })),
  };
}

const WHOLE = { id: 1, name: "one", list: [1, 2], lists: [[1, null], null] };
// As Prisma's queries are.
// oxlint-disable-next-line unicorn/no-thenable
const thenable = { then: (done: (value: unknown) => void) => done(WHOLE) };

describe("a plan answers as graphql-js does", () => {
  test.each<[string, () => unknown]>([
    ["what is there", () => WHOLE],
    ["what is waited for", async () => WHOLE],
    ["what can merely be waited for", () => thenable],
    ["nothing", () => null],
    ["not even nothing", () => undefined],
    ["what is thrown", () => Promise.reject(new Error("no"))],
    [
      "what is thrown at once",
      () => {
        throw new TypeError("no");
      },
    ],
    ["absent fields that may be absent", () => ({ id: 3 })],
  ])("%s", async (_what, resolve) => {
    const text = "{ a: item { id again: id name list lists deep { id } __typename } item { id } }";
    const { plan, graphqlJs } = await both({ item: resolve }, text);
    expect(plan).toBe(graphqlJs);
  });

  test("fields that stand in several places and in fragments", async () => {
    const text = `query Q($t: String = "é\\u2028") { item(text: $t) { deep { id } } ...F item(text: $t) { ... on Item { deep { name } } } }
      fragment F on Query { item(text: $t) { name ...G } } fragment G on Item { list }`;
    const { plan, graphqlJs } = await both({ item: () => ({ ...WHOLE, deep: WHOLE }) }, text);
    expect(plan).toBe(graphqlJs);
    expect(plan).toContain('"deep":{"id":1,"name":"one"}');
  });

  test("a failure in one of several", async () => {
    const text = "{ items { id deep { id } } item { id } }";
    const values = {
      items: () => [WHOLE, null, { id: 2 }],
      item: () => Promise.reject(Error("no")),
    };
    const { plan, graphqlJs } = await both(values, text);
    expect(plan).toBe(graphqlJs);
    expect(plan).toContain('"errors":[{"message":"no","locations"');
  });
});

describe("a plan leaves to graphql-js", () => {
  test.each<[string, string, unknown]>([
    ["null where there is none", "{ item { id } }", {}],
    ["null in a list that has none", "{ item { list } }", { list: [1, null] }],
    ["an error in the place of a value", "{ item { name } }", { name: new Error("no") }],
    ["a value that cannot be written", "{ item { broken } }", { broken: 1 }],
    ["a number that is none", "{ item { id } }", { id: "many" }],
    ["a list that is none", "{ item { list } }", { list: "12" }],
    ["items that are waited for", "{ item { list } }", { list: [Promise.resolve(1)] }],
    ["a method", "{ item { name } }", { name: () => "called" }],
    ["a failure that nothing above can be null for", "{ sure { id } }", undefined],
  ])("%s", async (_what, text, given) => {
    const resolve = async (): Promise<unknown> => given ?? Promise.reject(new Error("no"));
    const { plan } = await both({ item: resolve, sure: resolve }, text);
    expect(plan).toBeUndefined();
  });

  test.each([
    ["what may be left out", "query Q($f: Boolean!) { item @include(if: $f) { id } }"],
    ["what is skipped", "{ item { id ...F @skip(if: true) } } fragment F on Item { name }"],
    ["a name that no plain object has", "{ item { __proto__: id } }"],
    ["a mutation", "mutation { item { id } }"],
    ["the schema itself", "{ __schema { queryType { name } } }"],
  ])("%s", (_what, text) => {
    const document = parse(text);
    const [operation] = document.definitions;
    if (operation?.kind !== "OperationDefinition") throw new Error("the operation comes first");
    expect(planOf(schemaOf({}), document, operation)).toBeUndefined();
  });

  test("variables that do not fit", async () => {
    const text = "query Q($f: Boolean!) { item(flag: $f) { id } }";
    const { plan } = await both({ item: () => WHOLE }, text, { f: "yes" });
    expect(plan).toBeUndefined();
  });
});

describe("a mutation of one field", () => {
  /** How often its resolver ran, and what the plan answered. */
  async function written(
    given: () => unknown,
    text = "mutation { item { id deepest { id } } }",
  ): Promise<{ runs: number; plan: string | undefined; graphqlJs: string }> {
    const schema = schemaOf({});
    let runs = 0;
    const field = schema.getMutationType()?.getFields()["item"];
    if (!field) throw new Error("there is no such mutation");
    field.resolve = () => {
      runs += 1;
      return given();
    };
    const document = parse(text);
    const [operation] = document.definitions;
    if (operation?.kind !== "OperationDefinition") throw new Error("the operation comes first");
    const plan = planOf(schema, document, operation, { mayWrite: true });
    const answer = plan && JSON.stringify(await plan(NOBODY, {}));
    return {
      runs,
      plan: answer,
      graphqlJs: JSON.stringify(await execute({ schema, document })),
    };
  }

  test.each<[string, () => unknown]>([
    ["what is there", () => ({ ...WHOLE, deepest: WHOLE })],
    ["nothing", () => null],
    ["what is thrown", () => Promise.reject(new Error("no"))],
  ])(
    "has a plan for who asks for one, which answers as graphql-js does: %s",
    async (_what, given) => {
      const { runs, plan, graphqlJs } = await written(given);
      expect(plan).toBe(graphqlJs);
      expect(runs).toBe(1);
    },
  );

  test("runs once, whatever its resolver gives", async () => {
    const { runs, plan } = await written(() => ({ id: 1, deepest: null }));
    expect(runs).toBe(1);
    expect(JSON.parse(plan ?? "")).toMatchObject({
      errors: [{ message: expect.stringContaining("schema") as string }],
      data: {},
    });
  });

  test("has none beside another, which would wait for it", async () => {
    const { runs, plan } = await written(() => WHOLE, "mutation { item { id } other { id } }");
    expect([plan, runs]).toEqual([undefined, 0]);
  });
});
