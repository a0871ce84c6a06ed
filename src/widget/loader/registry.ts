import type { ParleyEvent } from "../client/api.js";
import { logError } from "../log-error.js";
import type { Fields } from "../../protocol/read.js";

/** Every pasted script runs its own copy of the loader; this is the one place where the copies meet. */
export interface Registry {
  widgets: Map<string, WidgetHandle>;
  listeners: Set<Subscription>;
  /** Calls that came before their widget. */
  waiting: unknown[][];
}

export interface WidgetHandle {
  isReady(): boolean;
  run(command: string, argument: unknown): void;
}

type Notify = (detail: Fields, widgetId: string) => void;
type Subscription = ["on", wanted: string, notify: Notify, wantedId: string | undefined];
type PageGlobal = ((...call: unknown[]) => unknown) & { q?: Iterable<unknown>[] };

const KEY = Symbol.for("parley");

/** The first copy takes over the page's command queue. A `Parley` that belongs to the site is left alone. */
export function sharedRegistry(): Registry {
  const host = window as typeof window & { [KEY]?: Registry; Parley?: PageGlobal };
  const existing = host.Parley;
  return (host[KEY] ??= create());

  function create(): Registry {
    // Each queued call is an `arguments` object.
    const waiting = (existing?.q ?? []).map((call) => [...call]);
    const registry: Registry = { widgets: new Map(), listeners: new Set(), waiting };
    if (existing && !`${existing}`.includes(".q")) logError("window.Parley is taken.");
    else host.Parley = (...call) => obey(registry, call);
    return registry;
  }
}

export function addWidget(registry: Registry, widgetId: string, widget: WidgetHandle): void {
  registry.widgets.set(widgetId, widget);
  for (const call of registry.waiting.splice(0)) obey(registry, call);
}

export function emit(
  listeners: Iterable<Subscription>,
  event: ParleyEvent,
  widgetId: string,
  detail: Fields = {},
): void {
  for (const [, wanted, notify, wantedId = widgetId] of listeners) {
    if (wanted === event && wantedId === widgetId) attempt(() => notify(detail, widgetId));
  }
}

/** One call of the page. */
export function obey({ widgets, listeners, waiting }: Registry, call: unknown[]): unknown {
  const command = `${call[0]}`;
  if (command === "on") {
    // On the page's word: an unknown event never comes, and a listener that is none is logged when it is called.
    const subscription = call as Subscription;
    listeners.add(subscription);
    for (const [id, widget] of widgets) if (widget.isReady()) emit([subscription], "ready", id);
    return () => listeners.delete(subscription);
  }
  const wantedId = call[/send|identify/.test(command) ? 2 : 1];
  const targets = [...widgets].filter(([id]) => (wantedId ?? id) === id);
  // Two panels must not open at once.
  if (/open|toggle|send/.test(command)) targets.splice(1);
  // Where nothing is, nothing has to go, and what comes later is not meant. Of the others, for a widget that never comes
  // or came and went, only the last ones are kept.
  if (!targets[0] && !/destroy|close|hide/.test(command))
    waiting.splice(0, waiting.push(call) - 100);
  for (const [, widget] of targets) attempt(() => widget.run(command, call[1]));
  return undefined;
}

/** Whatever fails, the page does not get to see it as an exception. */
export function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    logError("Failed:", error);
  }
}
