import type { Fields } from "../protocol/read.js";

/** What a website's own code may call: the types of the global `Parley`. */

export type ParleyEvent =
  | "ready"
  | "open"
  | "close"
  | "conversation_started"
  | "conversation_ended"
  | "message"
  | "unread"
  | "identity_expired"
  | "error";

export type ParleyListener = (detail: Fields, widgetId: string) => void;

/**
 * The last argument, a widget's id, is only needed on a page with several widgets.
 *
 * @public
 */
export interface ParleyApi {
  (
    command: "open" | "close" | "toggle" | "show" | "hide" | "destroy" | "logout",
    widgetId?: string,
  ): void;
  (command: "send", text: string, widgetId?: string): void;
  /** `token`: by which the website's own server signs that this is its user. */
  (
    command: "identify",
    identity: { userId: string; token?: string; metadata?: Fields },
    widgetId?: string,
  ): void;
  (
    command: "on",
    event: ParleyEvent,
    listener: ParleyListener,
    widgetId?: string,
  ): (() => void) | undefined;
}
