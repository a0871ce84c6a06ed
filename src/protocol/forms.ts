import { z } from "zod";
import { FORM_FIELD_TYPES } from "./choices.js";
import { FORM_LIMITS } from "./limits.js";
import type { Known } from "./read.js";
import { broken } from "./refusal.js";

type Bound = string | number | undefined;

const label = z.string().max(FORM_LIMITS.labelCharacters);
// Many options are their own label.
const option = z
  .looseObject({
    value: label.describe("What is stored."),
    label: label.describe("What is shown."),
  })
  .meta({ id: "FormOption", description: "One choice." });
const identifier = z.string().min(1).max(100);
// The others are every object's own: a value under such a key is not told from none.
const RESERVED = ["feedback_form", ...Object.getOwnPropertyNames(Object.prototype)].join("|");
const bound = z.union([z.number(), z.string().max(40)]);

const field = z
  .looseObject({
    id: identifier
      .regex(new RegExp(`^(?!(?:${RESERVED})$)`), "is reserved")
      .describe("The key of its value; unique in its form."),
    type: z.enum(FORM_FIELD_TYPES).describe("What is asked for."),
    label: label.optional().describe("What is shown; absent: the id."),
    required: z.boolean().optional().describe("Whether a value is needed. Default: false."),
    placeholder: label.optional().describe("Shown while it is empty."),
    options: z
      .array(option)
      .max(FORM_LIMITS.options)
      .optional()
      .describe("Of a select or multiselect."),
    min: bound.optional().describe("The least number or the earliest date."),
    max: bound.optional().describe("The greatest number or the latest date; not less than `min`."),
  })
  .refine(boundsMeet, { path: ["max"], ...broken("below_min", "is less than min") })
  .refine(
    ({ type, required, options = [] }) =>
      !required || !/^(multi)?select$/.test(type) || options.length > 0,
    { path: ["options"], ...broken("options", "are needed for a required choice") },
  )
  .meta({
    id: "FormField",
    description: "One question.",
    if: {
      properties: { type: { enum: ["select", "multiselect"] }, required: { const: true } },
      required: ["type", "required"],
    },
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's word
    then: { properties: { options: { type: "array", minItems: 1 } }, required: ["options"] },
  });

/** What a question may have. */
export type FormFieldKeys = Known<z.input<typeof field>>;

/** As the panel reads them: of a date as text, of anything else as numbers. */
function boundsMeet({ type, min, max }: { type: string; min?: Bound; max?: Bound }): boolean {
  if (type === "date") return typeof min !== "string" || typeof max !== "string" || min <= max;
  return !(Number.parseFloat(String(min)) > Number.parseFloat(String(max)));
}

/** The fields of a form, ids unique. */
export const formFieldsSchema = z
  .array(field)
  .max(FORM_LIMITS.fields)
  .superRefine((fields, ctx) => {
    const seen = new Set<string>();
    for (const [index, { id }] of fields.entries()) {
      if (seen.has(id))
        ctx.addIssue({
          code: "custom",
          path: [index, "id"],
          ...broken("used_twice", "is used twice"),
        });
      seen.add(id);
    }
  });

/** FormDefinition [documented]: shown before a conversation, after it, or by the agent. Unknown keys are kept. */
export const formDefinitionSchema = z
  .looseObject({
    id: identifier.optional().describe("Names it for a program."),
    name: label.optional().describe("Names it for the model and for you."),
    title: label.optional().describe("Its heading."),
    submit_label: label.optional().describe("What its button says."),
    fields: formFieldsSchema.describe("Its questions; their ids are unique."),
  })
  .meta({ id: "FormDefinition", description: "A form." });
