import { z } from "zod";

// The rules for what is written grow stricter, and what was stored before cannot be mended: a reader
// asks for no more than the shape that it needs, and what does not have it is absent by itself.

/** A key of what is stored. */
export function readable<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

/** A list in what is stored: of its items only those that do not fit are absent. */
export function readableList<T extends z.ZodType>(item: T) {
  return readable(
    z.array(readable(item)).transform((items) => items.filter((one) => one !== undefined)),
  );
}

/**
 * The lenient reading of what was written by a strict schema: the same keys and types, without bounds, patterns and
 * defaults. A form's fields are left to whoever shows them.
 */
export function lenient<T extends z.ZodType>(schema: T): z.ZodType<z.input<T>> {
  // What it gives has the types of what was written: `relaxed` takes away checks alone.
  return relaxed(schema) as z.ZodType<z.input<T>>;
}

function relaxed(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    const inner = schema.unwrap() as z.ZodType;
    return readable(relaxed(inner));
  }
  if (schema instanceof z.ZodNullable) return relaxed(schema.unwrap() as z.ZodType).nullable();
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>;
    return z.looseObject(
      Object.fromEntries(
        Object.entries(shape).map(([key, inner]) => [
          key,
          key === "fields" ? z.unknown().optional() : relaxed(inner),
        ]),
      ),
    );
  }
  if (schema instanceof z.ZodArray) {
    const item = readable(relaxed(schema.element as z.ZodType));
    return z.array(item).transform((items) => items.filter((one) => one !== undefined));
  }
  if (schema instanceof z.ZodUnion) {
    return z.union(schema.options.map((one) => relaxed(one as z.ZodType)));
  }
  if (schema instanceof z.ZodString) return z.string();
  if (schema instanceof z.ZodNumber) return z.number();
  return schema;
}
