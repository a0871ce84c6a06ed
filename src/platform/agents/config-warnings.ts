import type { ModelSettings } from "../../process/model-settings.js";
import { agentConfigSchema } from "../../protocol/agent-config.js";
import { withoutNulls } from "../input/check-document.js";
import type { ConfigWarning } from "./agent.type.js";

type WarningCode =
  | "CHANNEL_UNSUPPORTED"
  | "CUSTOM_TOOLS_UNSUPPORTED"
  | "MODEL_NOT_OFFERED"
  | "NEEDS_MODEL"
  | "NEEDS_SPEECH"
  | "TOOL_UNSUPPORTED"
  | "TURN_DETECTION_UNSUPPORTED"
  | "UNKNOWN_KEY"
  | "VOICE_NOT_OFFERED"
  | "WORKFLOW_UNSUPPORTED";

/** The models that the operator has; undefined: the demo answers. */
type Offer = Pick<ModelSettings, "names" | "voices" | "speech"> | undefined;
type Values = Readonly<Record<string, unknown>>;

const { shape } = agentConfigSchema;
const TOOLS = new Set(Object.keys(shape.built_in_tools.unwrap().shape));
const CHANNEL = "webrtc";
/** A config has room for thousands of keys that nobody knows. */
const MOST = 50;
/** Documented keys of the top that nothing here reads. */
const UNSUPPORTED: Readonly<Record<string, readonly [WarningCode, string]>> = {
  tools: ["CUSTOM_TOOLS_UNSUPPORTED", "Tools of one's own are not called here."],
  workflow: ["WORKFLOW_UNSUPPORTED", "There are no workflows here."],
  workflows: ["WORKFLOW_UNSUPPORTED", "There are no workflows here."],
  web_search: ["TOOL_UNSUPPORTED", "There is no such tool here."],
  continue_on_phone: ["TOOL_UNSUPPORTED", "There is no telephony here."],
};
const NEED_MODEL = [
  "instructions",
  "model",
  "voice",
  "vision.video_input",
  "vision.screen_share",
  "channel_overrides.webrtc.instructions",
  "channel_overrides.webrtc.max_tool_steps",
  "built_in_tools.time_tool",
  "built_in_tools.retrieve_webpage",
] as const;
const STARTING_MESSAGES = [
  "starting_message",
  "channel_overrides.webrtc.starting_message",
] as const;
/** Without speech models nobody speaks in a talk that has a language model. */
const NEED_SPEECH = [
  "voice",
  "turn_detection",
  "interruption",
  "endpointing",
  "inactivity_nudge",
] as const;

/**
 * What is stored in a version's config and has no effect here (contract section 7).
 *
 * @param config as it is stored: it may be older than today's rules.
 * @param models the operator's.
 */
export function warningsOf(config: unknown, models: Offer): ConfigWarning[] {
  const values = recordOf(withoutNulls(config));
  const all = [
    ...ofUnknownKeys(values),
    ...ofTools(recordOf(values["built_in_tools"])),
    ...ofChannels(recordOf(values["channel_overrides"])),
    ...ofTurnDetection(at(values, "turn_detection.models")),
    ...(models ? ofModels(values, models) : ofDemo(values)),
  ];
  return all.slice(0, MOST);
}

function ofUnknownKeys(values: Values): ConfigWarning[] {
  return Object.keys(values)
    .filter((key) => !Object.hasOwn(shape, key))
    .map((key) => {
      const known = Object.hasOwn(UNSUPPORTED, key) ? UNSUPPORTED[key] : undefined;
      const [code, why] = known ?? (["UNKNOWN_KEY", "Nothing here reads this key."] as const);
      return warn(code, key, why);
    });
}

function ofTools(tools: Values): ConfigWarning[] {
  return Object.keys(tools)
    .filter((name) => !TOOLS.has(name))
    .map((name) => {
      const why = name === "continue_on_phone" ? "There is no telephony here." : undefined;
      return warn(
        "TOOL_UNSUPPORTED",
        `built_in_tools.${name}`,
        why ?? "There is no such tool here.",
      );
    });
}

function ofChannels(channels: Values): ConfigWarning[] {
  return Object.keys(channels)
    .filter((name) => name !== CHANNEL)
    .map((name) =>
      warn(
        "CHANNEL_UNSUPPORTED",
        `channel_overrides.${name}`,
        `Every conversation runs on ${CHANNEL} here.`,
      ),
    );
}

function ofTurnDetection(models: unknown): ConfigWarning[] {
  return (Array.isArray(models) ? models : []).flatMap((model: unknown, index) =>
    recordOf(model)["provider"] === "livekit"
      ? []
      : warn(
          "TURN_DETECTION_UNSUPPORTED",
          `turn_detection.models.${index}`,
          "The end of a turn is found by LiveKit's own model here.",
        ),
  );
}

function ofDemo(values: Values): ConfigWarning[] {
  const nudges = at(values, "inactivity_nudge.nudges");
  const said = [
    ...STARTING_MESSAGES.map((path) => [path, at(values, path)] as const),
    ...(Array.isArray(nudges) ? nudges : []).map(
      (nudge: unknown, index) => [`inactivity_nudge.nudges.${index}`, nudge] as const,
    ),
  ];
  const dynamic = said.flatMap(([path, message]) =>
    recordOf(message)["type"] === "bot_initiates_dynamic" ? [path] : [],
  );
  return [...NEED_MODEL.filter((path) => isSet(values, path)), ...dynamic].map((path) =>
    warn(
      "NEEDS_MODEL",
      path,
      "This needs a language model (LLM_MODEL), and there is none: the demo answers, from `faq`.",
    ),
  );
}

function ofModels(values: Values, models: NonNullable<Offer>): ConfigWarning[] {
  const [model, voice] = [at(values, "model.name"), at(values, "voice.name")];
  const silent = models.speech ? [] : NEED_SPEECH.filter((path) => isSet(values, path));
  return [
    ...silent.map((path) =>
      warn(
        "NEEDS_SPEECH",
        path,
        "This needs speech models (STT_MODEL, TTS_MODEL), and there are none: talks are written.",
      ),
    ),
    ...(isGone(model, models.names)
      ? [warn("MODEL_NOT_OFFERED", "model.name", "It is no longer offered: the first is taken.")]
      : []),
    ...(models.speech && isGone(voice, models.voices)
      ? [warn("VOICE_NOT_OFFERED", "voice.name", "It is no longer offered: the first is taken.")]
      : []),
  ];
}

function warn(code: WarningCode, path: string, message: string): ConfigWarning {
  return { code, path: `config.${path}`, message };
}

/** Whether something is said there: `false`, and an empty list or object, say nothing. */
function isSet(values: Values, path: string): boolean {
  const value = at(values, path);
  if (value === undefined || value === false || value === "") return false;
  // A tool is on by its key alone.
  if (path.startsWith("built_in_tools.")) return true;
  return typeof value !== "object" || value === null || Object.keys(value).length > 0;
}

function isGone(name: unknown, offered: readonly string[]): boolean {
  return typeof name === "string" && !offered.includes(name);
}

function at(values: Values, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    const inside = recordOf(value);
    return Object.hasOwn(inside, key) ? inside[key] : undefined;
  }, values);
}

function recordOf(value: unknown): Values {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Values)
    : {};
}
