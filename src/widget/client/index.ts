import { addWidget, obey, sharedRegistry } from "../loader/registry.js";
import { createWidget } from "../loader/widget.js";
import type { ParleyWidget } from "./api.js";

export type * from "./api.js";

/**
 * Puts a widget on the page, as the pasted script does; a second time it is the same one.
 *
 * @param url where the platform is: `https://parley.example`, with a path if it has one
 */
export function embed(url: string, widgetId: string): ParleyWidget {
  const registry = sharedRegistry();
  const base = url.replace(/\/+$/, "");
  if (!registry.widgets.has(widgetId)) {
    const address = { base, origin: new URL(base).origin, widgetId };
    const fetchFrame = async () => (await import("../loader/frame.js")).joinPanel;
    addWidget(registry, widgetId, createWidget(address, registry, fetchFrame));
  }
  const say = (command: string) => (): void => void obey(registry, [command, widgetId]);
  return {
    open: say("open"),
    close: say("close"),
    toggle: say("toggle"),
    show: say("show"),
    hide: say("hide"),
    send: (text) => void obey(registry, ["send", text, widgetId]),
    identify: (identity) => void obey(registry, ["identify", identity, widgetId]),
    logout: say("logout"),
    on: (event, listener) => {
      const off = obey(registry, ["on", event, listener, widgetId]);
      return off as () => void;
    },
    destroy: say("destroy"),
  };
}
