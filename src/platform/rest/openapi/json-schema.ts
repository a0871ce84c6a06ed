/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The document's components, by name. */
export type Components = Map<string, JsonSchema>;

export function reference(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

export const NULL: JsonSchema = { type: "null" };

/** What may be null already stays as it is. A reference or a choice has no `type` to widen: null is one more. */
export function nullable(schema: JsonSchema, isNullable: boolean): JsonSchema {
  if (!isNullable) return schema;
  const { type, enum: values, anyOf, description, ...rest } = schema;
  const described = description === undefined ? {} : { description };
  if (Array.isArray(type)) return schema;
  if (Array.isArray(anyOf)) {
    const others = anyOf.filter((one: JsonSchema) => one["type"] !== NULL["type"]);
    return { ...schema, anyOf: [...others, NULL] };
  }
  if ("$ref" in schema || "oneOf" in schema) return { ...described, anyOf: [rest, NULL] };
  if (Array.isArray(values)) return { ...schema, type: [type, "null"], enum: [...values, null] };
  return typeof type === "string" ? { ...schema, type: [type, "null"] } : schema;
}
