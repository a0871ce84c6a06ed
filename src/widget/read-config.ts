import { CONFIG_LIMITS } from "../protocol/limits.js";
import { isFields, readFields, readList, readText, readTexts } from "../protocol/read.js";
import { readAs } from "../protocol/reading.js";
import { PANEL_READING, type PanelConfig, type UnreadConfig } from "../protocol/widget-reading.js";

export type TalkMode = PanelConfig["default_mode"];

export interface QuickAction {
  id: string;
  label: string;
  message: string;
}

/**
 * A widget's `config.v1` as it came. What is no object has no keys: `v1.chat?.title` needs no check but of the text.
 */
export function openV1(config: unknown): UnreadConfig {
  return readFields(readFields(config)["v1"]);
}

/** What the panel reads of `config.v1`, by the schema. */
export function readPanelConfig(v1: UnreadConfig): PanelConfig {
  // The reading was worked out of the schema that the type is made of.
  return readAs(PANEL_READING, v1) as PanelConfig;
}

export function readQuestions(questions: unknown): string[] {
  return readTexts(questions).slice(0, CONFIG_LIMITS.questions);
}

export function readQuickActions(actions: unknown): QuickAction[] {
  return readList(actions)
    .filter(isFields)
    .flatMap((quickAction, index) => {
      const label = readText(quickAction["label"]);
      if (label === undefined) return [];
      const message = readText(quickAction["message"]) ?? label;
      return [{ id: readText(quickAction["id"]) ?? String(index), label, message }];
    })
    .slice(0, CONFIG_LIMITS.quickActions);
}
