import { createRequire } from "node:module";
import type { GraphQLSchema } from "graphql";
import { ERROR_MAPPING } from "../../errors.js";
import { compileRoute } from "../compile-route.js";
import { ROUTES } from "../routes.js";
import { addDocuments } from "./documents.js";
import { addErrors, errorResponses } from "./error-responses.js";
import { reference, type Components, type JsonSchema } from "./json-schema.js";
import { operationOf } from "./operation.js";
import { SCALARS } from "./schemas.js";

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

const { version } = createRequire(import.meta.url)("../../../../package.json") as {
  version: string;
};

/**
 * The document of the REST door, made from the route table and the schema: it cannot say anything else.
 *
 * @param publicPath what stands before `/core` where clients reach it, such as `/chat`.
 */
export function createOpenApi(schema: GraphQLSchema, publicPath = ""): OpenApiDocument {
  const components: Components = new Map();
  addErrors(components);
  addDocuments(components);
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const compiled = compileRoute(schema, route);
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(compiled, components);
  }
  (paths["/core/public/web-widgets/{widget_id}/embed-ticket"] ??= {})["post"] =
    embedTicket(components);
  return {
    openapi: "3.1.0",
    info: {
      title: "Parley",
      version,
      summary: "Chat-and-voice widgets: widgets, agents, conversations, and the visitor's runtime.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: publicPath || "/", description: "This server." }],
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
      schemas: Object.fromEntries(components),
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

function embedTicket(components: Components): object {
  components.set("EmbedTicket", {
    type: "object",
    properties: {
      ticket: { type: "string", description: "For the header `X-Embed-Ticket`." },
      expires_at: { type: "string", format: "date-time", description: "In a minute." },
    },
    required: ["ticket", "expires_at"],
  });
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
            schema: reference("EmbedTicket"),
            example: { ticket: "eyJhbGciOiJIUzI1NiJ9…", expires_at: "2026-11-21T09:31:00.000Z" },
          },
        },
      },
      ...references,
    },
  };
}
