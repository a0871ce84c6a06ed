import { GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from "graphql";
import { parseTimestamp } from "../../protocol/timestamp.js";
import { isUuid } from "../input/uuid.js";

// Our own, where graphql-scalars has the same: theirs repeat the submitted value in their messages.
// They throw plain errors, so that GraphQL adds where in the document the value stands.

/** RFC 9562, in lower case. */
export const UUIDScalar = new GraphQLScalarType<string, string>({
  name: "UUID",
  description: "A UUID (RFC 9562) in its 36-character form, answered in lower case.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc9562",
  serialize: (value) => String(value),
  parseValue: parseUuid,
  parseLiteral: (node) => parseUuid(textOf(node)),
});

/** ISO 8601 in UTC with milliseconds. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description:
    "A point in time, ISO 8601 with a zone (years 1 to 9999). Answered in UTC with milliseconds: `2026-11-21T09:30:00.000Z`.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(textOf(node)),
});

/** An object whose keys we do not know. */
export const JSONObjectScalar = new GraphQLScalarType<object, object>({
  name: "JSONObject",
  description: "A JSON object of any shape.",
  serialize: asObject,
  parseValue: asObject,
  parseLiteral: (node, variables) => asObject(valueFromASTUntyped(node, variables)),
});

/** Any JSON value. */
export const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  name: "JSON",
  description: "Any JSON value.",
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

/** The number of a version, or `latest`. */
export const VersionRefScalar = new GraphQLScalarType<number | "latest", string>({
  name: "AgentVersionRef",
  description:
    'The number of an agent version (1, 2, …), or "latest": the newest draft, made from the newest version if there is none.',
  serialize: String,
  parseValue: parseVersionRef,
  parseLiteral: (node) =>
    parseVersionRef(node.kind === Kind.INT ? Number(node.value) : textOf(node)),
});

function parseUuid(value: unknown): string {
  if (!isUuid(value)) throw new TypeError("Must be a UUID.");
  return value.toLowerCase();
}

function parseDateTime(value: unknown): Date {
  const date = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (!date) throw new TypeError("Must be an ISO 8601 timestamp with a zone.");
  return date;
}

function parseVersionRef(value: unknown): number | "latest" {
  if (value === "latest") return value;
  const number = typeof value === "string" && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : value;
  if (
    typeof number !== "number" ||
    !Number.isInteger(number) ||
    number < 1 ||
    number > 999_999_999
  ) {
    throw new TypeError('Must be a version number or "latest".');
  }
  return number;
}

function asObject(value: unknown): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("Must be a JSON object.");
  }
  return value;
}

function textOf(node: ValueNode): unknown {
  return node.kind === Kind.STRING ? node.value : undefined;
}
