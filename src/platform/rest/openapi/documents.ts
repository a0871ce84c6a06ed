import { z } from "zod";
import { agentConfigSchema } from "../../../protocol/agent-config.js";
import { widgetConfigSchema } from "../../../protocol/widget-config.js";
import { usageLimitsSchema } from "../../input/usage-limits.js";
import { limitsSchema } from "../../widgets/widget-limits.js";
import { nullable, reference, type Components, type JsonSchema } from "./json-schema.js";

/** JSON documents whose keys we know, by the name of their component. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  WidgetConfig: widgetConfigSchema,
  WidgetLimits: limitsSchema,
  UsageLimits: usageLimitsSchema,
  AgentConfig: agentConfigSchema,
};

const FIELDS: Readonly<Record<string, keyof typeof SCHEMAS>> = {
  "Widget.config": "WidgetConfig",
  "PublicWidget.config": "WidgetConfig",
  "CreateWidgetInput.config": "WidgetConfig",
  "UpdateWidgetInput.config": "WidgetConfig",
  "WidgetSecurity.limits": "WidgetLimits",
  "UpdateWidgetSecurityInput.limits": "WidgetLimits",
  "Usage.limits": "UsageLimits",
  "AgentVersion.config": "AgentConfig",
  "AgentVersionSourceInput.config": "AgentConfig",
  "UpdateAgentVersionInput.config": "AgentConfig",
};

/** The document that a field of the GraphQL schema holds, if we know its keys. */
export function documentOf(type: string, field: string): JsonSchema | undefined {
  const name = FIELDS[`${type}.${field}`];
  return name === undefined ? undefined : reference(name);
}

/** Adds the documents and their parts: a part with a name of its own (`meta({ id })`) is a component. */
export function addDocuments(components: Components): void {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    const {
      $schema: _dialect,
      $defs,
      ...json
    } = z.toJSONSchema(schema, {
      io: "input",
      override: ({ jsonSchema }) => sayDefault(jsonSchema),
    });
    for (const [part, inner] of Object.entries({ ...$defs, [name]: json })) {
      const { id: _id, ...own } = inner as JsonSchema;
      components.set(part, asComponent(own) as JsonSchema);
    }
  }
}

/** A default in words: by the keyword a generated client takes the key for one that is always there. */
function sayDefault(schema: { default?: unknown; description?: string }): void {
  const { default: absent, description = "" } = schema;
  if (absent === undefined) return;
  delete schema.default;
  schema.description = `${description} Default: ${String(absent)}.`;
}

/** Null means absent, wherever a key may be absent (contract section 3); parts stand elsewhere. */
function asComponent(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asComponent);
  if (typeof node === "string") return node.replace(/^#\/\$defs\//, reference("").$ref);
  if (typeof node !== "object" || node === null) return node;
  const schema = Object.fromEntries(
    Object.entries(node).map(([key, inner]) => [key, asComponent(inner)]),
  );
  const { properties, required = [] } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  if (!properties) return schema;
  const open = Object.entries(properties).map(([key, property]) => [
    key,
    nullable(property, !required.includes(key)),
  ]);
  return { ...schema, properties: Object.fromEntries(open) };
}
