import { getNamedType, isEnumType } from "graphql";
import { DEFAULT_PAGE, MAX_PAGE } from "../../database/paging.js";
import type { CompiledRoute, RouteVariable } from "../compile-route.js";
import { errorReferences } from "./error-responses.js";
import { EXAMPLES, exampleOf } from "./examples.js";
import type { Components, JsonSchema } from "./json-schema.js";
import { linksOf, operationIdOf } from "./links.js";
import { bodySchema, enumSchema, outputSchema, SCALARS } from "./schemas.js";

/** What one row of the route table is to a client. */
export function operationOf(compiled: CompiledRoute, components: Components): object {
  const { route } = compiled;
  const links = linksOf(route);
  const scopes = route.scopes
    ? `\n\nNeeds the scope ${route.scopes.map((scope) => `\`${scope}\``).join(" or ")}.`
    : "";
  const answer = answerSchema(compiled, components);
  const body = bodyOf(compiled, components);
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    description: `${route.summary}.${scopes}`,
    tags: [route.tag],
    security: route.scopes
      ? [{ apiKey: [] }, { personalAccessToken: [], organization: [] }]
      : [{}, { visitorToken: [] }, { embedTicket: [] }],
    parameters: [
      ...compiled.variables
        .filter(({ source }) => source === "path" || source === "query")
        .map(parameterOf),
      ...(route.repeatable ? [IDEMPOTENCY_KEY] : []),
    ],
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
                "application/json": { schema: answer, example: exampleOf(answer, components) },
              },
            }
          : {}),
        ...(Object.keys(links).length > 0 ? { links } : {}),
      },
      ...(route.revalidated ? { 304: { description: "Not changed since `If-None-Match`." } } : {}),
      ...errorReferences(compiled),
    },
  };
}

function answerSchema(
  { route, shape, isList }: CompiledRoute,
  components: Components,
): JsonSchema | undefined {
  if (route.status === 204) return undefined;
  const item = outputSchema(shape, components);
  return isList ? { type: "array", items: item } : item;
}

function bodyOf(compiled: CompiledRoute, components: Components): object | undefined {
  const { body } = compiled;
  if (!body || body.fields.length === 0) return undefined;
  const schema = bodySchema(body, components);
  const example =
    EXAMPLES[`${compiled.route.method} ${compiled.route.path}`] ?? exampleOf(schema, components);
  return {
    required: body.required,
    content: { "application/json": { schema, example } },
  };
}

function parameterOf({ type, restName, source, description }: RouteVariable): object {
  const named = getNamedType(type);
  const base = isEnumType(named) ? enumSchema(named) : (SCALARS[named.name] ?? {});
  const schema =
    restName === "limit"
      ? { type: "integer", minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }
      : // An empty value is a wrong one, for every parameter (contract section 3).
        source === "query" && base["type"] === "string" && !("format" in base || "enum" in base)
        ? { ...base, minLength: 1 }
        : base;
  return {
    name: restName,
    in: source,
    required: source === "path",
    description: PARAMETERS[restName] ?? description,
    ...(named.name === "JSONObject" ? { content: { "application/json": { schema } } } : { schema }),
  };
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Chosen at random for one start: within ten minutes the same start with the same key gives the same conversation.",
  schema: { type: "string", pattern: "^[!-~]{1,255}$" },
};

/** Where REST says it otherwise than GraphQL. */
const PARAMETERS: Readonly<Record<string, string>> = {
  limit: "How many items. A page may be longer when items share a `created_at`.",
  cursor: "Base64 of the `created_at` of the previous page's last item.",
};
