import { z } from "zod";
import { CARD_TONES, STEP_STATES } from "./choices.js";
import { CODE_DIGITS } from "./limits.js";
import type { Known } from "./read.js";
import { broken } from "./refusal.js";

const text = z.string().max(4000);
const short = z.string().max(300);
// No patterns: servers that turn a tool's schema into a grammar stumble over them.
const image = z
  .string()
  .max(2000)
  .refine((url) => /^https?:\/\/\S+$/i.test(url), broken("url", "must be an https URL"))
  .describe("https URL of a picture.");
const link = z
  .string()
  .max(2000)
  .refine(
    (url) => /^(?:https?:\/\/|mailto:|tel:)\S+$/i.test(url),
    broken("link", "must be an https, mailto or tel URL"),
  )
  .describe("https, mailto or tel URL that opens as well.");
const action = z
  .looseObject({
    id: z.string().min(1).max(100).describe("Returned to the agent when the visitor chooses it."),
    label: short.describe("What the button says."),
    url: link.optional(),
  })
  .describe("A button.");
const item = z.looseObject({
  id: z.string().max(100).optional(),
  title: short,
  subtitle: short.optional(),
  description: text.optional(),
  image_url: image.optional(),
  actions: z.array(action).max(4).optional(),
});

/**
 * The cards that an agent can show [documented names; fields are ours]. The model sees
 * `show_<type>_widget` with these fields as parameters.
 */
export const CARD_SCHEMAS = {
  detail: z
    .looseObject({
      title: short,
      subtitle: short.optional(),
      image_url: image.optional(),
      description: text.optional(),
      fields: z
        .array(z.looseObject({ label: short, value: short }))
        .max(30)
        .optional(),
      actions: z.array(action).max(6).optional(),
    })
    .describe("One thing in detail: a product, a booking, a place."),
  carousel: z
    .looseObject({ title: short.optional(), items: z.array(item).min(1).max(12) })
    .describe("Several things side by side, to swipe through."),
  info: z
    .looseObject({
      title: short.optional(),
      text,
      tone: z.enum(CARD_TONES).optional(),
    })
    .describe("A short notice."),
  list: z
    .looseObject({ title: short.optional(), items: z.array(item).min(1).max(30) })
    .describe("Several things one below the other, to choose from."),
  action_grid: z
    .looseObject({ title: short.optional(), actions: z.array(action).min(1).max(12) })
    .describe("Buttons in a grid."),
  collect_otp: z
    .looseObject({
      title: short.optional(),
      description: short.optional(),
      length: z
        .number()
        .int()
        .min(CODE_DIGITS.min)
        .max(CODE_DIGITS.max)
        .optional()
        .describe(`Digits of the code, ${CODE_DIGITS.default} by default.`),
    })
    .describe("Asks for a one-time code. You learn that one was given, never the code."),
  collect_phone_number: z
    .looseObject({
      title: short.optional(),
      description: short.optional(),
      default_country: z.string().length(2).optional().describe("ISO 3166-1 alpha-2."),
    })
    .describe("Asks for a telephone number."),
  order_tracker: z
    .looseObject({
      order_id: short,
      title: short.optional(),
      status: short.optional(),
      eta: short.optional(),
      steps: z
        .array(
          z.looseObject({
            label: short,
            state: z.enum(STEP_STATES),
            at: short.optional(),
          }),
        )
        .min(1)
        .max(12),
    })
    .describe("Where an order is."),
  comparison: z
    .looseObject({
      title: short.optional(),
      items: z
        .array(z.looseObject({ name: short, image_url: image.optional() }))
        .min(2)
        .max(4),
      rows: z.array(z.looseObject({ label: short, values: z.array(short).min(2).max(4) })).max(20),
    })
    .describe("Two to four things against each other."),
} as const;

export type CardType = keyof typeof CARD_SCHEMAS;
export const CARD_TYPES = Object.keys(CARD_SCHEMAS) as [CardType, ...CardType[]];

/** The fields that a card of each type may have. */
export type CardFields = { readonly [T in CardType]: Known<z.input<(typeof CARD_SCHEMAS)[T]>> };
