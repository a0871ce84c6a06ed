import { expect } from "vitest";
import type { Answer } from "./app.js";

/** The contract's form: one sentence, and for a 422 the fields. */
export function expectForm(answer: Answer, status: number, what: string): void {
  expect(answer.status, `${what}: ${answer.text.slice(0, 300)}`).toBe(status);
  expect(Object.keys(answer.body).toSorted(), what).toEqual(
    status === 422 ? ["detail", "errors"] : ["detail"],
  );
  expect(answer.body.detail).toMatch(/^\S.*[.)]$/s);
  expect(answer.text).not.toMatch(/stack|node_modules|\.ts:\d|prisma/i);
}
