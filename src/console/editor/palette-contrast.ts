import {
  contrast,
  parseColor,
  readableTextOn,
  TEXT_CONTRAST,
  toHex,
  withContrast,
} from "../../protocol/color.js";
import { CONTROL_CONTRAST, DARK_PANEL, LIGHT_PANEL } from "../../protocol/mode-colors.js";
import { readFields, readText } from "../../protocol/read.js";

export type Mode = "light_mode" | "dark_mode";
type Surface = "user_message" | "controls_button";
const SURFACES: readonly Surface[] = ["user_message", "controls_button"];

/** A colour of a palette that is read or seen badly. */
export interface ContrastProblem {
  /** Below the palette: `text_color.user_message`. */
  readonly path: string;
  /** WCAG's, 1 to 21. */
  readonly ratio: number;
  /** The nearest colour that is fine. */
  readonly fix: string;
}

/** @param palette of a config, finished or not. What is absent the panel chooses well by itself. */
export function contrastProblems(palette: unknown, mode: Mode): ContrastProblem[] {
  const ground = mode === "light_mode" ? LIGHT_PANEL : DARK_PANEL;
  const [backgrounds, texts] = ["background_color", "text_color"].map((key) =>
    readFields(readFields(palette)[key]),
  );
  return SURFACES.flatMap((surface) => {
    const problems: ContrastProblem[] = [];
    const given = parseColor(readText(backgrounds?.[surface]) ?? "");
    if (!given) return problems;
    let background = given;
    const seen = contrast(given, ground);
    if (surface === "controls_button" && seen < CONTROL_CONTRAST) {
      background = withContrast(given, ground, CONTROL_CONTRAST);
      const path = `background_color.${surface}`;
      problems.push({ path, ratio: seen, fix: toHex(background) });
    }
    const text = parseColor(readText(texts?.[surface]) ?? "");
    if (text && contrast(text, background) < TEXT_CONTRAST) {
      const path = `text_color.${surface}`;
      const fix = toHex(readableTextOn(background));
      problems.push({ path, ratio: contrast(text, given), fix });
    }
    return problems;
  });
}
