import { readFields, readText } from "./read.js";

/**
 * How a lenient reader takes a key: a choice by its values (the default first), a number or a switch by its default, a
 * text by "", an object by its keys. What has a reader of its own is no key here.
 */
export type Reading =
  | { readonly [key: string]: Reading }
  | readonly string[]
  | number
  | boolean
  | "";

/** What does not fit reads as the default, and a text, which has none, as undefined. */
export function readAs(reading: Reading, value: unknown): unknown {
  if (reading === "") return readText(value);
  if (typeof reading !== "object") return typeof value === typeof reading ? value : reading;
  if (Array.isArray(reading)) return reading.includes(value) ? value : reading[0];
  const fields = { ...readFields(value) };
  for (const [key, inner] of Object.entries(reading)) fields[key] = readAs(inner, fields[key]);
  return fields;
}
