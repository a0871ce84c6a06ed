import type { UnreadConfig } from "../../../src/protocol/widget-reading.js";
import { CALL_BACK, FEEDBACK, SHOP, VISIT } from "../../../src/widget/gallery/contents.js";
import { picture } from "../../../src/widget/gallery/pictures.js";
import type { Look } from "./support.js";

/** A state of the gallery, with keys of its own. */
interface PanelShot {
  readonly state: string;
  readonly look?: Look;
}

/** The corner of a website with the launcher on it. */
export interface LauncherShot {
  readonly launcher: UnreadConfig;
  readonly width: number;
  readonly height: number;
  /** What the website has there itself. */
  readonly html?: string;
}

/** What some keys of `config.v1` do: one picture of shots side by side. */
export interface KeyPicture {
  readonly name: string;
  readonly shots: readonly (PanelShot | LauncherShot)[];
}

const SIZE = { width: 340, height: 500 } as const;
const BANNER =
  '<div style="position:fixed;z-index:10;inset:auto 0 0;height:64px;background:#d9dde2"></div>';

/** The pictures of the page of keys: words in them name the keys that they stand for. At most 20. */
export const KEY_PICTURES: readonly KeyPicture[] = [
  {
    name: "theme",
    shots: [
      { state: "transcript", look: SIZE },
      { state: "transcript", look: { ...SIZE, theme: "dark" } },
    ],
  },
  {
    name: "colours",
    shots: (["light", "dark"] as const).map((theme) => ({
      state: "feedback",
      look: {
        ...SIZE,
        height: 640,
        theme,
        v1: {
          chat: {
            ...SHOP.chat,
            light_mode: {
              background_color: { user_message: "#8a2c5b", controls_button: "#e8b33f" },
              text_color: { user_message: "#ffffff", controls_button: "#2b1d00" },
            },
            dark_mode: {
              background_color: { user_message: "#e9a8c8", controls_button: "#f2cf7a" },
              text_color: { user_message: "#35102a", controls_button: "#2b1d00" },
            },
          },
        },
      },
    })),
  },
  { name: "chat", shots: [named({}), named({ logo_url: picture("lamp") })] },
  {
    name: "avatar-shape",
    shots: (["circle", "square"] as const).map((avatar_shape) => ({
      state: "empty",
      look: { width: 340, height: 300, v1: { chat: { ...SHOP.chat, avatar_shape } } },
    })),
  },
  {
    name: "trigger-shape",
    shots: [corner({ shape: "circle" }), corner({ shape: "square" })],
  },
  {
    name: "trigger-size",
    shots: [corner({ size: 40 }), corner({ size: 56 }), corner({ size: 80 })],
  },
  {
    name: "trigger-position",
    shots: [
      corner({ position: "bottom-left" }),
      corner({ offset_x: 80 }),
      corner({ offset_y: 50 }),
    ],
  },
  {
    name: "trigger-icon",
    shots: [
      corner({ label: "trigger.label" }),
      corner({ icon_url: picture("lamp") }),
      corner({ icon_url: picture("lamp"), padding: 4 }),
    ],
  },
  {
    name: "trigger-z-index",
    shots: [
      { ...corner({}), html: BANNER },
      { ...corner({ z_index: 1 }), html: BANNER },
    ],
  },
  {
    name: "suggested-questions",
    shots: [
      {
        launcher: {
          ...SHOP,
          suggested_questions: ["suggested_questions[0]", "Where is my order?", "Do you deliver?"],
        },
        width: 340,
        height: 420,
      },
    ],
  },
  {
    name: "default-mode",
    shots: [
      { state: "greeted", look: SIZE },
      { state: "voice-listening", look: SIZE },
    ],
  },
  {
    name: "start-conversation-on-toggle",
    shots: [
      { state: "empty", look: SIZE },
      { state: "greeted", look: SIZE },
    ],
  },
  {
    name: "language",
    shots: [
      { state: "empty-plain", look: { ...SIZE, lang: "de" } },
      { state: "empty-plain", look: { ...SIZE, lang: "ar" } },
    ],
  },
  {
    name: "texts",
    shots: [
      {
        state: "empty-plain",
        look: {
          ...SIZE,
          v1: {
            texts: {
              en: {
                title: "texts.en.title",
                greeting: "texts.en.greeting",
                placeholder: "texts.en.placeholder",
                ai_notice: "texts.en.ai_notice",
              },
            },
          },
        },
      },
    ],
  },
  {
    name: "ai-notice",
    shots: [true, false].map((enabled) => ({
      state: "empty-plain",
      look: { ...SIZE, v1: { ai_notice: { enabled } } },
    })),
  },
  {
    name: "consent",
    shots: [
      { state: "consent", look: SIZE },
      { state: "consent-declined", look: SIZE },
    ],
  },
  {
    name: "pre-conversation-form",
    shots: [
      {
        state: "pre-form",
        look: {
          ...SIZE,
          v1: {
            pre_conversation_form: {
              ...CALL_BACK,
              title: "form.title",
              submit_label: "form.submit_label",
            },
          },
        },
      },
    ],
  },
  {
    name: "fields",
    shots: [
      {
        state: "pre-form",
        look: { width: 340, height: 1220, v1: { pre_conversation_form: VISIT } },
      },
    ],
  },
  {
    name: "post-conversation-feedback",
    shots: ["feedback", "thanks"].map((state) => ({
      state,
      look: {
        ...SIZE,
        v1: {
          post_conversation_feedback: {
            form: FEEDBACK,
            thank_you_text: "Thank you: we read every word.",
          },
        },
      },
    })),
  },
];

/** The panel with the names of its keys in the place of words. */
function named(more: UnreadConfig["chat"]): PanelShot {
  const chat = {
    ...SHOP.chat,
    title: "chat.title",
    subtitle: "chat.subtitle",
    welcome_message: "chat.welcome_message",
    placeholder: "chat.placeholder",
    ...more,
  };
  const quick_actions = [{ id: "1", label: "quick_actions[].label", message: "…" }];
  return { state: "empty", look: { ...SIZE, v1: { chat, quick_actions } } };
}

function corner(trigger: UnreadConfig["trigger"]): LauncherShot {
  return { launcher: { ...SHOP, trigger }, width: 220, height: 140 };
}
