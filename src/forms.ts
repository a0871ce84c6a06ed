import { z } from "zod";

/** The field types of a form [documented]. */
export const FORM_FIELD_TYPES = [
  "text",
  "textarea",
  "email",
  "phone",
  "number",
  "select",
  "multiselect",
  "checkbox",
  "rating",
  "date",
] as const;

type Bound = string | number | undefined;

/** What a form may have (contract section 4). Titles and placeholders are held to what labels are. */
export const FORM_LIMITS = { fields: 50, options: 1000, labelCharacters: 2000 } as const;

const label = z.string().max(FORM_LIMITS.labelCharacters);
// Many options are their own label.
const option = z.looseObject({ value: label, label });
const identifier = z.string().min(1).max(100);

const field = z
  .looseObject({
    // The others are every object's own: a value under such a key is not told from none.
    id: identifier.refine((id) => id !== "feedback_form" && !(id in {}), "is reserved"),
    type: z.enum(FORM_FIELD_TYPES),
    label: label.optional(),
    required: z.boolean().optional(),
    placeholder: label.optional(),
    options: z.array(option).max(FORM_LIMITS.options).optional(),
    min: z.union([z.number(), z.string().max(40)]).optional(),
    max: z.union([z.number(), z.string().max(40)]).optional(),
  })
  .refine(boundsMeet, { path: ["max"], message: "is less than min" })
  .refine(
    ({ type, required, options = [] }) =>
      !required || !/^(multi)?select$/.test(type) || options.length > 0,
    { path: ["options"], message: "are needed for a required choice" },
  );

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
        ctx.addIssue({ code: "custom", path: [index, "id"], message: "is used twice" });
      seen.add(id);
    }
  });

/** FormDefinition [documented]: shown before a conversation, after it, or by the agent. Unknown keys are kept. */
export const formDefinitionSchema = z.looseObject({
  id: identifier.optional(),
  name: label.optional(),
  title: label.optional(),
  submit_label: label.optional(),
  fields: formFieldsSchema,
});
