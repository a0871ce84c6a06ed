import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createHotReads } from "../../../src/platform/database/hot-reads.js";
import type { Statements } from "../../../src/platform/database/prepared.js";

/** Statements that are answered when the test says so. */
function heldStatements(): { db: Statements; asked: string[][]; answer: () => void } {
  const asked: string[][] = [];
  const open: (() => void)[] = [];
  const db: Statements = {
    query: (_sql, [ids]) => {
      asked.push(String(ids).slice(1, -1).split(","));
      return new Promise((resolve) => void open.push(() => resolve([])));
    },
  };
  return { db, asked, answer: () => open.shift()?.() };
}

const ID = Array.from({ length: 4 }, () => randomUUID());
const [first = "", second = "", third = "", fourth = ""] = ID;

test("what is asked for while a statement is under way goes together in the next", async () => {
  const { db, asked, answer } = heldStatements();
  const reads = createHotReads(db);
  const one = reads.agent(first);
  await expect.poll(() => asked).toEqual([[first]]);
  const others = [second, third, second].map((id) => reads.agent(id));
  answer();
  expect(await one).toBeUndefined();
  await expect.poll(() => asked).toEqual([[first], [second, third]]);
  answer();
  expect(await Promise.all(others)).toEqual([undefined, undefined, undefined]);
});

test("a statement that gets no answer holds nobody up for long", async () => {
  const { db, asked } = heldStatements();
  const reads = createHotReads(db);
  void reads.agent(first);
  await expect.poll(() => asked).toEqual([[first]]);
  void reads.agent(fourth);
  await expect.poll(() => asked).toEqual([[first], [fourth]]);
});

test("one that fails fails alone", async () => {
  const failure = new Error("the connection is lost");
  const fates = [Promise.reject(failure), Promise.resolve([])];
  fates[0]?.catch(() => {});
  const reads = createHotReads({ query: () => fates.shift() ?? Promise.resolve([]) });
  await expect(reads.agent(first)).rejects.toBe(failure);
  await sleep(0);
  expect(await reads.agent(second)).toBeUndefined();
});
