import { isDarkTheme, readColours } from "../palette.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { drawIcon, make } from "./elements.js";
import { createHost } from "./host.js";
import { drawQuestions } from "./questions.js";
import { readTrigger } from "./trigger.js";

/** What the style sheet tells apart. */
type Flag = "open" | "hide" | "ready" | "expanded" | "call";

export interface View {
  flag(name: Flag, on: boolean): void;
  setUnread(count: number): void;
  /** The panel's frame, made by the first call. */
  openFrame(address: string, isAsked: boolean): HTMLIFrameElement;
}

export const phone = matchMedia("(max-width:639.98px),(max-height:479.98px)");
const dark = matchMedia("(prefers-color-scheme:dark)");
const BUBBLE = "M20 12a8 8 0 1 0-3 6l3 2-1-4a8 8 0 0 0 1-4Z";
const DOWN = "m7 10 5 5 5-5";

/** Launcher, questions and frame, and how they follow the talk, the theme and the window. */
export function createView(
  v1: UnreadConfig,
  title: string,
  questions: string[],
  run: (command: "toggle" | "close" | "send" | "dismiss", text?: string) => void,
  signal: AbortSignal,
): View {
  const { side, css, label, iconUrl } = readTrigger(v1);
  const icon = drawIcon(BUBBLE);
  const badge = make("b", {});
  const caption = make("span", { dir: "auto" }, label);
  const toggle = (): void => run("toggle");
  const launcher = make("button", { className: "launcher", onclick: toggle }, icon, caption, badge);
  if (iconUrl) {
    const image = make("img", { src: iconUrl, onerror: () => image.remove() });
    launcher.prepend(image);
  }
  const list = drawQuestions(questions, launcher, run);
  const panel = make("div", { className: "panel" });
  const onkeydown = ({ key }: KeyboardEvent): void => {
    if (key === "Escape") run("close");
  };
  const box = make("div", { className: "box", onkeydown }, panel, list, launcher);
  box.style.cssText = `${css};${side}:var(--x);align-items:${side === "left" ? "start" : "end"}`;

  let frame: HTMLIFrameElement | undefined;
  let opener: HTMLElement | undefined;
  let unread = 0;
  const viewport = visualViewport;
  dark.addEventListener("change", paint, { signal });
  viewport?.addEventListener("resize", fit, { signal });
  viewport?.addEventListener("scroll", fit, { signal });
  paint();
  describe();
  const [host, enclose] = createHost(box, side, signal);

  return {
    flag(flag, on) {
      // Read before hiding: a hidden frame has already lost the focus.
      const hasFocus = document.activeElement === host;
      box.toggleAttribute(flag, on);
      describe();
      fit();
      if (has("open")) list.textContent = "";
      else if (flag === "open" && hasFocus) {
        opener?.focus();
        // Nothing happens where the page hides it: then the focus is back where it was.
        launcher.focus();
      }
    },
    setUnread(count) {
      unread = count;
      badge.textContent = `${count || ""}`;
      describe();
    },
    openFrame(src, isAsked) {
      opener = document.activeElement as HTMLElement;
      if (!frame) {
        frame = drawFrame(title, src);
        enclose(frame, panel, isAsked && document.readyState === "complete");
      }
      return frame;
    },
  };

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

  /** On a phone the panel follows what is really visible: an on-screen keyboard takes its share. */
  function fit(): void {
    const isFollowing = viewport && has("open") && phone.matches && viewport.scale < 1.01;
    panel.style.cssText = isFollowing
      ? `height:${viewport.height}px;top:${viewport.offsetTop}px`
      : "";
  }

  function describe(): void {
    const isOpen = has("open");
    const state = unread ? `, ${unread} unread` : has("call") ? ", in a call" : "";
    // Whoever says what they see must hit it: what is written on the launcher is part of its name.
    launcher.setAttribute("aria-label", `${isOpen ? "Close" : "Open"} ${label || title}${state}`);
    launcher.setAttribute("aria-expanded", `${isOpen}`);
    icon.firstElementChild?.setAttribute("d", isOpen ? DOWN : BUBBLE);
  }
}

function drawFrame(title: string, src: string): HTMLIFrameElement {
  const frame = make("iframe", { title, allow: "microphone; autoplay", src });
  // Everything the panel needs, and no way to lead the page elsewhere; on our own origin it would fence nothing.
  if (!src.startsWith(`${location.origin}/`)) {
    frame.sandbox =
      "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox";
  }
  return frame;
}
