import { z } from "zod";
import { quickActionsSchema } from "../agents/agent-config.js";
import { checkDocument } from "../check-document.js";
import { formDefinitionSchema, formFieldsSchema } from "../forms.js";
import { readable, readableList } from "../stored-document.js";
import { isCssColor } from "./css-color.js";

const MAX_BYTES = 64 * 1024;

const color = z.string().refine(isCssColor, "must be a colour: hex, rgb(), hsl() or a CSS name");
const url = z
  .string()
  .max(20_000)
  .refine(isAssetUrl, "must be an https URL or a data:image/ URL (no SVG)");
const text = z.string().max(2000);
const pixels = z.number().min(0).max(2000);

const palette = z.looseObject({
  background_color: z
    .looseObject({ user_message: color.optional(), controls_button: color.optional() })
    .optional(),
  text_color: z
    .looseObject({ user_message: color.optional(), controls_button: color.optional() })
    .optional(),
});

const chat = z.looseObject({
  light_mode: palette.optional(),
  dark_mode: palette.optional(),
  avatar_shape: z.enum(["circle", "square"]).optional(),
  title: text.optional(),
  subtitle: text.optional(),
  welcome_message: text.optional(),
  placeholder: text.optional(),
  avatar_url: url.optional(),
  logo_url: url.optional(),
});

const trigger = z.looseObject({
  shape: z.enum(["circle", "square"]).optional(),
  size: z.number().min(24).max(200).optional(),
  position: z.enum(["bottom-right", "bottom-left"]).optional(),
  offset_x: pixels.optional(),
  offset_y: pixels.optional(),
  padding: pixels.optional(),
  icon_url: url.optional(),
  label: z.string().max(100).optional(),
  z_index: z.number().int().min(-2_147_483_648).max(2_147_483_647).optional(),
});

const feedback = z.looseObject({
  enabled: z.boolean().optional(),
  thank_you_text: text.optional(),
  form: formDefinitionSchema.optional(),
  fields: formFieldsSchema.optional(),
});

const v1 = z.looseObject({
  theme: z.enum(["system", "light", "dark"]).optional(),
  chat: chat.optional(),
  trigger: trigger.optional(),
  default_mode: z.enum(["text", "voice"]).optional(),
  start_conversation_on_toggle: z.boolean().optional(),
  suggested_questions: z.array(z.string().min(1).max(200)).max(8).optional(),
  quick_actions: quickActionsSchema.optional(),
  pre_conversation_form: formDefinitionSchema.optional(),
  pre_conversation_show_once: z.boolean().optional(),
  post_conversation_feedback: feedback.optional(),
});

/** A widget's `config`: public, versioned, open to keys that we do not know (contract section 4). */
export const widgetConfigSchema = z.looseObject({ v1: v1.optional() });

/** @throws AppError `invalid` with a path below `config`. */
export function checkWidgetConfig(config: object): void {
  checkDocument(widgetConfigSchema, config, { path: "config", maxBytes: MAX_BYTES });
}

const storedFields = readableList(z.object({ id: z.string() }));
const storedFeedback = z.object({
  enabled: readable(z.boolean()),
  form: readable(z.object({ fields: storedFields })),
  fields: storedFields,
});
const storedConfig = readable(
  z.object({ v1: readable(z.object({ post_conversation_feedback: readable(storedFeedback) })) }),
);

/** @returns the ids of the feedback form's fields; undefined when no feedback is asked for. */
export function feedbackFieldIds(config: unknown): ReadonlySet<string> | undefined {
  const settings = storedConfig.parse(config)?.v1?.post_conversation_feedback;
  if (!settings || settings.enabled === false) return undefined;
  // As the panel does: a form without fields is none.
  const fields = [settings.form?.fields, settings.fields].find((some) => some?.length);
  return fields && new Set(fields.map(({ id }) => id));
}

/** https, http on this machine, or an embedded image; SVG is left out because it can carry script. */
function isAssetUrl(address: string): boolean {
  if (/^data:/i.test(address)) return /^data:image\/(?!svg)[a-z\d.+-]+[;,]/i.test(address);
  try {
    const { protocol, hostname, username } = new URL(address);
    if (username !== "") return false;
    if (protocol === "https:") return true;
    return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  } catch {
    return false;
  }
}
