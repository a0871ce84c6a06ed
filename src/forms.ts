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

const option = z.looseObject({ value: z.string().max(200), label: z.string().max(200) });
const identifier = z.string().min(1).max(100);

const field = z
  .looseObject({
    // The others are every object's own: a value under such a key is not told from none.
    id: identifier.refine((id) => id !== "feedback_form" && !(id in {}), "is reserved"),
    type: z.enum(FORM_FIELD_TYPES),
    label: z.string().max(500).optional(),
    required: z.boolean().optional(),
    placeholder: z.string().max(500).optional(),
    options: z.array(option).max(200).optional(),
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

/** The fields of a form: at most 50, ids unique. */
export const formFieldsSchema = z
  .array(field)
  .max(50)
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
  name: z.string().max(200).optional(),
  title: z.string().max(500).optional(),
  submit_label: z.string().max(200).optional(),
  fields: formFieldsSchema,
});
