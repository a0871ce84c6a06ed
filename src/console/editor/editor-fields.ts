import type { EditorWord } from "./editor-word.js";

/** A key of `config.v1` that holds one value, and what its field says. What it holds is in the schema (`factsOf`). */
export interface FieldRow {
  readonly path: string;
  readonly label: EditorWord;
  readonly help?: EditorWord;
  /** Whether several lines are written there. */
  readonly isLong?: boolean;
  /** Of a choice: what each option is called. */
  readonly options?: Readonly<Record<string, EditorWord>>;
}

const SHAPES = { circle: "round", square: "square" } as const;

/** The sections with fields, in the order of the page. */
export const FIELDS = {
  look: [
    {
      path: "theme",
      label: "theme",
      help: "themeHelp",
      options: { system: "asDevice", light: "light", dark: "dark" },
    },
    { path: "chat.avatar_url", label: "avatar", help: "addressHelp" },
    { path: "chat.avatar_shape", label: "avatarShape", options: SHAPES },
    { path: "chat.logo_url", label: "logo", help: "logoHelp" },
  ],
  launcher: [
    { path: "trigger.label", label: "launcherLabel", help: "launcherLabelHelp" },
    {
      path: "trigger.position",
      label: "corner",
      options: { "bottom-left": "left", "bottom-right": "right" },
    },
    { path: "trigger.shape", label: "shape", options: SHAPES },
    { path: "trigger.size", label: "size" },
    { path: "trigger.icon_url", label: "icon", help: "addressHelp" },
    { path: "trigger.padding", label: "padding", help: "paddingHelp" },
    { path: "trigger.offset_x", label: "offsetX" },
    { path: "trigger.offset_y", label: "offsetY", help: "offsetYHelp" },
    { path: "trigger.z_index", label: "layer", help: "layerHelp" },
  ],
  texts: [
    { path: "chat.title", label: "heading" },
    { path: "chat.subtitle", label: "subtitle" },
    { path: "chat.welcome_message", label: "welcome", help: "welcomeHelp", isLong: true },
    { path: "chat.placeholder", label: "placeholder", help: "placeholderHelp" },
    { path: "language", label: "language", help: "languageHelp" },
  ],
  behaviour: [
    {
      path: "default_mode",
      label: "mode",
      help: "modeHelp",
      options: { text: "byText", voice: "byVoice" },
    },
    { path: "start_conversation_on_toggle", label: "startsOnOpen", help: "startsOnOpenHelp" },
  ],
  privacy: [
    { path: "ai_notice.enabled", label: "aiNotice", help: "aiNoticeHelp" },
    { path: "consent.required", label: "consent", help: "consentHelp" },
    { path: "consent.version", label: "consentVersion", help: "consentVersionHelp" },
  ],
  before: [{ path: "pre_conversation_show_once", label: "showOnce", help: "showOnceHelp" }],
  after: [
    { path: "post_conversation_feedback.enabled", label: "feedbackOn" },
    { path: "post_conversation_feedback.thank_you_text", label: "thanks", isLong: true },
  ],
} as const satisfies Readonly<Record<string, readonly FieldRow[]>>;

/** The colours of each mode, below `chat.light_mode` and `chat.dark_mode`. */
export const PALETTE_FIELDS: readonly FieldRow[] = [
  { path: "background_color.user_message", label: "messageGround" },
  { path: "text_color.user_message", label: "messageText" },
  { path: "background_color.controls_button", label: "buttonGround" },
  { path: "text_color.controls_button", label: "buttonText" },
];

/** What is edited as a list or a document by a component of its own: the keys of its rows, or that it is a form or a form's fields. */
export const LIST_FIELDS: Readonly<Record<string, "form" | "fields" | readonly string[]>> = {
  suggested_questions: [],
  quick_actions: ["id", "label", "message"],
  texts: [],
  pre_conversation_form: "form",
  "post_conversation_feedback.form": "form",
  "post_conversation_feedback.fields": "fields",
};

/** The keys of a form, of one of its fields, and of one of that one's options, which the form's editor edits. */
export const FORM_KEYS = {
  form: ["id", "name", "title", "submit_label", "fields"],
  field: ["id", "type", "label", "required", "placeholder", "options", "min", "max"],
  option: ["value", "label"],
} as const;
