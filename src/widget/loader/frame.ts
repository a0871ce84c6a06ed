import {
  open,
  seal,
  TO_LOADER,
  type ToLoader,
  type ToPanel,
} from "../../protocol/panel-messages.js";
import { readNumber, readText } from "../../protocol/read.js";
import { readStored, removeStored } from "../storage.js";
import { BUBBLE, make } from "./elements.js";
import styles from "./frame.css";
import type { PageSide, PanelSide } from "./page-side.js";
import { isPhone } from "./phone.js";
import { createHandleStore } from "./handle-store.js";
import { emit } from "./registry.js";
import { panelAddress, runtimeAddress } from "./script-address.js";
import { standOut, stepAside } from "./standing.js";
import { fetchTicket } from "./ticket.js";
import { badgeTitle, ownTitle } from "./title-badge.js";
import type { View } from "./view.js";
import { watchFrame } from "./watch-frame.js";
import { chooseWords } from "./words.js";

const DOWN = "m7 10 5 5 5-5";

/** The page's side of the conversation with the panel, and the frame that it is in. */
export function joinPanel(page: PageSide, view: View): PanelSide {
  const { address, listeners, logoutKey, outbox, signal } = page;
  const { box, host, launcher } = view;
  const { origin, widgetId } = address;
  const runtime = runtimeAddress(address);
  const words = chooseWords(view.v1);
  const title = readText(view.v1.chat?.title) ?? words.title;
  /** A sandbox takes the origin of everything in it: the panel's too, and only the window tells who is there. */
  const isSandboxed = self.origin === "null";
  const kept = createHandleStore(widgetId);
  const viewport = visualViewport;
  const panel = make("dialog", {
    className: "panel",
    ariaLabel: title,
    // The way back of a phone, and Escape where the panel itself does not hear it.
    oncancel(event) {
      event.preventDefault();
      page.setOpen(false);
    },
    // Some ways back ask nobody.
    onclose() {
      if (fillsPage() && !panel.matches(":modal")) page.setOpen(false);
    },
    // Beside it: in it is the frame alone.
    onclick() {
      if (panel.matches(":modal")) page.setOpen(false);
    },
  });
  const badge = make("b", {});
  /** For screen readers; of what was said it tells no word: the page could read it. */
  const news = make("output", {});
  const watch = watchFrame(runtime, () => panel.toggleAttribute("shown", true), giveUp);
  let frame: HTMLIFrameElement | undefined;
  /** What on the page had the focus before. */
  let opener: HTMLElement | undefined;
  let isReady = false;
  let isInCall = false;
  let unread = 0;

  box.ariaLabel = title;
  view.list.querySelector(".cross")?.setAttribute("title", words.hide);
  host.addStyles(styles);
  box.prepend(panel);
  box.append(news);
  launcher.append(badge);
  describe();
  view.onLost = lose;
  signal.addEventListener("abort", () => badgeTitle(widgetId, 0));
  addEventListener("message", receive, { signal });
  box.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") page.setOpen(false);
  });
  viewport?.addEventListener("resize", fit, { signal });
  viewport?.addEventListener("scroll", fit, { signal });
  return {
    show,
    follow,
    identify() {
      if (isReady && page.identity) post({ type: "identify", identity: page.identity });
    },
    flush,
    logout() {
      if (isReady) post({ type: "logout" });
      return isReady;
    },
  };

  function show(): void {
    // An opening is another try, where it had been given up.
    host.attach();
    if (!frame) {
      // Whoever reads that it did not come may be elsewhere on the page when it does.
      if (view.list.firstChild) page.shouldFocus &&= document.activeElement === host.host;
      frame = drawFrame(title, panelAddress(address));
      host.home = document.documentElement;
      // Before the frame is in it: one that is moved begins anew.
      if (page.shouldFocus && document.readyState === "complete") host.home.append(host.host);
      panel.append(frame);
      watch.begin(frame);
    }
    if (page.isOpen) standOut(host.host, box);
    follow();
  }

  function giveUp(): void {
    const hadFocus = hasFocus();
    frame?.remove();
    frame = undefined;
    panel.toggleAttribute("shown", false);
    if (hadFocus) launcher.focus();
    if (page.isOpen && panel.isConnected) page.fail(`${words.loadFailed} ${words.retry}`);
  }

  function follow(): void {
    const { activeElement } = document;
    const isInside = hasFocus();
    // The launcher takes no focus while it is hidden.
    if (!page.isOpen) view.flag("open", false);
    describe();
    fit();
    if (!page.isOpen) {
      if (isInside) giveBack();
      opener = undefined;
    } else if (page.shouldFocus) {
      if (activeElement !== host.host) opener = activeElement as HTMLElement;
      frame?.focus();
    }
    if (isReady) tellState();
  }

  function hasFocus(): boolean {
    // Its root is the shadow that it was put into. A frame that has the focus does not match as having it.
    const { activeElement } = panel.getRootNode() as ShadowRoot;
    return panel.matches(":modal") || (!!frame && activeElement === frame);
  }

  /** The focus, to what the panel was opened by; else to the launcher, or where it was if the page hides that. */
  function giveBack(): void {
    opener?.focus();
    if (!opener?.matches(":focus")) launcher.focus();
  }

  /** Whether it is the whole screen, or most of it. Until its own cross is there, the launcher closes it. */
  function fillsPage(): boolean {
    return page.isOpen && isReady && (isPhone() || box.hasAttribute("expanded"));
  }

  /** The browser keeps the focus in and everything else away, also from screen readers. */
  function keepInside(): void {
    const isModal = fillsPage();
    if (isModal === panel.matches(":modal")) return;
    panel.close();
    if (isModal && panel.isConnected) panel.showModal();
    if (page.isOpen) frame?.focus();
  }

  function tellState(): void {
    const { identity, isOpen, shouldFocus } = page;
    post(
      isOpen
        ? {
            type: "open",
            focus: shouldFocus,
            wide: !isPhone(),
            identity,
            kept: kept.isKept(),
          }
        : { type: "closed" },
    );
  }

  /** On a phone the panel follows what is really visible: an on-screen keyboard takes its share. */
  function fit(): void {
    const isFollowing = viewport && page.isOpen && isPhone() && viewport.scale < 1.01;
    panel.style.cssText = isFollowing
      ? `height:${viewport.height}px;top:${viewport.offsetTop}px`
      : "";
    keepInside();
  }

  function receive(event: MessageEvent): void {
    const message = open<ToLoader>(
      event,
      TO_LOADER,
      frame?.contentWindow,
      isSandboxed ? event.origin : origin,
    );
    switch (message?.type) {
      case "ready":
        isReady = true;
        watch.end();
        view.flag("ready", true);
        // A panel that begins anew is in no call.
        setCall(false);
        keepInside();
        // Until it says that it is done: the page may go away in the middle.
        if (readStored("localStorage", logoutKey)) post({ type: "logout" });
        tellState();
        return flush();
      case "close":
        return page.setOpen(false);
      case "size":
        view.flag("expanded", message.expanded);
        return keepInside();
      case "live":
        if (message.inCall) stepAside(host.host);
        return setCall(message.inCall);
      case "event":
        if (message.name === "message") stepAside(host.host);
        if (message.name === "unread") {
          unread = readNumber(message.detail["count"], 0);
          badge.textContent = `${unread || ""}`;
          badgeTitle(widgetId, unread);
          describe();
          news.textContent = unread && !page.isOpen ? `${title}: ${tellUnread()}` : "";
        }
        return emit(listeners, message.name, widgetId, message.detail);
      case "need_vision":
        return allowVision(message.camera, message.screen);
      case "need_ticket":
        return void bringTicket(message.request);
      case "need_handle":
        return post({ type: "handle", request: message.request, ...kept.take() });
      case "keep_handle":
        removeStored("localStorage", logoutKey);
        return kept.keep(message.handle);
    }
  }

  function lose(): void {
    isReady = false;
    view.flag("ready", false);
    setCall(false);
  }

  /** A frame's policy counts from the next load of its page. */
  function allowVision(camera: boolean, screen: boolean): void {
    if (!frame) return;
    frame.allow += `${camera ? "; camera" : ""}${screen ? "; display-capture" : ""}`;
    // Not by its address: that would be a step of the page's history.
    frame.contentWindow?.location.replace(panelAddress(address).replace("=ask", "=on"));
  }

  function setCall(on: boolean): void {
    isInCall = on;
    view.flag("call", on);
    describe();
  }

  function describe(): void {
    const { isOpen } = page;
    const state = unread ? tellUnread() : isInCall && words.inCall;
    // Whoever says what they see must hit it: what is written on the launcher is part of its name.
    const name = words[isOpen ? "close" : "open"].replace("{title}", () => view.label || title);
    launcher.setAttribute("aria-label", state ? `${name}, ${state}` : name);
    launcher.setAttribute("aria-expanded", `${isOpen}`);
    view.icon.firstElementChild?.setAttribute("d", isOpen ? DOWN : BUBBLE);
  }

  function tellUnread(): string {
    return words.unread.replace("{count}", `${unread}`);
  }

  async function bringTicket(request: number): Promise<void> {
    post({
      type: "ticket",
      request,
      // What follows the path may hold what is nobody's business.
      page: [location.pathname, ownTitle(), document.documentElement.lang],
      ...(await fetchTicket(runtime)),
    });
  }

  function flush(): void {
    if (isReady) outbox.splice(0).forEach(post);
  }

  function post(message: ToPanel): void {
    frame?.contentWindow?.postMessage(seal(message), isSandboxed ? "*" : origin);
  }
}

function drawFrame(title: string, src: string): HTMLIFrameElement {
  const frame = make("iframe", { title, allow: "microphone; autoplay", src });
  // Everything the panel needs, and no way to lead the page elsewhere; on our own origin it would fence nothing.
  if (!src.startsWith(`${self.origin}/`)) {
    frame.sandbox =
      "allow-scripts allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox";
  }
  return frame;
}
