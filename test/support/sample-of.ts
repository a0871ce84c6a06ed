import { z } from "zod";

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly description?: string;
}

/** A value with every key of the schema, each with the first or least thing that it takes. */
export function sampleOf(schema: z.ZodType): unknown {
  return sample(z.toJSONSchema(schema) as Schema);
}

function sample(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, inner]) => [key, sample(inner)]),
      );
    case "array":
      return Array.from({ length: schema.minItems ?? 1 }, () => sample(schema.items ?? {}));
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "string":
      return schema.description?.includes(" URL")
        ? "https://a.example/"
        : "x".repeat(schema.minLength ?? 1);
    default:
      throw new Error(`No sample of ${JSON.stringify(schema)}`);
  }
}
