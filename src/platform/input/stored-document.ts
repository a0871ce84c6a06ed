import { z } from "zod";

// The rules for what is written grow stricter, and what was stored before cannot be mended: a reader
// asks for no more than the shape that it needs, and what does not have it is absent by itself.

/** A key of a stored document. */
export function readable<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

/** A list in a stored document: of its items only those that do not fit are absent. */
export function readableList<T extends z.ZodType>(item: T) {
  return readable(
    z.array(readable(item)).transform((items) => items.filter((one) => one !== undefined)),
  );
}
