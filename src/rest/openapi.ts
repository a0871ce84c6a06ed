import { createRequire } from "node:module";
import {
  getNamedType,
  getNullableType,
  GraphQLNonNull,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { z } from "zod";
import { agentConfigSchema } from "../agents/agent-config.js";
import { DEFAULT_PAGE, MAX_PAGE } from "../database/paging.js";
import { ERROR_MAPPING, type ErrorCode } from "../errors.js";
import { widgetConfigSchema } from "../widgets/widget-config.js";
import { compileRoute, type CompiledRoute, type RouteVariable } from "./compile-route.js";
import { EXAMPLES, exampleOf } from "./openapi-examples.js";
import { snakeCase } from "./rest-name.js";
import { ROUTES } from "./routes.js";
import type { Shape } from "./shape.js";

/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> } & Readonly<
    Record<string, unknown>
  >;
}

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** Documents whose keys we do know, by the field that holds them. */
const DOCUMENTS: Readonly<Record<string, JsonSchema>> = {
  "Widget.config": { $ref: "#/components/schemas/WidgetConfig" },
  "CreateWidgetInput.config": { $ref: "#/components/schemas/WidgetConfig" },
  "UpdateWidgetInput.config": { $ref: "#/components/schemas/WidgetConfig" },
  "AgentVersion.config": { $ref: "#/components/schemas/AgentConfig" },
  "CreateAgentVersionInput.config": { $ref: "#/components/schemas/AgentConfig" },
  "UpdateAgentVersionInput.config": { $ref: "#/components/schemas/AgentConfig" },
};

/** Fields that may be left out, but not be null (see `requireNotNull`): GraphQL's types cannot say it. */
const NOT_NULL: ReadonlySet<string> = new Set([
  "UpdateAgentInput.name",
  "UpdateWidgetInput.agentId",
  "UpdateWidgetInput.agentVersionId",
]);

const SCALARS: Readonly<Record<string, JsonSchema>> = {
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

/** What each status means (contract section 3). */
const ERRORS: Readonly<Record<ErrorCode, string>> = {
  bad_request: "Not understood, or cannot be done.",
  unauthenticated: "The token is missing, unknown, expired or revoked.",
  forbidden:
    "The token is valid but lacks the scope that this needs, or the caller's origin is not allowed.",
  not_found: "It does not exist, or it belongs to another organization.",
  method_not_allowed: "The path does not have this method; `Allow` names those that it has.",
  conflict: "The current state does not allow it.",
  payload_too_large: "Too large.",
  unsupported_media_type: "The body is not JSON in UTF-8, or packed in a way that is not known.",
  invalid: "A field is wrong; `errors` names it.",
  rate_limited: "Too many requests; try again after `Retry-After` seconds.",
  internal: "An internal error; `detail` has the request id.",
  unavailable: "Something that we depend on is down; try again after `Retry-After` seconds.",
};

/** The document of the REST door, made from the route table and the schema: it cannot say anything else. */
export function createOpenApi(schema: GraphQLSchema): OpenApiDocument {
  const schemas = new Map<string, JsonSchema>([
    ["Error", errorSchema()],
    [
      "WidgetConfig",
      documentSchema(widgetConfigSchema, "A widget's config; unknown keys are kept."),
    ],
    [
      "AgentConfig",
      documentSchema(agentConfigSchema, "An agent version's config; unknown keys are kept."),
    ],
  ]);
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const compiled = compileRoute(schema, route);
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(compiled, schemas);
  }
  (paths["/core/public/web-widgets/{widget_id}/embed-ticket"] ??= {})["post"] = embedTicket();
  return {
    openapi: "3.1.0",
    info: {
      title: "Parley",
      version,
      summary: "Chat-and-voice widgets: widgets, agents, conversations, and the visitor's runtime.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "This server." }],
    tags: [
      { name: "Widgets", description: "Bind a published agent version to a website." },
      { name: "Agents", description: "Agents and their numbered versions." },
      { name: "Conversations", description: "What visitors and agents said." },
      {
        name: "Public runtime",
        description: "What the embedded widget calls, without credentials.",
      },
    ],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      responses: errorResponses(),
      headers: {
        RequestId: { description: "Names the request in our log.", schema: { type: "string" } },
        Link: { description: 'The next page: `<…>; rel="next"`.', schema: { type: "string" } },
        RetryAfter: { description: "Seconds.", schema: { type: "integer", minimum: 1 } },
      },
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "ak_<id>.<secret>",
          description: "An organization's key.",
        },
        personalAccessToken: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "pat_<id>.<secret>",
          description: "A user's token, with the header `X-Anyreach-Org`.",
        },
        organization: {
          type: "apiKey",
          in: "header",
          name: "X-Anyreach-Org",
          description: "The organization of a personal access token.",
        },
        visitorToken: {
          type: "apiKey",
          in: "header",
          name: "X-Visitor-Token",
          description: "From the answer to a start.",
        },
        embedTicket: {
          type: "apiKey",
          in: "header",
          name: "X-Embed-Ticket",
          description: "From `embed-ticket`, for one start.",
        },
      },
    },
  };
}

function operationOf(compiled: CompiledRoute, schemas: Map<string, JsonSchema>): object {
  const { route } = compiled;
  const name = compiled.operation.name?.value ?? "";
  const scopes = route.scopes
    ? `\n\nNeeds the scope ${route.scopes.map((scope) => `\`${scope}\``).join(" or ")}.`
    : "";
  const answer = answerSchema(compiled, schemas);
  const body = bodyOf(compiled, schemas);
  return {
    operationId: `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
    summary: route.summary,
    description: `${route.summary}.${scopes}`,
    tags: [route.tag],
    security: route.scopes
      ? [{ apiKey: [] }, { personalAccessToken: [], organization: [] }]
      : [{}, { visitorToken: [] }, { embedTicket: [] }],
    parameters: compiled.variables
      .filter(({ source }) => source === "path" || source === "query")
      .map(parameterOf),
    ...(body ? { requestBody: body } : {}),
    responses: {
      [route.status]: {
        description:
          route.status === 204 ? "Done." : route.status === 201 ? "Created." : "The answer.",
        headers: {
          "X-Request-Id": { $ref: "#/components/headers/RequestId" },
          ...(compiled.isList ? { Link: { $ref: "#/components/headers/Link" } } : {}),
        },
        ...(answer
          ? {
              content: {
                "application/json": { schema: answer, example: exampleOf(answer, schemas) },
              },
            }
          : {}),
      },
      ...(route.revalidated ? { 304: { description: "Not changed since `If-None-Match`." } } : {}),
      ...errorReferences(compiled),
    },
  };
}

function answerSchema(
  { route, shape, isList }: CompiledRoute,
  schemas: Map<string, JsonSchema>,
): JsonSchema | undefined {
  if (route.status === 204) return undefined;
  const item = schemaOf(shape, schemas);
  return isList ? { type: "array", items: item } : item;
}

/** Objects become components: the same selection of a type is one component, a longer one its `…Detail`. */
function schemaOf(shape: Shape, schemas: Map<string, JsonSchema>): JsonSchema {
  switch (shape.kind) {
    case "leaf":
      return nullable(SCALARS[shape.scalar] ?? {}, shape.nullable);
    case "enum": {
      const values = shape.type.getValues().map(({ value }) => String(value));
      return nullable({ type: "string", enum: values }, shape.nullable);
    }
    case "list":
      return nullable({ type: "array", items: schemaOf(shape.item, schemas) }, shape.nullable);
    case "object": {
      const properties = Object.fromEntries(
        shape.fields.map((field) => {
          const known = DOCUMENTS[`${shape.name}.${field.graphqlName}`];
          const inner = known ?? schemaOf(field.shape, schemas);
          return [field.restName, { ...inner, description: field.description }];
        }),
      );
      const required = shape.fields
        .filter((field) => !field.conditional)
        .map((field) => field.restName);
      const schema: JsonSchema = { type: "object", properties, required };
      return nullable(
        { $ref: `#/components/schemas/${register(schemas, shape.name, schema)}` },
        shape.nullable,
      );
    }
  }
}

function register(schemas: Map<string, JsonSchema>, name: string, schema: JsonSchema): string {
  const text = JSON.stringify(schema);
  for (const candidate of [name, `${name}Detail`]) {
    const known = schemas.get(candidate);
    if (known && JSON.stringify(known) !== text) continue;
    schemas.set(candidate, schema);
    return candidate;
  }
  throw new Error(`${name} is selected in more than two ways`);
}

function bodyOf(compiled: CompiledRoute, schemas: Map<string, JsonSchema>): object | undefined {
  const whole = compiled.variables.find(({ source }) => source === "body");
  const fields = compiled.variables.filter(({ source }) => source === "body_field");
  if (!whole && fields.length === 0) return undefined;
  const schema = whole
    ? inputSchema(getNullableType(whole.type), schemas)
    : fieldsSchema(fields, schemas);
  const example =
    EXAMPLES[`${compiled.route.method} ${compiled.route.path}`] ?? exampleOf(schema, schemas);
  return {
    required: whole ? isNonNullType(whole.type) : true,
    content: { "application/json": { schema, example } },
  };
}

function fieldsSchema(
  fields: readonly RouteVariable[],
  schemas: Map<string, JsonSchema>,
): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(
      fields.map(({ restName, type }) => [restName, inputSchema(type, schemas)]),
    ),
    required: fields.filter(({ type }) => isNonNullType(type)).map(({ restName }) => restName),
  };
}

function inputSchema(type: GraphQLInputType, schemas: Map<string, JsonSchema>): JsonSchema {
  const isNullable = !isNonNullType(type);
  const bare = getNullableType(type);
  if (isListType(bare))
    return nullable({ type: "array", items: inputSchema(bare.ofType, schemas) }, isNullable);
  if (isEnumType(bare)) {
    return nullable(
      { type: "string", enum: bare.getValues().map(({ value }) => String(value)) },
      isNullable,
    );
  }
  if (!isInputObjectType(bare)) return nullable(SCALARS[bare.name] ?? {}, isNullable);
  if (!schemas.has(bare.name)) {
    const fields = Object.values(bare.getFields());
    schemas.set(bare.name, {
      type: "object",
      description: bare.description ?? "",
      properties: Object.fromEntries(
        fields.map((field) => {
          const document = DOCUMENTS[`${bare.name}.${field.name}`];
          const fieldType = NOT_NULL.has(`${bare.name}.${field.name}`)
            ? new GraphQLNonNull(getNullableType(field.type))
            : field.type;
          const inner = document
            ? nullable(document, !isNonNullType(fieldType))
            : inputSchema(fieldType, schemas);
          return [snakeCase(field.name), { ...inner, description: field.description ?? "" }];
        }),
      ),
      required: fields
        .filter((field) => isNonNullType(field.type))
        .map((field) => snakeCase(field.name)),
    });
  }
  return { $ref: `#/components/schemas/${bare.name}` };
}

function parameterOf(variable: RouteVariable): object {
  const named = getNamedType(variable.type);
  const base = isEnumType(named)
    ? { type: "string", enum: named.getValues().map(({ value }) => String(value)) }
    : (SCALARS[named.name] ?? {});
  const schema =
    variable.restName === "limit"
      ? { type: "integer", minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }
      : base;
  const isJson = named.name === "JSONObject";
  return {
    name: variable.restName,
    in: variable.source,
    required: variable.source === "path",
    description: PARAMETERS[variable.restName] ?? `Filter by \`${variable.restName}\`.`,
    ...(isJson ? { content: { "application/json": { schema } } } : { schema }),
  };
}

const PARAMETERS: Readonly<Record<string, string>> = {
  id: "Its id.",
  agent_id: "The agent's id.",
  widget_id: "The widget's id.",
  conversation_id: "The conversation's id.",
  version: "A version's number, or `latest`.",
  limit: "How many items. A page may be longer when items share a `created_at`.",
  cursor: "Base64 of the `created_at` of the previous page's last item.",
};

function errorReferences(compiled: CompiledRoute): object {
  const hasBody = compiled.variables.some(
    ({ source }) => source === "body" || source === "body_field",
  );
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter(
    (code) =>
      code !== "method_not_allowed" &&
      (hasBody || (code !== "payload_too_large" && code !== "unsupported_media_type")),
  );
  return Object.fromEntries(
    codes.map((code) => [ERROR_MAPPING[code].status, { $ref: `#/components/responses/${code}` }]),
  );
}

function errorResponses(): object {
  return Object.fromEntries(
    (Object.keys(ERRORS) as ErrorCode[]).map((code) => [
      code,
      {
        description: ERRORS[code],
        headers: {
          "X-Request-Id": { $ref: "#/components/headers/RequestId" },
          ...(code === "rate_limited" || code === "unavailable"
            ? { "Retry-After": { $ref: "#/components/headers/RetryAfter" } }
            : {}),
        },
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/Error" },
            example:
              code === "invalid"
                ? {
                    detail: "name: Is required.",
                    errors: [{ path: "name", message: "Is required." }],
                  }
                : { detail: ERRORS[code] },
          },
        },
      },
    ]),
  );
}

function errorSchema(): JsonSchema {
  return {
    type: "object",
    description: "Every error.",
    properties: {
      detail: { type: "string", description: "One sentence." },
      errors: {
        type: "array",
        description: "With 422: the wrong fields.",
        items: {
          type: "object",
          properties: {
            path: { type: "string", description: "`config.v1.theme`" },
            message: { type: "string", description: "What is wrong with it." },
          },
          required: ["path", "message"],
        },
      },
    },
    required: ["detail"],
  };
}

function documentSchema(schema: z.ZodType, description: string): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema }) => {
      // In a document null means absent, wherever a key may be absent (contract section 3).
      const { properties = {}, required = [] } = jsonSchema;
      for (const [key, property] of Object.entries(properties)) {
        if (typeof property === "object" && !required.includes(key)) {
          properties[key] = nullable(property, true);
        }
      }
    },
  });
  return { ...json, description };
}

const NULL = { type: "null" };

/** What may be null already stays as it is. A reference or a choice has no `type` to widen: null is one more. */
function nullable(schema: JsonSchema, isNullable: boolean): JsonSchema {
  if (!isNullable) return schema;
  const { type, enum: values, anyOf } = schema;
  if (Array.isArray(type)) return schema;
  if (Array.isArray(anyOf)) {
    const others = anyOf.filter((one: JsonSchema) => one["type"] !== NULL.type);
    return { ...schema, anyOf: [...others, NULL] };
  }
  if ("$ref" in schema || "oneOf" in schema) return { anyOf: [schema, NULL] };
  if (Array.isArray(values)) return { ...schema, type: [type, "null"], enum: [...values, null] };
  return typeof type === "string" ? { ...schema, type: [type, "null"] } : schema;
}

function embedTicket(): object {
  const references = Object.fromEntries(
    (["forbidden", "not_found", "rate_limited", "internal", "unavailable"] as const).map((code) => [
      ERROR_MAPPING[code].status,
      { $ref: `#/components/responses/${code}` },
    ]),
  );
  return {
    operationId: "createEmbedTicket",
    summary: "A ticket for the page that embeds the widget, by its true Origin",
    description:
      "A ticket for the page that embeds the widget. It is valid for one minute and for one start.",
    tags: ["Public runtime"],
    security: [{}],
    parameters: [
      {
        name: "widget_id",
        in: "path",
        required: true,
        description: "The widget's id.",
        schema: SCALARS["UUID"],
      },
    ],
    responses: {
      200: {
        description: "The ticket.",
        content: {
          "application/json": {
            schema: {
              type: "object",
              properties: {
                ticket: { type: "string", description: "For the header `X-Embed-Ticket`." },
                expires_at: { type: "string", format: "date-time", description: "In a minute." },
              },
              required: ["ticket", "expires_at"],
            },
            example: { ticket: "eyJhbGciOiJIUzI1NiJ9…", expires_at: "2026-11-21T09:31:00.000Z" },
          },
        },
      },
      ...references,
    },
  };
}
