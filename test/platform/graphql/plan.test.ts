import fc from "fast-check";
import {
  execute,
  getNamedType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  validate,
  type GraphQLField,
  type GraphQLObjectType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../../../src/platform/auth/actor.js";
import type { RequestContext } from "../../../src/platform/auth/context.js";
import { planOf } from "../../../src/platform/graphql/plan.js";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { TestApp } from "../../support/app.js";
import { REST_CASES } from "../../support/operations.js";
import { makeWorld, nowhere, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
let stranger: World;
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
  stranger = await makeWorld(app);
});
afterAll(() => app.stop());

/** As a request would bring it. */
function contextOf(key: string | undefined): RequestContext {
  let actor: Promise<Actor> | undefined;
  const counted = (): void => {};
  const clientIp = "198.51.100.7";
  return {
    requestId: "plan",
    clientIp,
    origin: undefined,
    visitorToken: world.visitorToken,
    embedTicket: undefined,
    idempotencyKey: undefined,
    bearer: key,
    hasCredential: key !== undefined,
    session: async () => undefined,
    actor: () =>
      (actor ??= app.parley.credentials.authenticate(
        { authorization: key && `Bearer ${key}`, organizationHeader: undefined, clientIp },
        { counted },
        "read",
      )),
    again: () => {
      throw new Error("a query is asked once");
    },
    door: "graphql",
    loaders: app.parley.loaders(),
    counted,
  };
}

/** A visitor's token says when it was made, and of fields that are read side by side the first to fail is named first. */
function untimed(answer: string): string {
  const parsed = JSON.parse(answer) as { errors?: { path: unknown }[] };
  parsed.errors?.sort((one, other) =>
    JSON.stringify(one.path) < JSON.stringify(other.path) ? -1 : 1,
  );
  const text = JSON.stringify(parsed);
  return text.replace(/"visitorToken":"[^"]*"/, '"visitorToken":""');
}

/** Runs a query by its plan and by graphql-js. @returns the answer, which is the same. */
async function expectSame(
  text: string,
  variables: Record<string, unknown>,
  key: string | undefined,
): Promise<string> {
  const { schema } = app.parley;
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("the operation comes first");
  const plan = planOf(schema, document, operation);
  expect(plan, text).toBeDefined();
  const planned = JSON.stringify(await plan?.(contextOf(key), variables));
  const result = await execute({
    schema,
    document,
    variableValues: variables,
    contextValue: contextOf(key),
  });
  expect(untimed(planned), text).toBe(untimed(JSON.stringify(result)));
  return planned;
}

describe("every query of REST is answered by its plan as by graphql-js", () => {
  const rows = ROUTES.filter(
    ({ method, operation }) =>
      method === "GET" && operation.startsWith("query") && !operation.includes("@"),
  );

  test.each(rows)("$method $path", async ({ method, path, operation }) => {
    const variables = REST_CASES[`${method} ${path}`]?.variables ?? (() => ({}));
    await expectSame(operation, variables(world), world.key);
    await expectSame(operation, variables(stranger), world.key);
    await expectSame(operation, variables(nowhere(world.key)), world.key);
    await expectSame(operation, variables(world), undefined);
    await expectSame(operation, variables(world), "ak_none.none");
    await expectSame(operation, variables(world), await app.key(world.organizationId, []));
  });
});

test("a scope that is missing below the root leaves the rest of the answer", async () => {
  const key = await app.key(world.organizationId, ["web_widgets:read"]);
  const text = "{ widgets { nodes { id agent { id } security { strict } } } }";
  const answer = await expectSame(text, {}, key);
  expect(answer).toContain(`"id":"${world.widgetId}","agent":null,"security":null`);
  expect(answer).toContain('"path":["widgets","nodes",0,"agent"]');
});

test("a default of a variable is read as one that is written", async () => {
  const text = `query Q($after: DateTime = "2020-01-01T00:00:00+02:00", $first: Int! = 3, $channel: Channel) {
    conversations(first: $first, createdAfter: $after, channel: $channel) { nodes { id createdAt } } }`;
  expect(await expectSame(text, {}, world.key)).toContain(world.conversationId);
});

/** What the fields of the root are asked with; those that are not here need nothing. */
const ARGUMENTS: Readonly<Record<string, (world: World) => string>> = {
  UUID: (w) => `"${w.widgetId}"`,
  String: () => `"x"`,
  Int: () => "2",
  AgentVersionRef: () => "1",
};

function argumentsOf(field: GraphQLField<unknown, unknown>, of: World): string {
  const ids: Readonly<Record<string, string>> = {
    agent: of.agentId,
    agentVersions: of.agentId,
    agentVersion: of.agentId,
    conversation: of.conversationId,
  };
  const given = field.args
    .filter(({ type }) => isNonNullType(type))
    .filter(({ defaultValue }) => defaultValue === undefined)
    .map(({ name, type }) => {
      const id = name.endsWith("d") && ids[field.name];
      const literal = id
        ? `"${id}"`
        : (ARGUMENTS[getNamedType(type).name] ?? (() => `"${of.widgetId}"`))(of);
      return `${name}: ${literal}`;
    });
  return given.length === 0 ? "" : `(${given.join(", ")})`;
}

/** A selection made by numbers: fields, aliases, fragments, the same field twice. */
function selection(type: GraphQLObjectType, depth: number, next: (n: number) => number): string {
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 0 || !isObjectType(getNamedType(field.type)),
  );
  const parts = Array.from({ length: 1 + next(4) }, () => {
    const field = fields[next(fields.length)];
    if (!field) return "__typename";
    const below = getNamedType(field.type);
    const text = isObjectType(below) ? ` { ${selection(below, depth - 1, next)} }` : "";
    const alias = next(4) === 0 ? `a${next(1000)}: ` : "";
    const one = `${alias}${field.name}${argumentsOf(field, world)}${text}`;
    return next(5) === 0 ? `... on ${type.name} { ${one} }` : one;
  });
  return [...parts, ...(next(3) === 0 ? ["__typename"] : [])].join(" ");
}

test("made-up queries are answered by their plans as by graphql-js", async () => {
  const query = app.parley.schema.getQueryType();
  if (!query) throw new Error("there is no query");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(), { minLength: 20, maxLength: 60 }),
      fc.boolean(),
      async (numbers, isKnown) => {
        let at = 0;
        const next = (n: number): number => (numbers[at++ % numbers.length] ?? 0) % n;
        const text = `query Made { ${selection(query, 4, next)} }`;
        // Two fields of one name may disagree, which is another's to refuse.
        if (validate(app.parley.schema, parse(text)).length > 0) return;
        await expectSame(text, {}, isKnown ? world.key : undefined);
      },
    ),
    { numRuns: 100 },
  );
});
