import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatabaseHandle } from "../../src/database/client.js";
import { isUniqueViolation } from "../../src/database/prisma-errors.js";
import { cloneDatabase } from "../support/database.js";

let database: DatabaseHandle;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.close());

test("a value that another row has is told by its column, and no other error is taken for it", async () => {
  const { db } = database;
  const user = { id: randomUUID(), email: "ada@example.com", name: "", createdAt: new Date() };
  await db.user.create({ data: user });
  const sameEmail: unknown = await db.user
    .create({ data: { ...user, id: randomUUID() } })
    .catch((error: unknown) => error);
  expect(isUniqueViolation(sameEmail)).toBe(true);
  expect(isUniqueViolation(sameEmail, "email")).toBe(true);
  expect(isUniqueViolation(sameEmail, "id")).toBe(false);
  const sameId: unknown = await db.user
    .create({ data: { ...user, email: "eve@example.com" } })
    .catch((error: unknown) => error);
  expect(isUniqueViolation(sameId)).toBe(true);
  expect(isUniqueViolation(sameId, "email")).toBe(false);
  const unknown: unknown = await db.user
    .findUniqueOrThrow({ where: { id: randomUUID() } })
    .catch((error: unknown) => error);
  expect(isUniqueViolation(unknown)).toBe(false);
});
