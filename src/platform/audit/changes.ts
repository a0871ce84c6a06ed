import { isDeepStrictEqual } from "node:util";
import { isSecretName, REDACTED, withoutSecrets } from "./redact.js";

/** One path that has another value than before. Null: there is none. */
export interface PathChange {
  /** As the paths of errors: `config.v1.theme`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * What differs, path by path, without secrets: that one has changed is told, and neither value.
 *
 * @param before a row, of which the keys of `after` alone are looked at; {} where there was none.
 * @param after the columns that are written; undefined leaves one.
 */
export function changesBetween(before: object, after: object): PathChange[] {
  const found: PathChange[] = [];
  for (const [name, value] of Object.entries(after)) {
    if (value !== undefined) compare(name, name, [Reflect.get(before, name), value], found);
  }
  return found;
}

/** Changes as they were stored. */
export function readChanges(stored: unknown): PathChange[] {
  if (!Array.isArray(stored)) return [];
  return stored.map((change: unknown) => {
    const read = (name: string): unknown => Reflect.get(Object(change), name) ?? null;
    return { path: String(read("path")), before: read("before"), after: read("after") };
  });
}

/** A thing that is there no more. */
export const DELETED: readonly PathChange[] = [{ path: "deleted", before: false, after: true }];

function compare(
  path: string,
  name: string,
  [given, changed]: readonly [unknown, unknown],
  found: PathChange[],
): void {
  const [before, after] = [plain(given), plain(changed)];
  if (isDeepStrictEqual(before, after)) return;
  const parts = isSecretName(name) ? undefined : partsOf(before, after);
  if (!parts) {
    found.push({ path, before: shown(name, before), after: shown(name, after) });
    return;
  }
  for (const [part, pair] of parts) compare(`${path}.${part}`, part, pair, found);
}

/** What two values consist of, if that can be compared piece by piece: objects, and lists of objects of one length. */
function partsOf(before: unknown, after: unknown): [string, [unknown, unknown]][] | undefined {
  if (!isObject(before) || !isObject(after)) return undefined;
  if (Array.isArray(before) !== Array.isArray(after)) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length || ![...before, ...after].every(isObject)) return undefined;
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].map((name) => [name, [own(before, name), own(after, name)]]);
}

function shown(name: string, value: unknown): unknown {
  if (value === null) return null;
  return isSecretName(name, value) ? REDACTED : withoutSecrets(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

/** As JSON has it, in which dates are texts; what is absent is null. */
function plain(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}
