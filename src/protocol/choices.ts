/** Closed sets of words that browsers read too, and so without zod. */

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
export type FormFieldType = (typeof FORM_FIELD_TYPES)[number];

/** What a notice is (card `info`): the first is the default. */
export const CARD_TONES = ["info", "success", "warning", "error"] as const;
/** Where a step stands (card `order_tracker`). */
export const STEP_STATES = ["done", "current", "pending"] as const;
