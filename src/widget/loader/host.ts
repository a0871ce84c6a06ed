import { make } from "./elements.js";
import styles from "./launcher.css";

/** Puts the talk's frame into the panel. `isBeside`: the page's body is no place for it any more. */
type Enclose = (frame: Element, panel: Element, isBeside: boolean) => void;

/** The element in the page, around a shadow root: nothing of the page reaches in, nothing of ours reaches out. */
export function createHost(
  content: Element,
  side: string,
  signal: AbortSignal,
): [host: HTMLElement, enclose: Enclose] {
  // TypeScript knows no such element; any name with a hyphen makes one.
  const host = make("parley-widget" as "div", {});
  const root = host.attachShadow({ mode: "open" });
  // A constructed sheet is not subject to the page's `style-src`.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
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
  return [
    host,
    (frame, panel, beside) => {
      hasTalk = true;
      isBeside = beside;
      host.remove();
      panel.append(frame);
      attach();
    },
  ];

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
