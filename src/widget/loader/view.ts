import { isDarkTheme, readColours } from "../palette.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { readText } from "../../protocol/read.js";
import { BUBBLE, drawIcon, make } from "./elements.js";
import { createHost, type Host } from "./host.js";
import { drawQuestions } from "./questions.js";
import { readTrigger } from "./trigger.js";

/** What the style sheet tells apart. */
type Flag = "open" | "hide" | "ready" | "expanded" | "call";

export interface View {
  readonly v1: UnreadConfig;
  readonly box: HTMLElement;
  readonly launcher: HTMLElement;
  readonly icon: Element;
  /** What is written on the launcher. */
  readonly label: string;
  /** The questions, or the complaint. */
  readonly list: HTMLElement;
  readonly host: Host;
  /** What ran in the frame is over: the page took it out, or moved it. */
  onLost: (() => void) | undefined;
  flag(name: Flag, on: boolean): void;
  /** Says that the panel did not come, until it does or the visitor closes it. */
  complain(retry: () => void, text?: string): void;
}

/** Launcher and questions, and how they follow the theme. */
export function createView(
  v1: UnreadConfig,
  title: string,
  questions: string[],
  run: (command: "toggle" | "send" | "dismiss", text?: string) => void,
  signal: AbortSignal,
): View {
  const { side, css, label, iconUrl } = readTrigger(v1);
  const dark = matchMedia("(prefers-color-scheme:dark)");
  const icon = drawIcon(BUBBLE);
  const caption = make("span", { dir: "auto" }, label);
  const toggle = (): void => run("toggle");
  const launcher = make("button", { className: "launcher", onclick: toggle }, icon, caption);
  if (iconUrl) {
    const image = make("img", { src: iconUrl, alt: "", onerror: () => image.remove() });
    launcher.prepend(image);
  }
  // The second file brings the words of other languages. Until then nothing is said in a wrong one.
  const isEnglish = /^en/i.test(
    readText(v1.language) ?? (document.documentElement.lang || navigator.language),
  );
  launcher.ariaLabel = (isEnglish ? "Open " : "") + (label || title);
  launcher.ariaExpanded = "false";
  const list = drawQuestions(questions, launcher, run, isEnglish);
  const box = make("aside", { className: "box", ariaLabel: title }, list, launcher);
  box.style.cssText = `${css};${side}:var(--x);align-items:${side === "left" ? "start" : "end"}`;

  dark.addEventListener("change", paint, { signal });
  paint();
  const host = createHost(box, side, signal, () => view.onLost?.());
  const view: View = {
    v1,
    box,
    launcher,
    icon,
    label,
    list,
    host,
    onLost: undefined,
    flag(flag, on) {
      box.toggleAttribute(flag, on);
      if (flag === "open" || box.hasAttribute("ready")) list.textContent = "";
    },
    complain(onclick, text = isEnglish ? "Try again" : "↻") {
      list.role = "alert";
      if (list.textContent !== text)
        list.replaceChildren(make("button", { className: "chip", onclick }, text));
    },
  };
  return view;

  function paint(): void {
    const isDark = isDarkTheme(v1, dark.matches);
    const { background, text = "" } = readColours(v1, isDark, "controls_button");
    box.toggleAttribute("dark", isDark);
    box.style.setProperty("--c", background);
    launcher.style.color = text;
  }
}
