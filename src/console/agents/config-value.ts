import { isFields, readFields, readList, type Fields } from "../../protocol/read.js";

/** What stands at a path in a document of JSON; undefined: nothing. @param path `voice.name`; empty: the document itself */
export function valueAt(document: unknown, path: string): unknown {
  if (path === "") return document;
  return path.split(".").reduce<unknown>((value, key) => {
    const inside = readFields(value);
    return Object.hasOwn(inside, key) ? inside[key] : undefined;
  }, document);
}

/**
 * The document with another value at a path; everything else in it is kept, also what nobody here knows.
 *
 * @param value undefined takes the key away, and every object on the way to it that has nothing else
 */
export function withValueAt(document: unknown, path: string, value: unknown): Fields {
  const [key = "", ...rest] = path.split(".");
  const { [key]: before, ...others } = readFields(document);
  const after = rest.length === 0 ? value : withValueAt(before, rest.join("."), value);
  const isGone =
    after === undefined ||
    (rest.length > 0 && value === undefined && Object.keys(readFields(after)).length === 0);
  if (isGone) return others;
  // It stays where it stood.
  return Object.hasOwn(readFields(document), key)
    ? { ...readFields(document), [key]: after }
    : { ...others, [key]: after };
}

/** A list with one of its items at another place. @param by -1: one up, 1: one down */
export function moved<T>(items: readonly T[], index: number, by: -1 | 1): T[] {
  const [item, other] = [items[index], items[index + by]];
  if (item === undefined || other === undefined) return [...items];
  return items.map((one, place) => (place === index ? other : place === index + by ? item : one));
}

/** The first of `field_1`, `field_2`, … that no item of a list has as its id. */
export function freeId(items: readonly unknown[], word: string): string {
  const taken = new Set(items.map((item) => readFields(item)["id"]));
  let number = items.length + 1;
  while (taken.has(`${word}_${number}`)) number += 1;
  return `${word}_${number}`;
}

/** Whether two documents of JSON say the same, in whatever order their keys stand. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return (
      one.length === other.length && one.every((item, index) => isSameJson(item, other[index]))
    );
  }
  if (isFields(one) && isFields(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].every((key) => isSameJson(one[key], other[key]));
  }
  return one === other;
}

/** The values that the operator's schema offers at a path; empty where it offers none. @param schema of JSON Schema */
export function offeredAt(schema: unknown, path: string): string[] {
  const properties = `properties.${path.split(".").join(".properties.")}`;
  return readList(valueAt(schema, `config.${properties}.enum`)).filter(
    (value) => typeof value === "string",
  );
}
