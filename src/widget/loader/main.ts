import { fetchFrame } from "./fetch-frame.js";
import { addWidget, attempt, sharedRegistry, type Registry } from "./registry.js";
import { readScriptAddress, type ScriptAddress } from "./script-address.js";
import { createWidget } from "./widget.js";

attempt(() => start(sharedRegistry()));

function start(registry: Registry): void {
  const { widgets } = registry;
  const address = findScript(widgets);
  if (!address || widgets.has(address.widgetId)) return;
  const nonce = document.currentScript?.nonce ?? "";
  const widget = createWidget(address, registry, () => fetchFrame(address.base, nonce));
  addWidget(registry, address.widgetId, widget);
}

/** `currentScript` is null in modules and some tag managers: then the first tag without a widget is ours. */
function findScript(widgets: Registry["widgets"]): ScriptAddress | null | undefined {
  // An SVG script has no `src`, which reads as no address.
  const [own, ...all] = [document.currentScript, ...document.scripts].map(
    (script) =>
      script && readScriptAddress((script as HTMLScriptElement).src, script.dataset["widget"]),
  );
  return own ?? all.find((address) => address && !widgets.has(address.widgetId));
}
