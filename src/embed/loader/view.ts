import { isDarkTheme, readColours } from "../palette.js";
import type { Fields } from "../read.js";
import styles from "./launcher.css";
import { readTrigger } from "./trigger.js";

/** What the style sheet tells apart. */
export type Flag = "open" | "hide" | "ready" | "expanded" | "call";

export interface View {
  attach(): void;
  flag(name: Flag, on: boolean): void;
  setUnread(count: number): void;
  /** The panel's frame, made by the first call. */
  openFrame(address: string): HTMLIFrameElement;
  contentWindow(): Window | null | undefined;
}

const phone = matchMedia("(max-width:639.98px),(max-height:479.98px)");
const dark = matchMedia("(prefers-color-scheme:dark)");
const BUBBLE = "M20 12a8 8 0 1 0-3.4 6.5L20 20l-.9-3.6A8 8 0 0 0 20 12Z";
const DOWN = "m6.5 9.8 5.5 5.4 5.5-5.4";
const CROSS = "m7 7 10 10M17 7 7 17";

export function isPhone(): boolean {
  return phone.matches;
}

/** Launcher, questions and frame in a shadow root: nothing of the page reaches in, nothing of ours reaches out. */
export function createView(
  v1: Fields,
  title: string,
  questions: string[],
  run: (command: "toggle" | "close" | "send" | "dismiss", text?: string) => void,
  signal: AbortSignal,
): View {
  const { side, zIndex, css, label, iconUrl } = readTrigger(v1);
  const icon = drawIcon(BUBBLE);
  const badge = make("b", {});
  const launcher = make("button", { className: "launcher", onclick: toggle }, icon, label, badge);
  if (iconUrl) {
    const image = make("img", { src: iconUrl, onerror: () => image.remove() });
    launcher.prepend(image);
  }
  const list = make("div", { className: "list" });
  if (questions.length > 0) {
    const onclick = (): void => {
      list.textContent = "";
      launcher.focus();
      run("dismiss");
    };
    list.append(
      make(
        "button",
        { className: "cross", ariaLabel: "Hide suggestions", onclick },
        drawIcon(CROSS),
      ),
      ...questions.map((question) => {
        const ask = (): void => run("send", question);
        return make("button", { className: "chip", dir: "auto", onclick: ask }, question);
      }),
    );
  }
  const panel = make("div", { className: "panel" });
  const box = make("div", { className: "box" }, panel, list, launcher);
  const host = make("parley-widget" as "div", {});
  const root = host.attachShadow({ mode: "open" });
  // A constructed sheet is not subject to the page's `style-src`.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  root.append(box);
  setStyle(host, "--z", `${zIndex}`);
  box.style.cssText = `${css};${side}:var(--x);align-items:${side === "left" ? "start" : "end"}`;
  setStyle(panel, side, "0");

  let frame: HTMLIFrameElement | undefined;
  let unread = 0;
  const watcher = new MutationObserver(attach);
  const viewport = visualViewport;
  dark.addEventListener("change", paint, { signal });
  viewport?.addEventListener("resize", fit, { signal });
  viewport?.addEventListener("scroll", fit, { signal });
  box.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") run("close");
  });
  signal.addEventListener("abort", () => {
    watcher.disconnect();
    host.remove();
  });
  paint();
  describe();

  return {
    attach,
    flag(flag, on) {
      // Read before hiding: a hidden frame has already lost the focus.
      const hasFocus = document.activeElement === host;
      box.toggleAttribute(flag, on);
      describe();
      fit();
      if (has("open")) list.textContent = "";
      else if (flag === "open" && hasFocus) launcher.focus();
    },
    setUnread(count) {
      unread = count;
      badge.textContent = `${count || ""}`;
      describe();
    },
    openFrame(src) {
      if (frame) return frame;
      frame = make("iframe", { title, allow: "microphone; autoplay", src });
      // Everything the panel needs, and no way to lead the page elsewhere; on our own origin it would fence nothing.
      if (!src.startsWith(`${location.origin}/`)) {
        frame.setAttribute(
          "sandbox",
          "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox",
        );
      }
      panel.append(frame);
      return frame;
    },
    contentWindow: () => frame?.contentWindow,
  };

  function toggle(): void {
    run("toggle");
  }

  /** Beside the body, not in it: pages swap or transform their body, and the talk has to survive that. */
  function attach(): void {
    if (host.isConnected) return;
    document.documentElement.append(host);
    watcher.observe(document.documentElement, { childList: true });
  }

  function has(flag: Flag): boolean {
    return box.hasAttribute(flag);
  }

  function paint(): void {
    const isDark = isDarkTheme(v1, dark.matches);
    const { background, text = "" } = readColours(v1, isDark, "controls_button");
    box.toggleAttribute("dark", isDark);
    setStyle(box, "--c", background);
    setStyle(launcher, "color", text);
  }

  /** On a phone the panel follows what is really visible: an on-screen keyboard takes its share. */
  function fit(): void {
    const isFollowing = viewport && has("open") && phone.matches && viewport.scale < 1.01;
    setStyle(panel, "height", isFollowing ? viewport.height + "px" : "");
    setStyle(panel, "top", isFollowing ? viewport.offsetTop + "px" : "");
  }

  function describe(): void {
    const isOpen = has("open");
    const state = unread ? `, ${unread} unread` : has("call") ? ", in a call" : "";
    launcher.setAttribute("aria-label", isOpen ? `Close ${title}` : `Open ${title}${state}`);
    launcher.setAttribute("aria-expanded", `${isOpen}`);
    icon.firstElementChild?.setAttribute("d", isOpen ? DOWN : BUBBLE);
  }
}

function setStyle(element: HTMLElement, property: string, value: string): void {
  element.style.setProperty(property, value);
}

function make<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  properties: Partial<HTMLElementTagNameMap[T]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[T] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Made node by node: pages with Trusted Types refuse markup in strings. */
function drawIcon(path: string): Element {
  const namespace = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(namespace, "svg");
  const line = document.createElementNS(namespace, "path");
  icon.setAttribute("viewBox", "0 0 24 24");
  line.setAttribute("d", path);
  icon.append(line);
  return icon;
}
