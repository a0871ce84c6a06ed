import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatabaseHandle } from "../../../src/platform/database/client.js";
import {
  isDatabaseUnavailable,
  isUniqueViolation,
} from "../../../src/platform/database/prisma-errors.js";
import { cloneDatabase } from "../../support/database.js";

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

test.each([
  ["08006", true, "a broken connection"],
  ["25006", true, "a standby"],
  ["25P03", true, "a transaction that did nothing for too long"],
  ["28P01", true, "another password"],
  ["40001", true, "a serialization failure"],
  ["40P01", true, "a deadlock"],
  ["53100", true, "a full disk"],
  ["53200", true, "no memory"],
  ["53300", true, "too many connections"],
  ["55P03", true, "a lock that was not had in time"],
  ["57014", true, "a statement that took too long"],
  ["57P01", true, "an orderly stop"],
  ["57P03", true, "a start"],
  ["58030", true, "a disk's error"],
  ["22P02", false, "a wrong value"],
  ["23505", false, "a value that another row has"],
  ["42P01", false, "a missing table"],
  ["P0001", false, "an exception of a function's"],
])("%s is %s for the database's own fault: %s", async (code, isUnavailable) => {
  const raise = `DO $$ BEGIN RAISE EXCEPTION 'no text tells' USING ERRCODE = '${code}'; END $$`;
  const { db } = database;
  for (const failing of [
    () => db.$executeRawUnsafe(raise),
    () => db.$transaction((tx) => tx.$executeRawUnsafe(raise)),
    () => db.$transaction([db.user.count(), db.$executeRawUnsafe(raise)]),
  ]) {
    const error: unknown = await failing().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseUnavailable(error)).toBe(isUnavailable);
  }
});
