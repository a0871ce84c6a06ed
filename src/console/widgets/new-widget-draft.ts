import { parseColor } from "../../protocol/color.js";
import { DARK_PANEL, LIGHT_PANEL, modeColors } from "../../protocol/mode-colors.js";
import { readFields, readText, type Fields } from "../../protocol/read.js";
import { forgetDraft, readDraft } from "../use-draft.js";

export type Corner = "bottom-right" | "bottom-left";

/** What somebody has said so far about a widget that is to be. */
export interface NewWidget {
  /** From 0. */
  readonly step: number;
  readonly agentId: string;
  readonly agentVersionId: string;
  /** As they were typed, one a line. */
  readonly websites: string;
  /** Empty until the second step is done, which makes the widget. */
  readonly widgetId: string;
  /** What the website suggested. */
  readonly suggested: Fields;
  readonly title: string;
  readonly color: string;
  /** The colour that `suggested` has palettes for. */
  readonly suggestedColor: string;
  readonly greeting: string;
  readonly position: Corner;
}

/** What each step is given. */
export interface StepProps {
  readonly draft: NewWidget;
  readonly change: (part: Partial<NewWidget>) => void;
}

/** Parley's own. */
const OWN_COLOR = "#0f766e";

export const NOTHING_SAID: NewWidget = {
  step: 0,
  agentId: "",
  agentVersionId: "",
  websites: "",
  widgetId: "",
  suggested: {},
  title: "",
  color: OWN_COLOR,
  suggestedColor: "",
  greeting: "",
  position: "bottom-right",
};

/** What `useDraft` keeps it by. */
export function newWidgetDraft(organizationId: string): string {
  return `widget.${organizationId}`;
}

/** The id of the widget that was begun in this tab, if its second step is done. */
export function unfinishedWidget(organizationId: string): string | undefined {
  return readDraft<NewWidget>(newWidgetDraft(organizationId)).widgetId || undefined;
}

/** Ends its making, where it is this one that is being made: it is published, or gone. */
export function forgetNewWidget(organizationId: string, widgetId: string): void {
  if (unfinishedWidget(organizationId) === widgetId) forgetDraft(newWidgetDraft(organizationId));
}

/** The websites that were typed, each once. */
export function domainsOf({ websites }: Pick<NewWidget, "websites">): string[] {
  return [...new Set(websites.split(/[\s,]+/).filter((part) => part !== ""))];
}

/** The first website's host, which says how the widget could look. */
export function brandDomainOf(draft: Pick<NewWidget, "websites">): string | undefined {
  const [first] = domainsOf(draft);
  if (first === undefined) return undefined;
  try {
    return new URL(first.includes("://") ? first : `https://${first}`).hostname || undefined;
  } catch {
    return undefined;
  }
}

/** What a website suggests, as what the next step begins with. What was typed before stays. */
export function withSuggestion(
  { title }: Pick<NewWidget, "title">,
  suggestedConfig: unknown,
): Partial<NewWidget> {
  const suggested = readFields(suggestedConfig);
  const chat = readFields(suggested["chat"]);
  const buttons = readFields(readFields(chat["light_mode"])["background_color"]);
  const color = readText(buttons["controls_button"]);
  return {
    suggested,
    title: title || (readText(chat["title"]) ?? ""),
    ...(color === undefined ? {} : { color, suggestedColor: color }),
  };
}

/** The widget's `config`. The suggested palettes stay where the colour is theirs. */
export function configOf(draft: NewWidget): Fields {
  const { suggested, title, greeting, position } = draft;
  const chat = {
    ...readFields(suggested["chat"]),
    ...palettesOf(draft),
    title: readText(title),
    welcome_message: readText(greeting),
  };
  // What is not there is left out as it is sent.
  return { v1: { ...suggested, chat, trigger: { position } } };
}

function palettesOf({ color, suggestedColor }: NewWidget): object {
  const brand = parseColor(color);
  if (brand === null || color === suggestedColor) return {};
  return { light_mode: modeColors(brand, LIGHT_PANEL), dark_mode: modeColors(brand, DARK_PANEL) };
}
