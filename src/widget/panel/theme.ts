import { isDarkTheme, readColours, type Colours } from "../palette.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { readableOn, readRgb, textOn, writeRgb, type Rgb } from "./contrast.js";

/** The panel's own ground, `--bg` of its style sheet. */
const GROUND = { light: [255, 255, 255], dark: [20, 21, 24] } as const;

/** Puts the widget's colours on the page, what is written on them in a shade that can be read (WCAG AA), and keeps following the visitor's system. @param signal ends that */
export function followTheme(v1: UnreadConfig, signal?: AbortSignal): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const { dataset, style } = document.documentElement;
  const paint = (): void => {
    const isDark = isDarkTheme(v1, dark.matches);
    const ground: Rgb = GROUND[isDark ? "dark" : "light"];
    const set = (name: string, { background, text }: Colours): Rgb => {
      const colour = readRgb(computed(background), ground);
      const wanted = text === undefined ? undefined : readRgb(computed(text), colour);
      style.setProperty(`--${name}`, background);
      style.setProperty(`--on-${name}`, writeRgb(textOn(colour, wanted)));
      return colour;
    };
    dataset["theme"] = isDark ? "dark" : "light";
    set("user", readColours(v1, isDark, "user_message"));
    const control = set("control", readColours(v1, isDark, "controls_button"));
    style.setProperty("--accent", writeRgb(readableOn(ground, control)));
  };
  paint();
  dark.addEventListener("change", paint, { signal });
}

/** A colour in the few words that the browser has for all: names and functions are its business. */
function computed(css: string): string {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return "#202226";
  context.fillStyle = css;
  return String(context.fillStyle);
}
