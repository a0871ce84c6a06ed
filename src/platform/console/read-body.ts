import type { z } from "zod";
import { brokenRule } from "../../protocol/refusal.js";
import { AppError, invalid } from "../errors.js";

/** @throws AppError `bad_request` without a body, `invalid` naming what is wrong in it. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  if (body === undefined) throw new AppError("bad_request", "A JSON body is required.");
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalid(
    ...result.error.issues.map((issue) => ({
      path: issue.path.join("."),
      message: issue.message,
      ...brokenRule(issue, body),
    })),
  );
}
