import type { Prisma } from "./generated/client.js";

/** A decoded JSON object, for a Json column: GraphQL types it as `object`, Prisma more narrowly. */
export function jsonColumn(value: object): Prisma.InputJsonObject {
  return value as Prisma.InputJsonObject;
}
