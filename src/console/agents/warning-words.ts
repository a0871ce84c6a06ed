import type { AgentVersionQuery } from "../generated/operations.js";
import type { AgentWarningWords } from "./agent-catalogue.js";
import type { ConfigNote } from "./config-places.js";

type Warning = NonNullable<NonNullable<AgentVersionQuery["agentVersion"]>["warnings"]>[number];

/** By the platform's code. */
const WORDS: Readonly<Record<string, keyof AgentWarningWords>> = {
  CHANNEL_UNSUPPORTED: "channelUnsupported",
  CUSTOM_TOOLS_UNSUPPORTED: "customToolsUnsupported",
  MODEL_NOT_OFFERED: "modelNotOffered",
  NEEDS_MODEL: "needsModel",
  NEEDS_SPEECH: "needsSpeech",
  TOOL_UNSUPPORTED: "toolUnsupported",
  TURN_DETECTION_UNSUPPORTED: "turnDetectionUnsupported",
  UNKNOWN_KEY: "unknownKey",
  VOICE_NOT_OFFERED: "voiceNotOffered",
  WORKFLOW_UNSUPPORTED: "workflowUnsupported",
};

/** What a version's warnings say, each at its place in the config. A code that is not known is said as the platform says it. */
export function warningNotes(
  warnings: readonly Warning[] | null | undefined,
  words: AgentWarningWords,
): ConfigNote[] {
  return (warnings ?? []).map(({ code, path, message }) => {
    const word = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
    return { path: path.replace(/^config\./, ""), message: word ? words[word] : message };
  });
}
