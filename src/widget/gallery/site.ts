import { seal, type ToLoader } from "../../protocol/panel-messages.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { joinPanel } from "../loader/frame.js";
import type { Registry } from "../loader/registry.js";
import { createWidget } from "../loader/widget.js";
import { removeStored, storedKeys } from "../storage.js";

/** The state that a frame on the gallery's website shows: its widget is named after it. */
export function stateOfFrame(path: string): string | undefined {
  return /\/public\/embed\/([\w-]+)\/panel$/.exec(path)?.[1];
}

/** Somebody's website, with the real loader on it, whose platform is made up. */
export class Site {
  /** Whether the platform is not reached. */
  isAway = false;
  readonly #root: HTMLElement;
  readonly #theme: string;
  readonly #registry: Registry = { widgets: new Map(), listeners: new Set(), waiting: [] };
  readonly #configs = new Map<string, UnreadConfig>();

  constructor(root: HTMLElement, theme: string) {
    this.#root = root;
    this.#theme = theme;
    root.className = "site";
    root.role = "main";
    root.ariaLabel = "Nordhaus";
    const heading = document.createElement("h1");
    heading.textContent = "Nordhaus";
    root.append(heading);
    window.fetch = async (address) => {
      const id = String(address).split("/").pop() ?? "";
      if (this.isAway) throw new TypeError("The platform is away.");
      return Response.json({ domains: [], config: { v1: this.#configs.get(id) } });
    };
    // What one state opened is nothing to the next.
    for (const key of storedKeys("sessionStorage")) removeStored("sessionStorage", key);
  }

  /** @param state which its panel shows */
  async add(state: string, v1: UnreadConfig): Promise<void> {
    this.#configs.set(state, { ...v1, theme: this.#theme });
    const { origin } = location;
    const address = { base: origin, origin, widgetId: state };
    const widget = createWidget(address, this.#registry, async () => joinPanel);
    this.#registry.widgets.set(state, widget);
    // One that cannot be shown takes itself away.
    await until(() => widget.isReady() || !this.#registry.widgets.has(state));
    // A picture is taken of it, and not of what becomes of it after a while.
    for (const list of find<HTMLElement>(".list")) list.style.animation = "none";
  }

  /** Takes everything away that was added. */
  remove(): void {
    for (const state of this.#registry.widgets.keys()) this.#run(state, "destroy");
    this.#root.replaceChildren();
    for (const name of ["class", "role", "aria-label"]) this.#root.removeAttribute(name);
  }

  /** Until its panel is there, or the visitor was told that it is not. */
  async open(state: string): Promise<void> {
    this.#run(state, "open");
    if (this.isAway) return until(() => find("[role=alert]").length > 0);
    await until(() => !!this.#frame(state)?.contentDocument?.querySelector("[data-ready]"));
    this.#hear(state, { type: "ready" });
  }

  /** Its panel was closed again, and the agent has said more. */
  async unread(state: string, count: number): Promise<void> {
    await this.open(state);
    this.#run(state, "close");
    this.#hear(state, { type: "event", name: "unread", detail: { count } });
  }

  #run(state: string, command: string): void {
    this.#registry.widgets.get(state)?.run(command, undefined);
  }

  #frame(state: string): HTMLIFrameElement | undefined {
    return find<HTMLIFrameElement>("iframe").find(({ src }) => src.includes(`/${state}/panel`));
  }

  /** What a panel tells the loader. */
  #hear(state: string, message: ToLoader): void {
    const source = this.#frame(state)?.contentWindow ?? null;
    const { origin } = location;
    dispatchEvent(new MessageEvent("message", { data: seal(message), origin, source }));
  }
}

/** In all widgets of the page. */
function find<T extends Element>(selector: string): T[] {
  return [...document.querySelectorAll("parley-widget")].flatMap(({ shadowRoot }) => [
    ...(shadowRoot?.querySelectorAll<T>(selector) ?? []),
  ]);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(requestAnimationFrame);
}
