import { z } from "zod";
import { checkDocument } from "../input/check-document.js";
import { USAGE_LIMITS } from "../input/usage-limits.js";
import { readable } from "../../protocol/stored.js";

const MAX_BYTES = 4 * 1024;

/** `security.limits`, open to keys that we do not know. */
export const limitsSchema = z
  .looseObject({
    starts_per_minute: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe(
        "Conversations that all visitors together may start or resume in a minute; absent: any number.",
      ),
    ...USAGE_LIMITS,
  })
  .describe(
    "Limits of a widget, beside those per client address; other keys are kept without effect. What talks may use up has defaults where a model is configured.",
  );

const storedLimits = readable(z.object({ starts_per_minute: readable(z.number()) }));

/** @throws AppError `invalid` with a path below `limits`. */
export function checkWidgetLimits(limits: object): void {
  checkDocument(limitsSchema, limits, { path: "limits", maxBytes: MAX_BYTES });
}

type StoredLimits = z.infer<typeof storedLimits>;
/** A widget in memory is asked by each of its visitors. */
const known = new WeakMap<object, { readonly limits: StoredLimits }>();

/**
 * Conversations that may be started or resumed in a minute, by all visitors together; undefined for any number.
 *
 * @param limits as they are stored, which nobody changes.
 */
export function startsPerMinute(limits: unknown): number | undefined {
  if (typeof limits !== "object" || limits === null) return undefined;
  const read = known.get(limits) ?? { limits: storedLimits.parse(limits) };
  known.set(limits, read);
  return read.limits?.starts_per_minute;
}
