import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agentConfigSchema } from "../../src/protocol/agent-config.js";
import { checkAgentConfig } from "../../src/platform/agents/agent-config.js";
import {
  decodeCursor,
  encodeCursor,
  encodeRestCursor,
} from "../../src/platform/database/paging.js";
import { AppError } from "../../src/platform/errors.js";
import { parseTimestamp } from "../../src/protocol/timestamp.js";
import { FORM_FIELD_TYPES } from "../../src/protocol/choices.js";
import { checkWidgetConfig, feedbackFieldIds } from "../../src/platform/widgets/widget-config.js";
import { anyJson, nastyText } from "./fuzz/values.js";

const time = fc.date({
  noInvalidDate: true,
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
});
const runs = { numRuns: 500 };

/** What a check throws, which is always ours and names a field. */
function refusal(check: () => void): AppError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid" && (error.fields ?? []).length > 0)
      return error;
    throw error;
  }
}

describe("a cursor", () => {
  /** A timestamp with something behind it that is no id. */
  const nearlyACursor = fc
    .tuple(
      time,
      nastyText.filter((tail) => tail !== "" && !/^\|[\w-]{1,64}$/.test(tail)),
    )
    .map(([date, tail]) => Buffer.from(date.toISOString() + tail).toString("base64"));

  test("comes back as it was, in either alphabet, padded or not", () => {
    fc.assert(
      fc.property(time, fc.uuid(), (createdAt, id) => {
        const opaque = encodeCursor({ createdAt, id });
        expect(decodeCursor(opaque, "after")).toEqual({ createdAt, id });
        const own = encodeRestCursor(createdAt);
        const urlSafe = own.replaceAll("+", "-").replaceAll("/", "_");
        for (const text of [own, urlSafe, own.replace(/=+$/, "")]) {
          expect(decodeCursor(text, "cursor")).toEqual({ createdAt, id: undefined });
        }
      }),
      runs,
    );
  });

  test("of any other text is refused by name, never by accident", () => {
    fc.assert(
      fc.property(fc.oneof(nastyText, fc.base64String(), nearlyACursor), (text) => {
        const wrong = refusal(() => decodeCursor(text, "cursor"));
        expect(wrong?.fields?.[0]?.path).toBe("cursor");
      }),
      runs,
    );
  });
});

test("a timestamp is read exactly, or not at all", () => {
  const calendarDay = fc.tuple(fc.nat(9999), fc.nat(13), fc.nat(32));
  const timeOfDay = fc.tuple(fc.nat(23), fc.nat(60), fc.nat(60));
  const offset = fc.tuple(fc.nat(14), fc.nat(59));
  const digits = (numbers: readonly number[], separator: string): string =>
    numbers.map((number) => String(number).padStart(2, "0")).join(separator);
  fc.assert(
    fc.property(time, (date) => {
      expect(parseTimestamp(date.toISOString())).toEqual(date);
    }),
    runs,
  );
  fc.assert(
    fc.property(calendarDay, timeOfDay, offset, (day, clock, zone) => {
      const local = new Date(0);
      local.setUTCFullYear(day[0], day[1] - 1, day[2]);
      local.setUTCHours(...clock);
      const written = `${digits(day, "-").padStart(10, "0")}T${digits(clock, ":")}`;
      // What JavaScript rolls over is written otherwise than it was said.
      const exists = local.toISOString().slice(0, 19) === written;
      const utc = new Date(local.getTime() - (zone[0] * 60 + zone[1]) * 60_000);
      const isLawful = exists && utc.getUTCFullYear() >= 1;
      const read = parseTimestamp(`${written}+${digits(zone, ":")}`);
      expect(read, written).toEqual(isLawful ? utc : undefined);
    }),
    runs,
  );
  fc.assert(
    fc.property(
      time,
      nastyText.filter((text) => text !== ""),
      (date, more) => {
        expect(parseTimestamp(more + date.toISOString())).toBeUndefined();
        expect(parseTimestamp(date.toISOString() + more)).toBeUndefined();
      },
    ),
    runs,
  );
});

describe("a config", () => {
  const unknownKey = fc.string({ minLength: 1, maxLength: 12 }).map((key) => `x_${key}`);

  test("with unknown keys anywhere passes", () => {
    fc.assert(
      fc.property(fc.dictionary(unknownKey, fc.jsonValue({ maxDepth: 3 })), (unknown) => {
        const v1 = {
          ...unknown,
          theme: "dark",
          chat: { ...unknown, title: "Hi" },
          trigger: { ...unknown },
        };
        expect(refusal(() => checkWidgetConfig({ ...unknown, v1 }))).toBeUndefined();
        expect(
          refusal(() =>
            checkAgentConfig(agentConfigSchema, { ...unknown, vision: { ...unknown } }),
          ),
        ).toBeUndefined();
      }),
      runs,
    );
  });

  /** What may be at a path at all; `null` may be everywhere. */
  const kinds = [
    [["theme"], "string"],
    [["chat"], "object"],
    [["chat", "light_mode", "background_color", "user_message"], "string"],
    [["chat", "avatar_url"], "string"],
    [["trigger", "size"], "number"],
    [["suggested_questions"], "array"],
    [["quick_actions"], "array"],
    [["pre_conversation_form"], "object"],
    [["post_conversation_feedback"], "object"],
  ] as const;

  function kindOf(value: unknown): string {
    if (value === null) return "null";
    return Array.isArray(value) ? "array" : typeof value;
  }

  test("with anything at a known key passes or is refused at that path, and always of a wrong kind", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), anyJson, ([path, kind], value) => {
        const v1 = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;
        const wrong = refusal(() => checkWidgetConfig({ v1 }));
        expect(wrong !== undefined || ["null", kind].includes(kindOf(value))).toBe(true);
        for (const field of wrong?.fields ?? []) {
          expect(
            `${field.path}.`.startsWith(`config.v1.${path.join(".")}.`) || field.path === "config",
          ).toBe(true);
        }
      }),
      runs,
    );
  });
});

describe("a form", () => {
  const field = fc.record({
    id: fc.oneof(
      fc.constantFrom("a", "b", "c", "feedback_form", "constructor"),
      fc.string({ minLength: 1, maxLength: 20 }),
    ),
    type: fc.constantFrom(...FORM_FIELD_TYPES),
    label: fc.string({ maxLength: 40 }),
  });

  test("is taken exactly when its ids are unique and none is reserved, and its feedback keeps just those ids", () => {
    fc.assert(
      fc.property(
        fc.array(field, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (fields, isInline) => {
          const settings = isInline ? { enabled: true, fields } : { form: { fields } };
          const config = { v1: { post_conversation_feedback: settings } };
          const ids = fields.map(({ id }) => id);
          const isReserved = (id: string): boolean => id === "feedback_form" || id in {};
          const isGood = new Set(ids).size === ids.length && !ids.some(isReserved);
          expect(refusal(() => checkWidgetConfig(config)) === undefined).toBe(isGood);
          if (isGood) expect(feedbackFieldIds(config)).toEqual(new Set(ids));
        },
      ),
      runs,
    );
  });
});
