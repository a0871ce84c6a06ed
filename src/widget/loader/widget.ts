import { untilHope } from "../backoff.js";
import { readQuestions } from "../read-config.js";
import { logError } from "../log-error.js";
import { readFields, readText } from "../../protocol/read.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { readStored, writeStored } from "../storage.js";
import type { JoinPanel, PageSide, PanelSide } from "./page-side.js";
import { isPhone } from "./phone.js";
import { emit, type Registry, type WidgetHandle } from "./registry.js";
import { fetchWidget } from "./runtime.js";
import { runtimeAddress, type ScriptAddress } from "./script-address.js";
import { createView, type View } from "./view.js";

/**
 * One widget on the page: its launcher, and what the page asks of it.
 *
 * @param fetchFrame brings what only a panel needs, at the first intent
 */
export function createWidget(
  address: ScriptAddress,
  { listeners, widgets }: Registry,
  fetchFrame: () => Promise<JoinPanel>,
): WidgetHandle {
  const { widgetId } = address;
  const openKey = `parley-open-${widgetId}`;

  const end = new AbortController();
  const { signal } = end;
  /** What the page asks for may come before there is anything to show. */
  const page: PageSide = {
    address,
    listeners,
    signal,
    logoutKey: `parley-logout-${widgetId}`,
    outbox: [],
    identity: undefined,
    isOpen: false,
    shouldFocus: false,
    setOpen,
    fail,
  };
  let isHidden = false;
  let view: View | undefined;
  let panel: PanelSide | undefined;
  let isComing = false;
  /** Whether there is to be a frame as soon as there can be one. */
  let isFrameNeeded = false;
  let tries = 0;
  let isWaiting = false;

  void load();
  return { run, isReady: () => !!view };

  async function load(): Promise<void> {
    let v1: UnreadConfig | undefined;
    try {
      v1 = await fetchWidget(runtimeAddress(address));
      if (!signal.aborted) show(v1);
    } catch (reason) {
      if (!tries) logError(`No widget ${widgetId}:`, reason);
      // What came and cannot be shown is not asked for again, nor what was refused.
      if (v1 || signal.aborted || reason === `${reason}`) return destroy();
      await untilHope(++tries);
      void load();
    }
  }

  async function fail(text?: string): Promise<void> {
    view?.complain(needFrame, text);
    if (isWaiting) return;
    isWaiting = true;
    await untilHope(++tries);
    isWaiting = false;
    // Neither closed, nor there, nor taken out of the page.
    if (view?.list.firstChild?.isConnected) needFrame();
  }

  function show(v1: UnreadConfig): void {
    const remembered = readStored("sessionStorage", openKey);
    // Once the visitor opened the panel or waved them away, the questions have served.
    const questions = remembered === undefined ? readQuestions(v1.suggested_questions) : [];
    view = createView(v1, readText(v1.chat?.title) ?? "Chat", questions, run, signal);
    for (const intent of ["pointerover", "focusin", "touchstart"]) {
      view.box.addEventListener(intent, () => void fetchPanel(), { signal, passive: true });
    }
    emit(listeners, "ready", widgetId);
    view.flag("hide", isHidden);
    if (isFrameNeeded) needFrame();
    if (page.isOpen) showOpen();
    // The visitor left the last page with the panel open: go on there, but never cover a phone's new page.
    else if (!page.shouldFocus && remembered === "open" && !isPhone()) setOpen(true, false);
  }

  function run(command: string, argument?: unknown): void {
    switch (command) {
      case "identify":
        // Only what can be JSON can be kept with a conversation; the panel reads it more closely.
        page.identity = readFields(JSON.parse(JSON.stringify(argument) ?? "{}"));
        return panel?.identify();
      case "logout":
        return logout();
      case "destroy":
        return destroy();
      case "dismiss":
        return remember("close");
      case "send":
        return send(readText(argument));
      case "toggle":
        return setOpen(!page.isOpen);
      case "open":
        return setOpen(true);
      case "close":
        return setOpen(false);
      case "show":
      case "hide":
        isHidden = command === "hide";
        if (isHidden) setOpen(false);
        return view?.flag("hide", isHidden);
      default:
        throw `no command ${command}`;
    }
  }

  function send(text: string | undefined): void {
    if (!text) throw "no text";
    page.outbox.push({ type: "send", text });
    panel?.flush();
    setOpen(true);
  }

  function setOpen(on: boolean, focus = true): void {
    page.shouldFocus = focus;
    if (on === page.isOpen) return;
    page.isOpen = on;
    // A phone's screen has room for one.
    if (on && isPhone()) {
      for (const [id, other] of widgets) if (id !== widgetId) other.run("close", undefined);
    }
    showOpen();
  }

  function showOpen(): void {
    if (!view) return;
    // Before hiding: a hidden frame has already lost the focus.
    if (!page.isOpen) panel?.follow();
    view.flag("open", page.isOpen);
    if (page.isOpen) needFrame();
    const state = page.isOpen ? "open" : "close";
    remember(state);
    emit(listeners, state, widgetId);
  }

  function remember(state: "open" | "close"): void {
    writeStored("sessionStorage", openKey, state);
  }

  function logout(): void {
    page.identity = undefined;
    // Words that still wait are of whoever leaves.
    page.outbox.length = 0;
    if (panel?.logout()) return;
    // Nobody is there yet to forget the talk. One that was used in this tab is made for it; else, or if the page goes
    // first, the next panel is told.
    writeStored("localStorage", page.logoutKey, "1");
    if (readStored("sessionStorage", openKey)) needFrame();
  }

  function needFrame(): void {
    isFrameNeeded = true;
    if (panel) panel.show();
    else void fetchPanel();
  }

  async function fetchPanel(): Promise<void> {
    if (!view || isComing) return;
    isComing = true;
    try {
      const joinPanel = await fetchFrame();
      if (signal.aborted) return;
      panel = joinPanel(page, view);
      if (isFrameNeeded) panel.show();
    } catch (reason) {
      isComing = false;
      logError(`No panel ${widgetId}:`, reason);
      // Whoever only came near is told nothing.
      if (page.isOpen) void fail();
    }
  }

  function destroy(): void {
    end.abort();
    widgets.delete(widgetId);
  }
}
