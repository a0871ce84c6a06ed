import {
  getNullableType,
  GraphQLNonNull,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputField,
  type GraphQLInputType,
} from "graphql";
import { keywordsOf } from "../../graphql/keywords.js";
import type { RouteBody } from "../compile-route.js";
import { snakeCase } from "../../http/rest-name.js";
import { alternativesOf, type Shape } from "../shape.js";
import { documentOf } from "./documents.js";
import { NULL, nullable, reference, type Components, type JsonSchema } from "./json-schema.js";

export const SCALARS: Readonly<Record<string, JsonSchema>> = {
  String: { type: "string" },
  Boolean: { type: "boolean" },
  Int: { type: "integer", minimum: -2147483648, maximum: 2147483647 },
  Float: { type: "number" },
  UUID: { type: "string", format: "uuid" },
  DateTime: { type: "string", format: "date-time" },
  JSONObject: { type: "object", additionalProperties: true },
  JSON: {},
  AgentVersionRef: { type: "string", pattern: "^(latest|[1-9][0-9]{0,8})$" },
};

/** Components that clients were generated with, by the GraphQL type that says the same. */
const COMPONENT_NAMES: Readonly<Record<string, string>> = {
  AutoBrandWidgetInput: "AutoBrandWidgetBody",
  SubmitFeedbackInput: "SubmitFeedbackBody",
  StartConversationPayload: "StartedConversation",
  SubmitFeedbackPayload: "Acknowledgement",
  LogoutVisitorPayload: "Acknowledgement",
};

/** The schema of an answer. Objects become components: a selection of a type is one, a longer one its `…Detail`. */
export function outputSchema(shape: Shape, components: Components): JsonSchema {
  switch (shape.kind) {
    case "leaf":
    case "none":
      return nullable(SCALARS[shape.scalar] ?? {}, shape.nullable);
    case "enum":
      return nullable(enumSchema(shape.type), shape.nullable);
    case "list":
      return nullable(
        { type: "array", items: outputSchema(shape.item, components) },
        shape.nullable,
      );
    case "nodes":
      return outputSchema(shape.nodes, components);
    case "object": {
      const properties = Object.fromEntries(
        shape.fields.map((field) => {
          const known = documentOf(shape.name, field.graphqlName);
          const inner = known ?? outputSchema(field.shape, components);
          return [field.restName, { ...inner, description: field.description }];
        }),
      );
      const required = shape.fields
        .filter((field) => !field.conditional)
        .map((field) => field.restName);
      const schema: JsonSchema = { type: "object", properties, required };
      return nullable(
        reference(register(components, COMPONENT_NAMES[shape.name] ?? shape.name, schema)),
        shape.nullable,
      );
    }
  }
}

/** What looks the same is one component: a public widget is the widget. */
function register(components: Components, name: string, schema: JsonSchema): string {
  const text = JSON.stringify(schema);
  for (const [known, other] of components) if (JSON.stringify(other) === text) return known;
  const free = [name, `${name}Detail`].find((candidate) => !components.has(candidate));
  if (free === undefined) throw new Error(`${name} is selected in more than two ways`);
  components.set(free, schema);
  return free;
}

/** The schema of what is sent. */
function inputSchema(type: GraphQLInputType, components: Components): JsonSchema {
  const isNullable = !isNonNullType(type);
  const bare = getNullableType(type);
  if (isListType(bare))
    return nullable({ type: "array", items: inputSchema(bare.ofType, components) }, isNullable);
  if (isEnumType(bare)) return nullable(enumSchema(bare), isNullable);
  if (!isInputObjectType(bare)) return nullable(SCALARS[bare.name] ?? {}, isNullable);
  if (!components.has(bare.name))
    components.set(bare.name, inputObject(bare, Object.values(bare.getFields()), components));
  return reference(bare.name);
}

/** Of a body: an input without what the path names. */
export function bodySchema({ type, fields }: RouteBody, components: Components): JsonSchema {
  const name = COMPONENT_NAMES[type.name] ?? type.name;
  if (!components.has(name)) components.set(name, inputObject(type, fields, components));
  return reference(name);
}

function inputObject(
  type: GraphQLInputObjectType,
  fields: readonly GraphQLInputField[],
  components: Components,
): JsonSchema {
  const flat = fields.flatMap((field) => {
    const inner = alternativesOf(field);
    const owner = inner ?? type;
    return (inner ? Object.values(inner.getFields()) : [field]).map((one) => ({
      name: snakeCase(one.name),
      schema: fieldSchema(owner.name, one, components),
      required: isNonNullType(one.type),
      alternative: inner !== undefined,
    }));
  });
  const alternatives = flat.filter(({ alternative }) => alternative).map(({ name }) => name);
  return {
    type: "object",
    description: type.description ?? "",
    properties: Object.fromEntries(flat.map(({ name, schema }) => [name, schema])),
    required: flat.filter(({ required }) => required).map(({ name }) => name),
    ...(alternatives.length > 0
      ? { oneOf: alternatives.map((one) => only(one, alternatives)) }
      : {}),
  };
}

function fieldSchema(type: string, field: GraphQLInputField, components: Components): JsonSchema {
  const { notNull, ...words } = keywordsOf(field);
  const isNullable = !isNonNullType(field.type) && !notNull;
  const bare =
    documentOf(type, field.name) ??
    inputSchema(new GraphQLNonNull(getNullableType(field.type)), components);
  return { ...nullable(bare, isNullable), ...words, description: field.description ?? "" };
}

/** One given, the others absent: null means absent (contract section 3). */
function only(given: string, all: readonly string[]): JsonSchema {
  const others = all.filter((name) => name !== given);
  return {
    required: [given],
    properties: Object.fromEntries([
      [given, { not: NULL }],
      ...others.map((name) => [name, NULL] as const),
    ]),
  };
}

export function enumSchema(type: GraphQLEnumType): JsonSchema {
  return { type: "string", enum: type.getValues().map(({ value }) => String(value)) };
}
