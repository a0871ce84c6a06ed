import type { Signal } from "@preact/signals";
import type { ToPanel } from "../../protocol/panel-messages.js";
import { readIdentity } from "./identity.js";
import type { Talk } from "./talk.js";

interface Commanded {
  talk: Talk;
  /** Whether there is room for a larger window. */
  isWide: Signal<boolean>;
  /** The field that the visitor writes in, while there is one. */
  input: { readonly current: HTMLTextAreaElement | null };
}

/** @returns what carries out a word of the loader */
export function loaderCommands({ talk, isWide, input }: Commanded): (message: ToPanel) => void {
  let begun: Promise<void> | undefined;
  return (message) => {
    switch (message.type) {
      case "open":
        isWide.value = message.wide === true;
        begun ??= talk.begin(message.identity && readIdentity(message.identity), message.kept);
        talk.unread.setVisible(true);
        // Without focus it opened by itself, as it was on the page before: nobody asked for anything.
        if (message.focus) {
          focusInside(input.current);
          void begun.then(() => talk.startByItself());
        }
        return;
      case "closed":
        talk.unread.setVisible(false);
        // The next opening begins where the visitor writes.
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
        // Opened by the page itself there is nothing to give the focus back to: what is typed next must not end up in here.
        if (document.hasFocus()) window.parent.focus();
        return;
      case "send":
        // Seen where it is said.
        talk.pastTalks.close();
        talk.say(message.text);
        return;
      case "identify": {
        const identity = readIdentity(message.identity);
        if (identity !== undefined) talk.identify(identity);
        return;
      }
      case "logout":
        talk.logout();
        return;
      case "ticket":
      case "handle":
        // The parent link has handed it on.
        return;
    }
  };
}

/** On touch screens the field would bring the keyboard up before anything was read. */
function focusInside(input: HTMLTextAreaElement | null): void {
  // A visitor may be faster than the loader: what they have pressed keeps the focus, and an open menu stays open.
  const { activeElement, body } = document;
  if (activeElement !== null && activeElement !== body) return;
  const isTouch = matchMedia("(hover: none) and (pointer: coarse)").matches;
  const field = document.querySelector<HTMLElement>(".sheet input, .sheet textarea, .sheet select");
  const target = isTouch ? document.getElementById("title") : (input ?? field);
  target?.focus({ preventScroll: true });
}
