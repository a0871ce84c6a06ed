import type { PreviewState } from "../../protocol/preview-messages.js";
import { readFields } from "../../protocol/read.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { FEEDBACK, VISIT } from "../gallery/contents.js";
import { inWords, type Told } from "../gallery/in-words.js";
import { press, type State } from "../gallery/state.js";
import { STATES } from "../gallery/states.js";
import { readFeedback, readForm } from "../panel/form.js";

/** One state of the preview: which one of the gallery it is, with an owner's config. */
export interface PreviewScene {
  readonly state: State;
  readonly v1: UnreadConfig;
}

/** What each one is in the gallery. */
const IN_GALLERY: Readonly<Record<Exclude<PreviewState, "closed">, string>> = {
  empty: "empty",
  consent: "consent",
  "pre-form": "pre-form",
  connecting: "connecting",
  greeted: "greeted",
  thinking: "thinking",
  transcript: "transcript",
  cards: "card-carousel",
  form: "form",
  "voice-listening": "voice-listening",
  "voice-speaking": "voice-speaking",
  "no-microphone": "no-microphone",
  reconnecting: "reconnecting",
  "not-sent": "not-sent",
  ended: "ended",
  feedback: "feedback",
  thanks: "feedback",
  "past-talks": "past-talks",
};

/**
 * @param v1 the owner's; what stands in the way of the state is left out, and what the state needs is there.
 * @param told what is made up in the language in which it is shown.
 */
export function previewScene(
  name: Exclude<PreviewState, "closed">,
  v1: UnreadConfig,
  told: Told,
): PreviewScene {
  const state = STATES.find((one) => one.name === IN_GALLERY[name]);
  if (state === undefined) throw new Error(`The gallery has no state ${IN_GALLERY[name]}.`);
  const calm: UnreadConfig = {
    ...v1,
    consent: undefined,
    pre_conversation_form: undefined,
    post_conversation_feedback: undefined,
    start_conversation_on_toggle: false,
  };
  const feedback = readFields(v1.post_conversation_feedback);
  switch (name) {
    case "consent":
      return { state, v1: { ...calm, consent: { ...readFields(v1.consent), required: true } } };
    case "pre-form": {
      const form = readForm(v1.pre_conversation_form)
        ? v1.pre_conversation_form
        : inWords(VISIT, told);
      return { state, v1: { ...calm, pre_conversation_form: form } };
    }
    case "greeted":
      return { state, v1: { ...calm, start_conversation_on_toggle: true } };
    case "feedback": {
      const own = { ...feedback, enabled: true };
      const asked = readFeedback(own) ? own : { ...own, form: inWords(FEEDBACK, told) };
      return { state, v1: { ...calm, post_conversation_feedback: asked } };
    }
    case "thanks": {
      const asked = { ...feedback, enabled: true, fields: undefined, form: ANYTHING };
      const act = async (root: HTMLElement): Promise<void> => press(root, ".sheet .primary");
      return { state: { ...state, act }, v1: { ...calm, post_conversation_feedback: asked } };
    }
    default:
      return { state, v1: calm };
  }
}

/** A form that can be sent as it is. */
const ANYTHING = { fields: [{ id: "note", type: "textarea" }] };
