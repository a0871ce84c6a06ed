import type { Prisma } from "./generated/client.js";

/** A decoded JSON object, for a Json column: GraphQL types it as `object`, Prisma more narrowly. */
export function jsonColumn(value: object): Prisma.InputJsonObject {
  return value as Prisma.InputJsonObject;
}

/** The way back, from a column in which we store nothing but objects. */
export function jsonObject(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new Error("A JSON column has no object.");
  return value;
}

/** The same object as a row has it. */
export function jsonValue(value: object): Prisma.JsonObject {
  return value as Prisma.JsonObject;
}
