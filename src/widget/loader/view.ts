import { isDarkTheme, readColours } from "../palette.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { readText } from "../../protocol/read.js";
import { drawIcon, make } from "./elements.js";
import { createHost, type Host } from "./host.js";
import { drawQuestions } from "./questions.js";
import { readTrigger } from "./trigger.js";

/** What the style sheet tells apart. */
type Flag = "open" | "hide" | "ready" | "expanded" | "call";

export interface View {
  readonly v1: UnreadConfig;
  readonly box: HTMLElement;
  readonly launcher: HTMLElement;
  readonly host: Host;
  /** What ran in the frame is over: the page took it out, or moved it. */
  onLost: (() => void) | undefined;
  flag(name: Flag, on: boolean): void;
  /** @param state what the launcher's name says beside what it does */
  describe(state: string): void;
  /** @param names with a place for the title: to open, to close; and what the questions' cross is for */
  speak(title: string, names: readonly string[], hide: string): void;
}

const BUBBLE = "M20 12a8 8 0 1 0-3 6l3 2-1-4a8 8 0 0 0 1-4Z";
const DOWN = "m7 10 5 5 5-5";

/** Launcher and questions, and how they follow the talk and the theme. */
export function createView(
  v1: UnreadConfig,
  title: string,
  questions: string[],
  run: (command: "toggle" | "close" | "send" | "dismiss", text?: string) => void,
  signal: AbortSignal,
): View {
  const { side, css, label, iconUrl } = readTrigger(v1);
  const dark = matchMedia("(prefers-color-scheme:dark)");
  const icon = drawIcon(BUBBLE);
  const caption = make("span", { dir: "auto" }, label);
  const toggle = (): void => run("toggle");
  const launcher = make("button", { className: "launcher", onclick: toggle }, icon, caption);
  if (iconUrl) {
    const image = make("img", { src: iconUrl, onerror: () => image.remove() });
    launcher.prepend(image);
  }
  const isEnglish = /^en/i.test(
    readText(v1.language) ?? (document.documentElement.lang || navigator.language),
  );
  const list = drawQuestions(questions, launcher, run, isEnglish);
  const onkeydown = ({ key }: KeyboardEvent): void => {
    if (key === "Escape") run("close");
  };
  const box = make("div", { className: "box", onkeydown }, list, launcher);
  box.style.cssText = `${css};${side}:var(--x);align-items:${side === "left" ? "start" : "end"}`;

  let opener: HTMLElement | undefined;
  let state = "";
  // The second file brings the words of other languages. Until then nothing is said in a wrong one.
  let names: readonly string[] = isEnglish
    ? ["Open {title}", "Close {title}"]
    : ["{title}", "{title}"];
  dark.addEventListener("change", paint, { signal });
  paint();
  describe();
  const host = createHost(box, side, signal, () => view.onLost?.());
  const view: View = {
    v1,
    box,
    launcher,
    host,
    onLost: undefined,
    flag(flag, on) {
      const { activeElement } = document;
      box.toggleAttribute(flag, on);
      describe();
      if (flag === "open" && on) opener = activeElement as HTMLElement;
      if (has("open")) list.textContent = "";
      // Read before hiding: a hidden frame has already lost the focus.
      else if (flag === "open" && activeElement === host.host) {
        opener?.focus();
        // Nothing happens where the page hides it: then the focus is back where it was.
        launcher.focus();
      }
    },
    describe(of) {
      state = of;
      describe();
    },
    speak(named, words, hide) {
      title = named;
      names = words;
      list.querySelector(".cross")?.setAttribute("title", hide);
      describe();
    },
  };
  return view;

  function has(flag: Flag): boolean {
    return box.hasAttribute(flag);
  }

  function paint(): void {
    const isDark = isDarkTheme(v1, dark.matches);
    const { background, text = "" } = readColours(v1, isDark, "controls_button");
    box.toggleAttribute("dark", isDark);
    box.style.setProperty("--c", background);
    launcher.style.color = text;
  }

  function describe(): void {
    const isOpen = has("open");
    // Whoever says what they see must hit it: what is written on the launcher is part of its name.
    const name = names[+isOpen]?.replace("{title}", () => label || title);
    launcher.setAttribute("aria-label", name + state);
    launcher.setAttribute("aria-expanded", `${isOpen}`);
    icon.firstElementChild?.setAttribute("d", isOpen ? DOWN : BUBBLE);
  }
}
