import type { JsonSchema } from "./json-schema.js";

const UUID = "3f0c2a54-7d1e-4b7a-9c55-0a6f1f5f2b11";

/** Request bodies worth copying; what is not listed is made from its schema. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  "POST /core/web-widgets": {
    agent_id: UUID,
    agent_version_id: UUID,
    domains: ["yourdomain.com"],
    config: { v1: { theme: "system", chat: { title: "Ask us" } } },
  },
  "PUT /core/web-widgets/{id}": { published: true },
  "PUT /core/web-widgets/{id}/security": { strict: true },
  "POST /core/web-widgets/{id}/auto-brand": { domain: "example.com" },
  "POST /core/agents": { name: "Ada", description: "Answers our customers." },
  "PUT /core/agents/{id}": { description: null },
  "POST /core/agents/{agent_id}/versions": {
    config: {
      instructions: "Be brief and warm.",
      starting_message: { type: "bot_initiates_static", text: "Hello! How can I help?" },
    },
  },
  "PUT /core/agents/{agent_id}/versions/{version}": { config: { instructions: "Be brief." } },
  "POST /core/agents/{agent_id}/versions/{version}/publish": {},
  "POST /core/public/web-widgets/{widget_id}/conversations": {
    user_id: `guest_${UUID}`,
    custom_metadata: { plan: "pro" },
  },
  "POST /core/public/web-widgets/{widget_id}/conversations/{conversation_id}/feedback": {
    data: { rating: 5 },
  },
};

const BY_NAME: Readonly<Record<string, unknown>> = {
  organization_id: "org_demo",
  name: "Ada",
  description: "Answers our customers.",
  user_id: `guest_${UUID}`,
  domains: ["https://yourdomain.com"],
  hex: "#1f5f5b",
  role: "primary",
  domain: "example.com",
  url: "https://example.com/logo.png",
  type: "logo",
  text: "Hello! How can I help?",
  room: "parley_9d1c2c1e-6c55-4a0c-8a37-6a5f1a2b3c4d",
  status: "completed",
  config: {},
};

/** An example that fits a schema; references are followed. */
export function exampleOf(
  schema: JsonSchema,
  schemas: ReadonlyMap<string, JsonSchema>,
  name = "",
): unknown {
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    const target = schemas.get(reference.slice(reference.lastIndexOf("/") + 1));
    return target ? exampleOf(target, schemas, name) : null;
  }
  const [choice] = Array.isArray(schema["anyOf"]) ? (schema["anyOf"] as JsonSchema[]) : [];
  if (choice) return exampleOf(choice, schemas, name);
  if (Array.isArray(schema["enum"]))
    return schema["enum"].includes(BY_NAME[name]) ? BY_NAME[name] : schema["enum"][0];
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object":
      return exampleObject(schema, schemas);
    case "array":
      return Array.isArray(BY_NAME[name])
        ? BY_NAME[name]
        : [exampleOf(schema["items"] as JsonSchema, schemas)];
    case "boolean":
      return true;
    case "integer":
    case "number":
      return 1;
    case "string":
      if (schema["format"] === "uuid") return UUID;
      if (schema["format"] === "date-time") return "2026-11-21T09:30:00.000Z";
      return typeof BY_NAME[name] === "string" ? BY_NAME[name] : "text";
    default:
      return {};
  }
}

function exampleObject(schema: JsonSchema, schemas: ReadonlyMap<string, JsonSchema>): unknown {
  // Documents with keys of their own are best shown empty: every one of them is optional.
  if (schema["additionalProperties"] !== undefined || !schema["properties"]) return {};
  const properties = Object.entries(schema["properties"] as Record<string, JsonSchema>);
  return Object.fromEntries(
    properties.map(([key, value]) => [key, exampleOf(value, schemas, key)]),
  );
}
