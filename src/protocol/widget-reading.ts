import { z } from "zod";
import type { Reading } from "./reading.js";
import { widgetConfigV1Schema } from "./widget-config.js";

// What loader and panel need of the schema, worked out when they are built (`src/tooling/build-widget.ts`): browsers get
// the values of these constants, and neither schema nor zod.

const { chat, trigger } = widgetConfigV1Schema.shape;
const panelSchema = widgetConfigV1Schema
  .omit({ trigger: true, theme: true, suggested_questions: true })
  .extend({ chat: chat.unwrap().omit({ light_mode: true, dark_mode: true }) });

/** `config.v1` as the panel reads it by `PANEL_READING`; its colours are read as the launcher's. */
export type PanelConfig = Read<z.output<typeof panelSchema>>;
export const PANEL_READING = readingOf(panelSchema) as { [key: string]: Reading };

/** `config.v1` as it came: its keys are known, what they hold is not. */
export type UnreadConfig = Unread<z.output<typeof widgetConfigV1Schema>>;
/** What the launcher takes for a number of `config.v1.trigger` that is absent or does not fit, where the schema says so. */
export const TRIGGER_DEFAULTS = numbersOf(trigger.unwrap().shape);

type NumberKeys<T> = { [K in keyof T]: T[K] extends z.ZodDefault<z.ZodNumber> ? K : never };

function numbersOf<T extends object>(shape: T): Record<NumberKeys<T>[keyof T], number> {
  const defaults = Object.entries(shape).flatMap(([key, schema]) =>
    schema instanceof z.ZodDefault && typeof schema.def.defaultValue === "number"
      ? [[key, schema.def.defaultValue]]
      : [],
  );
  return Object.fromEntries(defaults);
}

function readingOf(schema: z.ZodType): Reading | undefined {
  if (schema instanceof z.ZodOptional) return readingOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodDefault) {
    const value = schema.def.defaultValue as string | number | boolean;
    if (typeof value !== "string") return value;
    const { options } = schema.unwrap() as z.ZodEnum;
    return [value, ...options.map(String).filter((one) => one !== value)];
  }
  if (schema instanceof z.ZodString) return "";
  if (!(schema instanceof z.ZodObject) || "fields" in schema.shape) return undefined;
  const keys = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, inner]) => {
    const reading = readingOf(inner);
    return reading === undefined ? [] : [[key, reading] as const];
  });
  return Object.fromEntries(keys);
}

type Read<T> = [T] extends [string | boolean | undefined] | [number] ? T : ReadFurther<T>;
/** Lists, numbers without a default, and forms (whatever has fields) have readers of their own. */
type ReadFurther<T> = [T] extends [number | readonly unknown[] | undefined]
  ? unknown
  : "fields" extends Known<T>
    ? unknown
    : { [K in Known<T>]: Read<NonNullable<T>[K]> };

type Unread<T> = [NonNullable<T>] extends [string | number | boolean | readonly unknown[]]
  ? unknown
  : { readonly [K in Known<T>]?: Unread<NonNullable<T>[K]> };

/** The keys that a loose object names. */
type Known<T> = keyof { [K in keyof NonNullable<T> as string extends K ? never : K]: true } &
  keyof NonNullable<T>;
