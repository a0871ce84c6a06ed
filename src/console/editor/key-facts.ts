import { z } from "zod";
import { widgetConfigV1Schema } from "../../protocol/widget-config.js";

/** What a key of `config.v1` holds, as its schema says. */
export type KeyFacts =
  | { readonly kind: "text"; readonly maxLength: number | undefined }
  | { readonly kind: "color" | "address" }
  | { readonly kind: "yesOrNo"; readonly initial: boolean }
  | { readonly kind: "choice"; readonly options: readonly string[]; readonly initial: string }
  | {
      readonly kind: "number";
      readonly min: number | undefined;
      readonly max: number | undefined;
      readonly initial: number | undefined;
    };

/**
 * @param path of a key that holds one value, such as `chat.title`
 * @throws Error where the schema has no such key: the table of fields is wrong then
 */
export function factsOf(path: string): KeyFacts {
  let schema: unknown = widgetConfigV1Schema;
  for (const key of path.split(".")) {
    const object = withoutDefault(schema).inner;
    schema = object instanceof z.ZodObject ? object.shape[key] : undefined;
  }
  const { inner, initial } = withoutDefault(schema);
  if (inner instanceof z.ZodBoolean) return { kind: "yesOrNo", initial: initial === true };
  if (inner instanceof z.ZodEnum)
    return { kind: "choice", options: inner.options.map(String), initial: String(initial) };
  if (inner instanceof z.ZodNumber) {
    const { minValue: min, maxValue: max } = inner;
    return {
      kind: "number",
      min: min ?? undefined,
      max: max ?? undefined,
      initial: typeof initial === "number" ? initial : undefined,
    };
  }
  if (!(inner instanceof z.ZodString)) throw new Error(`There is no single value at ${path}.`);
  const { id } = inner.meta() ?? {};
  if (id === "Color") return { kind: "color" };
  if (id === "AssetUrl") return { kind: "address" };
  return { kind: "text", maxLength: inner.maxLength ?? undefined };
}

function withoutDefault(schema: unknown): { inner: unknown; initial?: unknown } {
  if (schema instanceof z.ZodOptional) return withoutDefault(schema.unwrap());
  if (schema instanceof z.ZodDefault)
    return { inner: schema.unwrap(), initial: schema.def.defaultValue };
  return { inner: schema };
}
