/** Where a pasted script came from says everything the loader has to know: the platform and the widget. */
export interface ScriptAddress {
  /** Origin and path prefix of the platform, without a slash at the end. */
  base: string;
  origin: string;
  widgetId: string;
}

/** @param named the widget, where the address is that of a released loader, which is every widget's */
export function readScriptAddress(source: string, named = ""): ScriptAddress | null {
  const match = /^((https?:\/\/[^/?#]+)[^?#]*)\/public\/embed\/(assets\/)?([\w-]+)/.exec(source);
  const [, base = "", origin = "", isReleased, id = ""] = match ?? [];
  const widgetId = isReleased ? named : id;
  return widgetId ? { base, origin, widgetId } : null;
}

/**
 * Nothing of the script's own query goes along: a `parentOrigin` in it would be somebody's claim. An origin has nothing to
 * escape. It is the window's: a `srcdoc` frame has its page's while its address has none, a sandboxed one the reverse.
 */
export function panelAddress({ base, widgetId }: ScriptAddress): string {
  const { dir, lang } = document.documentElement;
  return `${base}/public/embed/${widgetId}/panel?parentOrigin=${self.origin}&dir=${dir}&lang=${lang}&vision=ask`;
}

/** Where the widget's public routes begin. */
export function runtimeAddress({ base, widgetId }: ScriptAddress): string {
  return `${base}/core/public/web-widgets/${widgetId}`;
}
