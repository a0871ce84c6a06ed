import { isDeepStrictEqual } from "node:util";

/**
 * Whether a write would leave a row as it is. Such a write is not made, so that `updated_at` stays
 * (contract section 3). JSON is compared by what it says, whatever the order of its keys.
 *
 * @param changes undefined leaves a column.
 */
export function isUnchanged(row: object, changes: object): boolean {
  return Object.entries(changes).every(
    ([column, value]) =>
      value === undefined || isDeepStrictEqual(stored(value), stored(Reflect.get(row, column))),
  );
}

/** A value as the database answers it: what GraphQL decodes has other prototypes, and -0 is 0. */
function stored(value: unknown): unknown {
  return typeof value === "object" ? (JSON.parse(JSON.stringify(value)) as unknown) : value;
}
