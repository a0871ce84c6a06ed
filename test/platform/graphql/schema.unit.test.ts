import { readFile } from "node:fs/promises";
import {
  buildSchema,
  graphqlSync,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  printSchema,
  valueFromASTUntyped,
  type GraphQLEnumType,
  type GraphQLSchema,
} from "graphql";
import { beforeAll, expect, test } from "vitest";
import { BRAND_COLOR_ROLES, BRAND_LOGO_TYPES } from "../../../src/platform/brand/brand-words.js";
import { scopesOf } from "../../../src/platform/graphql/requires-scopes.js";
import { SCOPES } from "../../../src/platform/auth/scopes.js";
import { CONVERSATION_EVENT_KINDS } from "../../../src/platform/conversations/conversation-event.type.js";
import {
  AuditActorKind,
  AuditVia,
  Channel,
  ConversationStatus,
  Direction,
  IdentityMode,
  Role,
  TurnError,
  TurnMode,
  TurnRole,
} from "../../../src/platform/database/enums.js";
import { printedSchema, SCHEMA_FILE } from "../../../src/tooling/emit-schema.js";
import { enumName } from "../../../src/platform/graphql/enum-literals.js";
import { buildGraphQLSchema } from "../../../src/platform/schema.js";

let schema: GraphQLSchema;
beforeAll(() => {
  schema = buildGraphQLSchema(new Map());
});

/** The schema's own types, without GraphQL's. */
function ownTypes(): ReturnType<GraphQLSchema["getTypeMap"]>[string][] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith("__") && !isSpecifiedScalarType(type),
  );
}

test("schema.graphql is what the classes print", async () => {
  expect(await readFile(SCHEMA_FILE, "utf8")).toBe(printedSchema());
});

test("every type, field, argument, enum value and operation has a description", () => {
  const bare: string[] = [];
  const check = (name: string, description: string | null | undefined): void => {
    if (!description?.trim()) bare.push(name);
  };
  let fields = 0;
  for (const type of ownTypes()) {
    check(type.name, type.description);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        fields += 1;
        check(`${type.name}.${field.name}`, field.description);
        for (const arg of field.args)
          check(`${type.name}.${field.name}(${arg.name})`, arg.description);
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field.description);
      }
    } else if (isEnumType(type)) {
      for (const value of type.getValues()) {
        check(`${type.name}.${value.name}`, value.description);
      }
    }
  }
  expect(fields).toBeGreaterThan(100);
  expect(bare).toEqual([]);
});

test("every closed set is an enum whose names are the literals in upper case with : and - as _", () => {
  const sets: Record<string, readonly string[]> = {
    Scope: SCOPES,
    AuditActorKind: Object.values(AuditActorKind),
    AuditVia: Object.values(AuditVia),
    Channel: Object.values(Channel),
    ConversationEventKind: CONVERSATION_EVENT_KINDS,
    Direction: Object.values(Direction),
    ConversationStatus: Object.values(ConversationStatus),
    IdentityMode: Object.values(IdentityMode),
    Role: Object.values(Role),
    TurnRole: Object.values(TurnRole),
    TurnError: Object.values(TurnError),
    TurnMode: Object.values(TurnMode),
    BrandColorRole: BRAND_COLOR_ROLES,
    BrandLogoType: BRAND_LOGO_TYPES,
  };
  const enums = ownTypes().filter((type): type is GraphQLEnumType => isEnumType(type));
  expect(enums.map((type) => type.name).toSorted()).toEqual(Object.keys(sets).toSorted());
  for (const type of enums) {
    const pairs = type.getValues().map(({ name, value }) => [name, value]);
    const literals = sets[type.name] ?? [];
    expect(pairs).toEqual(
      literals.map((literal) => [literal.toUpperCase().replaceAll(/[:-]/g, "_"), literal]),
    );
    for (const literal of literals) expect(enumName(literal)).toMatch(/^[A-Z_]+$/);
  }
});

test("the literals are the contract's", () => {
  expect(Object.values(Channel).toSorted()).toEqual(["email", "telephone", "text", "webrtc"]);
  expect(Object.values(Direction).toSorted()).toEqual(["inbound", "outbound"]);
  expect(Object.values(ConversationStatus).toSorted()).toEqual([
    "cancelled",
    "completed",
    "failed",
    "in_progress",
    "ringing",
    "token_created",
    "transferred",
    "triggered",
    "unanswered",
  ]);
  expect(Object.values(TurnRole).toSorted()).toEqual(["agent", "tool", "user"]);
  expect(Object.values(TurnMode).toSorted()).toEqual(["text", "voice"]);
  expect([...SCOPES].toSorted()).toEqual([
    "agents:manage",
    "agents:read",
    "conversations:manage",
    "conversations:read",
    "conversations:read_sensitive",
    "organizations:manage",
    "web_widgets:manage",
    "web_widgets:read",
  ]);
});

test("every operation of the contract is there", () => {
  const names = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  expect(names).toEqual(
    expect.arrayContaining([
      "me",
      "apiKeys",
      "createApiKey",
      "revokeApiKey",
      "widget",
      "widgets",
      "createWidget",
      "updateWidget",
      "deleteWidget",
      "autoBrandWidget",
      "updateWidgetSecurity",
      "revokeVisitorTokens",
      "publicWidget",
      "startConversation",
      "publicConversations",
      "submitFeedback",
      "conversationMessages",
      "conversations",
      "conversation",
      "agents",
      "agent",
      "createAgent",
      "updateAgent",
      "deleteAgent",
      "createAgentVersion",
      "updateAgentVersion",
      "publishAgentVersion",
    ]),
  );
});

test("every list of the roots is a Relay connection with edges, nodes and page information", () => {
  const connections = ownTypes().filter((type) => type.name.endsWith("Connection"));
  expect(connections.length).toBeGreaterThanOrEqual(5);
  for (const type of connections) {
    if (!isObjectType(type)) throw new Error(type.name);
    expect(Object.keys(type.getFields()).toSorted()).toEqual(["edges", "nodes", "pageInfo"]);
  }
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    expect(String(field.type), field.name).not.toContain("[");
  }
});

test("every field of the roots is nullable", () => {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const fields = roots.flatMap((type) => Object.values(type?.getFields() ?? {}));
  expect(fields.length).toBeGreaterThan(30);
  expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([]);
});

test("every mutation takes one input and answers a payload, both named after it", () => {
  for (const { name, args, type } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    expect(args.map((arg) => `${arg.name}: ${String(arg.type)}`)).toEqual([
      `input: ${title}Input!`,
    ]);
    expect(String(type)).toBe(`${title}Payload`);
  }
});

test("an input of which exactly one field is meant says so, to introspection and in schema.graphql", async () => {
  const meant = ["AgentVersionSourceInput"];
  const document = "{ __schema { types { name isOneOf } } }";
  const { types } = Object(graphqlSync({ schema, source: document }).data?.["__schema"]);
  const said = (types as { name: string; isOneOf: boolean | null }[]).filter(
    (type) => type.isOneOf,
  );
  expect(said.map(({ name }) => name)).toEqual(meant);
  const printed = buildSchema(await readFile(SCHEMA_FILE, "utf8")).getTypeMap();
  const inputs = Object.values(printed).filter((type) => isInputObjectType(type) && type.isOneOf);
  expect(inputs.map(({ name }) => name)).toEqual(meant);
});

test("there is no telephony, which REST alone documents", () => {
  expect(printSchema(schema)).not.toMatch(/phone(?!,)|agentNumber|trunk|recording/);
});

test("schema.graphql says at each field which scopes it needs, and the check of the field asks for the same", async () => {
  const text = await readFile(SCHEMA_FILE, "utf8");
  const printed = buildSchema(text);
  const said = (type: string, field: string): unknown => {
    const parent = printed.getType(type);
    if (!isObjectType(parent)) throw new Error(type);
    const node = parent.getFields()[field]?.astNode;
    const [directive] = node?.directives ?? [];
    const value = directive?.arguments?.[0]?.value;
    return value && valueFromASTUntyped(value);
  };
  expect(said("Query", "widget")).toEqual([["web_widgets:read"], ["web_widgets:manage"]]);
  expect(said("Mutation", "createApiKey")).toEqual([["organizations:manage"]]);
  expect(said("Conversation", "summary")).toEqual([["conversations:read_sensitive"]]);
  expect(said("Query", "publicWidget")).toBeUndefined();
  expect(said("Mutation", "startConversation")).toBeUndefined();
  expect(said("Widget", "id")).toBeUndefined();
});

test("a field that needs a scope has a resolver of its own: a plain property would ask for none", () => {
  const fields = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()))
    .filter((field) => scopesOf(field) !== undefined);
  expect(fields.length).toBeGreaterThan(20);
  expect(fields.filter(({ resolve }) => resolve === undefined)).toEqual([]);
});
