import fc from "fast-check";
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
} from "graphql";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { detachedSchema } from "../../../src/tooling/emit-schema.js";
import { TestApp } from "../../support/app.js";
import { anyJson, calls, nastyText } from "./values.js";

const SAMPLE = 1000;
const PARALLEL = 8;
const MAX_DEPTH = 4;
vi.setConfig({ testTimeout: 900_000 });

interface Generated {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const schema = detachedSchema();
let app: TestApp;
let ids: string[];
let keys: string[];

beforeAll(async () => {
  app = await TestApp.start();
  const { id, key } = await app.organization();
  const widget = await app.widget(key);
  const started = await app.begin(widget.id, { user_id: "u" });
  ids = [widget.id, widget.agent_id, widget.agent_version_id, started.body.conversation.id];
  keys = [
    key,
    key,
    key,
    await app.key(id, ["agents:read", "conversations:read"]),
    (await app.organization()).key,
    "",
  ];
});
afterAll(() => app.stop());

test("no generated operation brings the server down, leaks a stack, or ends in an error that we did not foresee", async () => {
  const total = calls(SAMPLE);
  const operations = fc.sample(fc.tuple(operation(), fc.constantFrom(...keys)), total);
  const outcomes = new Map<string, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let one = operations[next++]; one; one = operations[next++]) {
      const [{ query, variables }, key] = one;
      const answer = await app.gql(query, variables, key);
      const where = `${query}\n${JSON.stringify(variables)}\n${answer.text.slice(0, 500)}`;
      expect(answer.status, where).toBeLessThan(500);
      expect(answer.text, where).not.toMatch(/ {4}at |node_modules|INTERNAL_SERVER_ERROR/);
      const code = String(answer.body.errors?.[0]?.extensions?.code ?? "none");
      outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(total);
  // A generator whose documents never run would show nothing.
  for (const code of ["none", "BAD_USER_INPUT", "NOT_FOUND", "UNAUTHENTICATED"]) {
    expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(0);
  }
});

/** One field of Query or Mutation, its arguments as variables, and a selection below it. */
function operation(): fc.Arbitrary<Generated> {
  const roots = [schema.getQueryType(), schema.getMutationType()].filter(
    (type) => type !== undefined && type !== null,
  );
  const fields = roots.flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ type, field })),
  );
  return fc.constantFrom(...fields).chain(({ type, field }) =>
    fc
      .record({
        variables: argumentsOf(field),
        selection: selectionOf(field, MAX_DEPTH),
      })
      .map(({ variables, selection }) => {
        const given = field.args.filter((argument) => argument.name in variables);
        const declared = given.map((argument) => `$${argument.name}: ${argument.type}`).join(", ");
        const passed = given.map((argument) => `${argument.name}: $${argument.name}`).join(", ");
        const kind = type === schema.getMutationType() ? "mutation" : "query";
        return {
          query: `${kind} Generated${declared ? `(${declared})` : ""} { ${field.name}${passed ? `(${passed})` : ""}${selection} }`,
          variables,
        };
      }),
  );
}

function argumentsOf(field: GraphQLField<unknown, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.fromEntries(
    field.args.map((argument) => [argument.name, valueOf(argument.type)]),
  );
  const requiredKeys = field.args
    .filter((argument) => isNonNullType(argument.type))
    .map((argument) => argument.name);
  return fc.record(model, { requiredKeys }) as fc.Arbitrary<Record<string, unknown>>;
}

function selectionOf(field: GraphQLField<unknown, unknown>, depth: number): fc.Arbitrary<string> {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return fc.constant("");
  if (!isObjectType(type)) return fc.constant(" { __typename }");
  return fieldsOf(type, depth).map((fields) => ` { ${["__typename", ...fields].join(" ")} }`);
}

function fieldsOf(type: GraphQLObjectType, depth: number): fc.Arbitrary<string[]> {
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 1 || isLeafType(getNamedType(field.type)),
  );
  if (fields.length === 0) return fc.constant([]);
  return fc
    .subarray(fields, { maxLength: Math.min(6, fields.length) })
    .chain((some) =>
      fc.tuple(
        ...some.map((field) =>
          selectionOf(field, depth - 1).map((below) => `${field.name}${below}`),
        ),
      ),
    );
}

/** Mostly what the type asks for, now and then anything. */
function valueOf(type: GraphQLInputType, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary: fitting(type, depth) }, anyJson);
}

function fitting(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fitting(type.ofType as GraphQLInputType, depth);
  if (isListType(type))
    return fc.array(valueOf(type.ofType as GraphQLInputType, depth + 1), { maxLength: 3 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map((value) => value.name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const model = Object.fromEntries(
      fields.map((field) => [field.name, valueOf(field.type, depth + 1)]),
    );
    return fc.record(model, {
      requiredKeys: fields.filter((field) => isNonNullType(field.type)).map((field) => field.name),
    });
  }
  switch (type.name) {
    case "UUID":
      return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ids) }, fc.uuid());
    case "Boolean":
      return fc.boolean();
    case "Int":
      return fc.integer({ min: -3, max: 120 });
    case "DateTime":
      return fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((date) => date.toISOString());
    case "AgentVersionRef":
      return fc.constantFrom<unknown>(1, "1", "latest", 0, 7);
    case "JSONObject":
      return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), {
        maxKeys: 4,
      });
    default:
      return fc.oneof(fc.constantFrom("Ada", "u", "example.com"), nastyText);
  }
}
