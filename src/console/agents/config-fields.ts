import type { CardType } from "../../protocol/cards.js";
import type { FormFieldType } from "../../protocol/choices.js";
import type { ChoiceWord, ConfigField, ConfigSection, FieldWord } from "./config-field.js";
import { freeId } from "./config-value.js";

export const CARD_WORDS: Readonly<Record<CardType, ChoiceWord>> = {
  detail: "cardDetail",
  carousel: "cardCarousel",
  info: "cardInfo",
  list: "cardList",
  action_grid: "cardActionGrid",
  collect_otp: "cardCode",
  collect_phone_number: "cardPhoneNumber",
  order_tracker: "cardOrder",
  comparison: "cardComparison",
};

const FORM_KINDS: Readonly<Record<FormFieldType, ChoiceWord>> = {
  text: "kindText",
  textarea: "kindTextarea",
  email: "kindEmail",
  phone: "kindPhone",
  number: "kindNumber",
  select: "kindSelect",
  multiselect: "kindMultiselect",
  checkbox: "kindCheckbox",
  rating: "kindRating",
  date: "kindDate",
};

const FORM_FIELD: readonly ConfigField[] = [
  { kind: "choice", path: "type", label: "formKind", choices: FORM_KINDS, isNeeded: true },
  { kind: "text", path: "label", label: "formLabel", help: "formLabelHelp" },
  { kind: "text", path: "id", label: "formKey", help: "formKeyHelp", isNeeded: true },
  {
    kind: "text",
    path: "placeholder",
    label: "placeholder",
    fits: ({ type }) => /^(text|textarea|email|phone|number)$/.test(String(type)),
  },
  { kind: "yesNo", path: "required", label: "required" },
  {
    kind: "bound",
    path: "min",
    label: "min",
    fits: ({ type }) => type === "number" || type === "date",
  },
  {
    kind: "bound",
    path: "max",
    label: "max",
    fits: ({ type }) => type === "number" || type === "date",
  },
  {
    kind: "list",
    path: "options",
    label: "options",
    item: "option",
    max: 1000,
    begin: (items) => ({ value: `${items.length + 1}`, label: "" }),
    fits: ({ type }) => type === "select" || type === "multiselect",
    fields: [
      { kind: "text", path: "label", label: "optionLabel", isNeeded: true },
      { kind: "text", path: "value", label: "optionValue", isNeeded: true },
    ],
  },
];

const TOOL_FORM: readonly ConfigField[] = [
  { kind: "text", path: "name", label: "formName", help: "formNameHelp", isNeeded: true },
  { kind: "text", path: "id", label: "formId", help: "formIdHelp", isNeeded: true },
  { kind: "text", path: "description", label: "formDescription", help: "formDescriptionHelp" },
  { kind: "text", path: "title", label: "formTitle" },
  { kind: "text", path: "submit_label", label: "submitLabel" },
  {
    kind: "list",
    path: "fields",
    label: "formFields",
    item: "formField",
    max: 50,
    begin: (items) => ({ id: freeId(items, "field"), type: "text" }),
    fields: FORM_FIELD,
  },
];

const TALK: readonly ConfigField[] = [
  { kind: "long", path: "instructions", label: "instructions", help: "instructionsHelp" },
  {
    kind: "message",
    path: "starting_message",
    label: "startingMessage",
    help: "startingMessageHelp",
    isStart: true,
  },
  {
    kind: "list",
    path: "quick_actions",
    label: "quickActions",
    help: "quickActionsHelp",
    item: "quickAction",
    max: 8,
    begin: (items) => ({ id: freeId(items, "action"), label: "", message: "" }),
    fields: [
      { kind: "text", path: "label", label: "actionLabel", isNeeded: true },
      { kind: "text", path: "message", label: "actionMessage", isNeeded: true },
      { kind: "text", path: "id", label: "actionId", isNeeded: true },
    ],
  },
  {
    kind: "list",
    path: "faq",
    label: "faq",
    help: "faqHelp",
    item: "faqItem",
    max: 200,
    begin: () => ({ question: "", answer: "" }),
    fields: [
      { kind: "text", path: "question", label: "question", isNeeded: true },
      { kind: "long", path: "answer", label: "answer", isNeeded: true },
    ],
  },
];

const MODEL: readonly ConfigField[] = [
  {
    kind: "group",
    path: "model",
    label: "model",
    fields: [
      { kind: "offered", path: "model.name", label: "modelName" },
      {
        kind: "number",
        path: "model.temperature",
        label: "temperature",
        help: "temperatureHelp",
        min: 0,
        max: 2,
      },
      {
        kind: "number",
        path: "model.max_tokens",
        label: "maxTokens",
        help: "maxTokensHelp",
        min: 1,
        max: 4096,
        isWhole: true,
      },
    ],
  },
  {
    kind: "group",
    path: "vision",
    label: "vision",
    help: "visionHelp",
    fields: [
      { kind: "yesNo", path: "vision.video_input", label: "camera" },
      { kind: "yesNo", path: "vision.screen_share", label: "screen" },
    ],
  },
];

const TOOLS: readonly ConfigField[] = [
  {
    kind: "part",
    path: "built_in_tools.widgets",
    label: "cards",
    help: "cardsHelp",
    begin: {},
    fields: [{ kind: "cards", path: "allowed", label: "allowedCards" }],
  },
  {
    kind: "part",
    path: "built_in_tools.time_tool",
    label: "timeTool",
    help: "timeToolHelp",
    begin: {},
    fields: [{ kind: "text", path: "default_timezone", label: "timezone", help: "timezoneHelp" }],
  },
  {
    kind: "part",
    path: "built_in_tools.retrieve_webpage",
    label: "webPages",
    help: "webPagesHelp",
    begin: { domains: [] },
    fields: [{ kind: "lines", path: "domains", label: "domains", help: "domainsHelp" }],
  },
];

const FORMS: readonly ConfigField[] = [
  {
    kind: "list",
    path: "built_in_tools.forms",
    label: "forms",
    help: "formsHelp",
    item: "form",
    max: 20,
    begin: (items) => ({
      id: freeId(items, "form"),
      name: "",
      fields: [{ id: "field_1", type: "text" }],
    }),
    fields: TOOL_FORM,
  },
];

const seconds = (path: string, label: FieldWord, min: number, max: number): ConfigField => ({
  kind: "number",
  path,
  label,
  min,
  max,
});

const SPEECH: readonly ConfigField[] = [
  {
    kind: "group",
    path: "voice",
    label: "voice",
    fields: [
      { kind: "offered", path: "voice.name", label: "voiceName" },
      { kind: "number", path: "voice.speed", label: "speed", help: "speedHelp", min: 0.25, max: 4 },
      { kind: "text", path: "voice.language", label: "language", help: "languageHelp" },
    ],
  },
  {
    kind: "group",
    path: "interruption",
    label: "interruption",
    help: "interruptionHelp",
    fields: [
      { kind: "yesNo", path: "interruption.enabled", label: "interruptionEnabled" },
      seconds("interruption.min_duration_seconds", "minDuration", 0, 10),
      {
        kind: "number",
        path: "interruption.min_words",
        label: "minWords",
        min: 0,
        max: 20,
        isWhole: true,
      },
      seconds("interruption.false_interruption_timeout_seconds", "falseTimeout", 0.1, 30),
      { kind: "yesNo", path: "interruption.resume_false_interruption", label: "resumeFalse" },
    ],
  },
  {
    kind: "group",
    path: "endpointing",
    label: "endpointing",
    help: "endpointingHelp",
    fields: [
      {
        kind: "choice",
        path: "endpointing.mode",
        label: "endpointingMode",
        choices: { fixed: "fixed", dynamic: "dynamic" },
      },
      seconds("endpointing.min_delay_seconds", "minDelay", 0, 10),
      seconds("endpointing.max_delay_seconds", "maxDelay", 0, 30),
    ],
  },
  {
    kind: "group",
    path: "turn_detection",
    label: "turnDetection",
    help: "turnDetectionHelp",
    fields: [
      {
        kind: "list",
        path: "turn_detection.models",
        label: "detectors",
        item: "detector",
        max: 10,
        begin: () => ({ provider: "livekit", model: { name: "multilingual" } }),
        fields: [
          { kind: "text", path: "provider", label: "provider", isNeeded: true },
          { kind: "text", path: "model.name", label: "detectorModel" },
        ],
      },
    ],
  },
  {
    kind: "part",
    path: "inactivity_nudge",
    label: "nudge",
    help: "nudgeHelp",
    begin: {},
    fields: [
      seconds("timeout_seconds", "nudgeTimeout", 5, 3600),
      seconds("nudge_interval_seconds", "nudgeInterval", 5, 3600),
      {
        kind: "list",
        path: "nudges",
        label: "nudges",
        help: "nudgesHelp",
        item: "nudgeItem",
        max: 10,
        begin: () => ({ type: "bot_initiates_static", text: "" }),
        fields: [{ kind: "message", path: "", label: "nudgeItem", isStart: false }],
      },
    ],
  },
];

const WEBSITE: readonly ConfigField[] = [
  {
    kind: "group",
    path: "channel_overrides.webrtc",
    label: "overrides",
    help: "overridesHelp",
    fields: [
      {
        kind: "choice",
        path: "channel_overrides.webrtc.instructions_mode",
        label: "instructionsMode",
        choices: { append: "append", replace: "replace" },
      },
      {
        kind: "number",
        path: "channel_overrides.webrtc.max_tool_steps",
        label: "toolSteps",
        help: "toolStepsHelp",
        min: 1,
        max: 20,
        isWhole: true,
      },
      { kind: "long", path: "channel_overrides.webrtc.instructions", label: "ownInstructions" },
      {
        kind: "message",
        path: "channel_overrides.webrtc.starting_message",
        label: "ownStartingMessage",
        isStart: true,
      },
    ],
  },
];

/** Every key of a version's config that is known, in the order in which owners are asked for it. */
export const CONFIG_SECTIONS: readonly ConfigSection[] = [
  { title: "talk", fields: TALK },
  { title: "model", fields: MODEL },
  { title: "tools", fields: TOOLS },
  { title: "forms", fields: FORMS },
  { title: "speech", fields: SPEECH },
  { title: "website", fields: WEBSITE },
];
