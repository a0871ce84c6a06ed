import { z } from "zod";
import { COLOR_PATTERN, isCssColor, MAX_COLOR_LENGTH } from "./css-color.js";
import { formDefinitionSchema, formFieldsSchema } from "./forms.js";
import { CONFIG_LIMITS } from "./limits.js";
import { panelTextsSchema } from "./panel-texts.js";
import { quickActionsSchema } from "./quick-actions.js";
import { broken } from "./refusal.js";

const HOST = "(?:[A-Za-z0-9]+[.-])*[A-Za-z]+";
/** `isAssetUrl` for a JSON Schema: ASCII alone, as in RFC 3986. */
const ASSET_URL_PATTERN = String.raw`^(?:https://${HOST}(?::[0-9]{1,4})?(?:[/?#].*)?|http://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,4})?(?:[/?#].*)?|data:image/(?!svg)[a-z0-9.+-]+[;,].*)$`;

const color = z
  .string()
  .refine(isCssColor, broken("color", "must be a colour: hex, rgb(), hsl() or a CSS name"))
  .meta({
    id: "Color",
    description: "Hex, rgb(), hsl() or a CSS name.",
    maxLength: MAX_COLOR_LENGTH,
    pattern: COLOR_PATTERN,
  });
const url = z
  .string()
  .max(20_000)
  .refine(isAssetUrl, broken("asset_url", "must be an https URL or a data:image/ URL (no SVG)"))
  .meta({
    id: "AssetUrl",
    description: "https, http on localhost, or data:image/ without SVG.",
    pattern: ASSET_URL_PATTERN,
  });
const text = z.string().max(2000);
const pixels = z.number().min(0).max(2000);

const surfaces = z
  .looseObject({
    user_message: color.optional().describe("The visitor's own messages."),
    controls_button: color.optional().describe("Buttons."),
  })
  .meta({
    id: "SurfaceColors",
    description: "A colour for each surface; absent: the built-in one.",
  });

const palette = z
  .looseObject({
    background_color: surfaces.optional().describe("Behind the text."),
    text_color: surfaces.optional().describe("Of the text."),
  })
  .meta({ id: "Palette", description: "The colours of one mode." });

const languageTag = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "must be a language tag, such as de or pt-BR");

const shape = z.enum(["circle", "square"]);

const chat = z
  .looseObject({
    light_mode: palette.optional().describe("Colours on light ground."),
    dark_mode: palette.optional().describe("Colours on dark ground."),
    avatar_shape: shape.default("circle").describe("The shape of the agent's picture."),
    title: text.optional().describe("The panel's heading."),
    subtitle: text.optional().describe("Below the heading."),
    welcome_message: text.optional().describe("Shown before anything is said."),
    placeholder: text.optional().describe("Shown where the visitor writes, while it is empty."),
    avatar_url: url.optional().describe("The agent's picture."),
    logo_url: url.optional().describe("Above the greeting, in the place of the agent's picture."),
  })
  .meta({ id: "ChatConfig", description: "The panel." });

const trigger = z
  .looseObject({
    shape: shape.default("circle").describe("The launcher's shape."),
    size: z.number().min(24).max(200).default(56).describe("Pixels across."),
    position: z
      .enum(["bottom-right", "bottom-left"])
      .default("bottom-right")
      .describe("The corner of the page."),
    offset_x: pixels.default(20).describe("Pixels from the side."),
    offset_y: pixels
      .optional()
      .describe("Pixels from the bottom; absent: 20, or above the other widgets of the corner."),
    padding: pixels.optional().describe("Pixels around the icon; absent: a quarter of the size."),
    icon_url: url.optional().describe("Instead of the built-in icon."),
    label: z.string().max(100).optional().describe("Words beside the icon."),
    z_index: z
      .number()
      .int()
      .min(-2_147_483_648)
      .max(2_147_483_647)
      .default(2_147_483_000)
      .describe("How far in front of the page's own elements."),
  })
  .meta({ id: "TriggerConfig", description: "The launcher." });

const feedback = z
  .looseObject({
    enabled: z.boolean().default(true).describe("False turns it off."),
    thank_you_text: text.optional().describe("Shown when it has been given."),
    form: formDefinitionSchema.optional().describe("What is asked."),
    fields: formFieldsSchema.optional().describe("In place of `form`."),
  })
  .meta({ id: "FeedbackConfig", description: "Asked when a conversation has ended." });

const aiNotice = z
  .looseObject({
    enabled: z.boolean().default(true).describe("False turns it off."),
  })
  .meta({ id: "AiNoticeConfig", description: "Tells visitors that an AI answers." });

const consent = z
  .looseObject({
    required: z.boolean().default(false).describe("Whether nothing starts without it."),
    version: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe("Of the words, which stand in `texts`; another one is agreed to anew. Absent: 1."),
  })
  .meta({ id: "ConsentConfig", description: "What visitors agree to before anything starts." });

/** What is known of `config.v1`. */
export const widgetConfigV1Schema = z
  .looseObject({
    theme: z
      .enum(["system", "light", "dark"])
      .default("system")
      .describe("Light or dark; `system` follows the visitor's device."),
    chat: chat.optional().describe("The panel."),
    trigger: trigger.optional().describe("The launcher."),
    default_mode: z
      .enum(["text", "voice"])
      .default("text")
      .describe("How a conversation starts; the visitor may switch at any time."),
    start_conversation_on_toggle: z
      .boolean()
      .default(false)
      .describe("Opening the panel starts the conversation."),
    suggested_questions: z
      .array(z.string().min(1).max(200))
      .max(CONFIG_LIMITS.questions)
      .optional()
      .describe("Shown above the closed launcher; a tap asks."),
    quick_actions: quickActionsSchema
      .optional()
      .describe("Buttons in the panel; absent or empty: those of the agent version."),
    language: languageTag
      .optional()
      .describe(
        "The language of the panel's own words (BCP 47); absent, or not there: the page's `lang`, then the browser's.",
      ),
    texts: z
      .record(languageTag, panelTextsSchema)
      .refine(
        (texts) => Object.keys(texts).length <= CONFIG_LIMITS.textLanguages,
        `has at most ${CONFIG_LIMITS.textLanguages} languages`,
      )
      .meta({ maxProperties: CONFIG_LIMITS.textLanguages })
      .optional()
      .describe("The owner's own words for the panel's, by language (BCP 47); the others stay."),
    ai_notice: aiNotice.optional().describe("Says at the first interaction that an AI answers."),
    consent: consent.optional().describe("Asked for before the form, and before any start."),
    pre_conversation_form: formDefinitionSchema
      .optional()
      .describe("Filled in before a conversation starts; goes into its `custom_metadata`."),
    pre_conversation_show_once: z
      .boolean()
      .default(true)
      .describe("Whether the browser remembers what was filled in."),
    post_conversation_feedback: feedback
      .optional()
      .describe("Asked when a conversation has ended."),
  })
  .meta({ id: "WidgetConfigV1", description: "Known keys are checked, unknown ones kept." });

/** A widget's `config`: public, versioned, open to keys that we do not know (contract section 4). */
export const widgetConfigSchema = z
  .looseObject({ v1: widgetConfigV1Schema.optional().describe("Looks and behaviour.") })
  .describe("A widget's config; unknown keys are kept.");

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
