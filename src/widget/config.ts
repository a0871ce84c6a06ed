import {
  isFields,
  readFields,
  readList,
  readText,
  readTexts,
  type Fields,
} from "../protocol/read.js";

export type TalkMode = "text" | "voice";

export interface ChatLook {
  avatarShape: "circle" | "square";
  title: string | undefined;
  subtitle: string | undefined;
  welcomeMessage: string | undefined;
  placeholder: string | undefined;
  avatarUrl: string | undefined;
  logoUrl: string | undefined;
}

export interface QuickAction {
  id: string;
  label: string;
  message: string;
}

/** The part of a widget's `config` that is known here. The platform checked it; unknown keys are no error. */
export function readV1(config: unknown): Fields {
  return readFields(readFields(config)["v1"]);
}

export function readSuggestedQuestions(v1: Fields): string[] {
  return readTexts(v1["suggested_questions"]).slice(0, 8);
}

export function readChatTitle(v1: Fields): string | undefined {
  return readText(readFields(v1["chat"])["title"]);
}

export function readChatLook(v1: Fields): ChatLook {
  const chat = readFields(v1["chat"]);
  return {
    avatarShape: chat["avatar_shape"] === "square" ? "square" : "circle",
    title: readChatTitle(v1),
    subtitle: readText(chat["subtitle"]),
    welcomeMessage: readText(chat["welcome_message"]),
    placeholder: readText(chat["placeholder"]),
    avatarUrl: readText(chat["avatar_url"]),
    logoUrl: readText(chat["logo_url"]),
  };
}

export function readDefaultMode(v1: Fields): TalkMode {
  return v1["default_mode"] === "voice" ? "voice" : "text";
}

export function readQuickActions(value: unknown): QuickAction[] {
  return readList(value)
    .filter(isFields)
    .flatMap((action, index) => {
      const label = readText(action["label"]);
      if (label === undefined) return [];
      const message = readText(action["message"]) ?? label;
      return [{ id: readText(action["id"]) ?? String(index), label, message }];
    })
    .slice(0, 8);
}
