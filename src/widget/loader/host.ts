import { logError } from "../log-error.js";
import { make } from "./elements.js";
import launcherStyles from "./launcher.css";

export interface Host {
  readonly host: HTMLElement;
  /** Where it stands instead of in the page's body. */
  home: Element | undefined;
  addStyles(styles: string): void;
  /** Into the page, unless it is there. */
  attach(): void;
  /** Before everything else on the page. */
  raise(): void;
}

/** `onleave`: it was taken out of the page, or put elsewhere, and whatever ran in its frame is over. */
type HostElement = HTMLElement & { onleave?: () => void };

const NAME = "parley-widget";
/** As often another script may remove it within a minute. */
const MOST_REMOVALS = 5;

/**
 * The element in the page, around a shadow root: nothing of the page reaches in, nothing of ours reaches out.
 *
 * @param onLost what ran in its frame is over
 */
export function createHost(
  content: HTMLElement,
  side: string,
  signal: AbortSignal,
  onLost: () => void,
): Host {
  const host = makeHost();
  const root = host.attachShadow({ mode: "open" });
  const probe = make("i", {});
  const self: Host = { host, home: undefined, addStyles, attach, raise };
  let lastBody: Element | undefined;
  let removals = 0;

  addStyles(launcherStyles);
  root.append(probe, content);
  host.toggleAttribute(side);
  host.onleave = leave;
  signal.addEventListener("abort", () => host.remove());
  new ResizeObserver(check).observe(probe);
  new IntersectionObserver(check, { threshold: [0, 1] }).observe(probe);
  attach();
  return self;

  /**
   * In the body while the page may still be hydrated: React takes a stranger beside it for a broken document. With a talk
   * inside, beside the body: pages swap their body, and a frame that is moved begins anew.
   */
  function attach(): void {
    const { body } = document;
    if (signal.aborted || host.isConnected) return;
    // The script may stand in the head.
    if (!body) return void setTimeout(attach, 50);
    lastBody = body;
    (self.home ?? body).append(host);
  }

  function leave(): void {
    onLost();
    if (host.isConnected || signal.aborted) return;
    // A page that swaps its body does not mean us. A script that takes us out of it does, and would for ever.
    if (lastBody?.isConnected) {
      if (++removals > MOST_REMOVALS)
        return logError("Removed again and again: the widget stays away.");
      setTimeout(() => removals--, 60_000);
    }
    setTimeout(attach);
  }

  /** Where the page makes its body the measure of what is fixed (`filter`, `transform` …), the top layer is left. */
  function check(): void {
    const { left, top, width, height } = probe.getBoundingClientRect();
    // It is as wide as the window is high, apart from what a phone shows of its address line.
    const isOff = Math.abs(top) + Math.abs(left) > 1 || Math.abs(height / width - 1) > 0.25;
    if (width && isOff && !host.matches(":popover-open")) raise();
    // A window is not larger where a page enlarges its own things.
    const { currentCSSZoom = 1 } = host as { currentCSSZoom?: number };
    content.style.zoom = `${1 / currentCSSZoom}`;
  }

  function raise(): void {
    if (!("popover" in host))
      return logError("The page moves what is fixed: the widget is out of place.");
    host.popover = "manual";
    host.hidePopover();
    host.showPopover();
  }

  /** A constructed sheet is not subject to the page's `style-src`. */
  function addStyles(styles: string): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
}

/** An element of our own knows that it was taken out, wherever it stood: no observer has to watch the page for it. */
function makeHost(): HostElement {
  class ParleyWidget extends HTMLElement {
    onleave?: () => void;
    disconnectedCallback(): void {
      this.onleave?.();
    }
    /** A move that keeps the frame is no leaving. */
    connectedMoveCallback(): void {}
  }
  // Another copy of the loader may have been here; what has been said of a name stays.
  if (!customElements.get(NAME)) customElements.define(NAME, ParleyWidget);
  return document.createElement(NAME);
}
