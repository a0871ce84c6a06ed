import { readQuestions } from "../read-config.js";
import { logError } from "../log-error.js";
import {
  open,
  seal,
  TO_LOADER,
  type ToLoader,
  type ToPanel,
} from "../../protocol/panel-messages.js";
import { readFields, readNumber, readText, type Fields } from "../../protocol/read.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { readStored, writeStored } from "../storage.js";
import { emit, type Registry, type WidgetHandle } from "./registry.js";
import { fetchTicket, fetchWidget } from "./runtime.js";
import { panelAddress, type ScriptAddress } from "./script-address.js";
import { createView, phone, type View } from "./view.js";

/** One widget on the page: launcher, frame, and the page's side of the conversation with the panel. */
export function createWidget(address: ScriptAddress, registry: Registry): WidgetHandle {
  const { base, origin, widgetId } = address;
  const runtime = `${base}/core/public/web-widgets/${widgetId}`;
  const openKey = `parley-open-${widgetId}`;
  const logoutKey = `parley-logout-${widgetId}`;

  const end = new AbortController();
  const { signal } = end;
  const outbox: ToPanel[] = [];
  let view: View | undefined;
  let frame: HTMLIFrameElement | undefined;
  let identity: Fields | undefined;
  /** What the page asks for may come before there is anything to show. */
  let isOpen = false;
  let isHidden = false;
  /** Whether the panel was asked for, or sent away: then it does not open by itself. */
  let shouldFocus = false;
  let isPanelReady = false;

  void load();
  addEventListener("message", receive, { signal });
  return { run, isReady: () => !!view };

  async function load(): Promise<void> {
    try {
      const v1 = await fetchWidget(runtime);
      if (!signal.aborted) show(v1);
    } catch (reason) {
      logError(`No widget ${widgetId}:`, reason);
      destroy();
    }
  }

  function show(v1: UnreadConfig): void {
    const remembered = readStored("sessionStorage", openKey);
    // Once the visitor opened the panel or waved them away, the questions have served.
    const questions = remembered === undefined ? readQuestions(v1.suggested_questions) : [];
    view = createView(v1, readText(v1.chat?.title) ?? "Chat", questions, run, signal);
    emit(registry.listeners, "ready", widgetId);
    view.flag("hide", isHidden);
    if (isOpen) showOpen();
    // The visitor left the last page with the panel open: go on there, but never cover a phone's new page.
    else if (!shouldFocus && remembered === "open" && !phone.matches) setOpen(true, false);
  }

  function run(command: string, argument?: unknown): void {
    switch (command) {
      case "identify":
        return identify(argument);
      case "logout":
        return logout();
      case "destroy":
        return destroy();
      case "dismiss":
        return remember("close");
      case "send":
        return send(readText(argument));
      case "toggle":
        return setOpen(!isOpen);
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
    post({ type: "send", text });
    setOpen(true);
  }

  function setOpen(on: boolean, focus = true): void {
    shouldFocus = focus;
    if (on === isOpen) return;
    isOpen = on;
    showOpen();
  }

  function showOpen(): void {
    if (!view) return;
    view.flag("open", isOpen);
    if (isOpen) {
      openFrame();
      if (shouldFocus) frame?.focus();
    }
    if (isPanelReady) tellState();
    const state = isOpen ? "open" : "close";
    remember(state);
    emit(registry.listeners, state, widgetId);
  }

  function remember(state: "open" | "close"): void {
    writeStored("sessionStorage", openKey, state);
  }

  function tellState(): void {
    post(
      isOpen
        ? { type: "open", focus: shouldFocus, wide: !phone.matches, identity }
        : { type: "closed" },
    );
  }

  function identify(argument: unknown): void {
    // Only what can be JSON can be kept with a conversation; the panel reads it more closely.
    identity = readFields(JSON.parse(JSON.stringify(argument) ?? "{}"));
    if (isPanelReady) post({ type: "identify", identity });
  }

  function logout(): void {
    identity = undefined;
    // Words that still wait are of whoever leaves.
    outbox.length = 0;
    if (isPanelReady) post({ type: "logout" });
    else {
      // Nobody is there yet to forget the talk. One that was used in this tab is made for it; else, or if the page goes
      // first, the next panel is told.
      writeStored("localStorage", logoutKey, "1");
      if (readStored("sessionStorage", openKey)) openFrame();
    }
  }

  function openFrame(): void {
    frame = view?.openFrame(panelAddress(address), shouldFocus);
  }

  function destroy(): void {
    end.abort();
    registry.widgets.delete(widgetId);
  }

  function receive(event: MessageEvent): void {
    const message = open<ToLoader>(event, TO_LOADER, frame?.contentWindow, origin);
    switch (message?.type) {
      case "ready":
        isPanelReady = true;
        view?.flag("ready", true);
        // A panel that begins anew is in no call.
        view?.flag("call", false);
        if (readStored("localStorage", logoutKey)) {
          writeStored("localStorage", logoutKey, "");
          post({ type: "logout" });
        }
        tellState();
        return outbox.splice(0).forEach(post);
      case "close":
        return setOpen(false);
      case "size":
        return view?.flag("expanded", message.expanded);
      case "live":
        return view?.flag("call", message.inCall);
      case "event":
        if (message.name === "unread") view?.setUnread(readNumber(message.detail["count"], 0));
        return emit(registry.listeners, message.name, widgetId, message.detail);
      case "need_ticket":
        void bringTicket(message.request);
    }
  }

  async function bringTicket(request: number): Promise<void> {
    post({
      type: "ticket",
      request,
      // What follows the path may hold what is nobody's business.
      page: [location.pathname, document.title, document.documentElement.lang],
      ...(await fetchTicket(runtime)),
    });
  }

  function post(message: ToPanel): void {
    if (isPanelReady) frame?.contentWindow?.postMessage(seal(message), origin);
    else outbox.push(message);
  }
}
