import { isFields, readFields, type Fields } from "../../protocol/read.js";

/** What stands where in a document, by paths such as `chat.title`. Keys of ours have no dot. */

export function valueAtPath(document: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => readFields(value)[key], document);
}

/**
 * The document with another value at a path; the one that is given stays as it is.
 *
 * @param value undefined takes the key away, and whatever has no key left because of it
 */
export function withValueAtPath(document: Fields, path: string, value: unknown): Fields {
  const [key = "", ...rest] = path.split(".");
  const inner =
    rest.length === 0 ? value : withValueAtPath(readFields(document[key]), rest.join("."), value);
  const isGone = inner === undefined || (rest.length > 0 && isEmpty(inner));
  if (!isGone) return { ...document, [key]: inner };
  const { [key]: _gone, ...others } = document;
  return others;
}

/** A value that is another one than before. Absent is undefined. */
export interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs, by path. Lists are compared as wholes. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  const [old, next] = [opened(before), opened(after)];
  if (!old || !next) return isSame(before, after) ? [] : [{ path, before, after }];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])];
  return keys.flatMap((key) =>
    differences(old[key], next[key], path === "" ? key : `${path}.${key}`),
  );
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  if (isFields(one) && isFields(other)) return differences(one, other).length === 0;
  return one === other;
}

/** What is not there differs from an object by that object's keys. */
function opened(value: unknown): Fields | undefined {
  if (value === undefined) return {};
  return isFields(value) ? value : undefined;
}

function isEmpty(value: unknown): boolean {
  return isFields(value) && Object.keys(value).length === 0;
}
