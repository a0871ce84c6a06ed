import { make } from "./elements.js";
import launcherStyles from "./launcher.css";

export interface Host {
  readonly host: HTMLElement;
  addStyles(styles: string): void;
  /** Puts the talk's frame into the panel. `isBeside`: the page's body is no place for it any more. */
  enclose(frame: Element, panel: Element, isBeside: boolean): void;
}

/** The element in the page, around a shadow root: nothing of the page reaches in, nothing of ours reaches out. */
export function createHost(content: Element, side: string, signal: AbortSignal): Host {
  // TypeScript knows no such element; any name with a hyphen makes one.
  const host = make("parley-widget" as "div", {});
  const root = host.attachShadow({ mode: "open" });
  addStyles(launcherStyles);
  root.append(content);
  host.toggleAttribute(side);

  let hasTalk = false;
  let isBeside = false;
  const watcher = new MutationObserver(attach);
  signal.addEventListener("abort", () => {
    watcher.disconnect();
    host.remove();
  });
  attach();
  return {
    host,
    addStyles,
    enclose(frame, panel, beside) {
      hasTalk = true;
      isBeside = beside;
      host.remove();
      panel.append(frame);
      attach();
    },
  };

  /** A constructed sheet is not subject to the page's `style-src`. */
  function addStyles(styles: string): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }

  /**
   * In the body while the page may still be hydrated: React takes a stranger beside it for a broken document. With a talk
   * inside, beside the body: pages swap or transform their body, and a frame that is moved begins anew.
   */
  function attach(): void {
    const { body, documentElement } = document;
    if (!host.isConnected && body) {
      (isBeside ? documentElement : body).append(host);
      // If the page removes it after this, hydration is over.
      isBeside = hasTalk;
    }
    for (const place of [document, documentElement, body]) {
      if (place) watcher.observe(place, { childList: true });
    }
  }
}
