/** What a website's own code may call. It stands alone: the packed client takes its types from here. */

/** What comes with each event. */
export interface ParleyEvents {
  ready: object;
  open: object;
  close: object;
  conversation_started: { conversationId: string; resumed: boolean };
  conversation_ended: { conversationId: string };
  message: { role: "user" | "agent"; text: string; mode: "text" | "voice" };
  unread: { count: number };
  identity_expired: { userId: string };
  /** `status`: the platform's answer, where there was one. */
  error: { code: string; message: string; status?: number };
}

export type ParleyEvent = keyof ParleyEvents;

export type ParleyListener<E extends ParleyEvent> = (
  detail: ParleyEvents[E],
  widgetId: string,
) => void;

/** Who the website says that its visitor is. */
export interface ParleyIdentity {
  userId: string;
  /** By which the website's own server signs that this is its user. */
  token?: string;
  /** Kept with the visitor's next conversation. */
  metadata?: Record<string, unknown>;
}

/**
 * The global `Parley`. The last argument, a widget's id, is only needed on a page with several widgets.
 *
 * @public
 */
export interface ParleyApi {
  (
    command: "open" | "close" | "toggle" | "show" | "hide" | "destroy" | "logout",
    widgetId?: string,
  ): void;
  (command: "send", text: string, widgetId?: string): void;
  (command: "identify", identity: ParleyIdentity, widgetId?: string): void;
  <E extends ParleyEvent>(
    command: "on",
    event: E,
    listener: ParleyListener<E>,
    widgetId?: string,
  ): (() => void) | undefined;
}

/** One widget on the page. Its commands may be given before it is there: they wait. */
export interface ParleyWidget {
  open(): void;
  close(): void;
  toggle(): void;
  /** The launcher; `hide` leaves `open` to a button of the website's own. */
  show(): void;
  hide(): void;
  /** Opens the panel and says it in the visitor's name. */
  send(text: string): void;
  identify(identity: ParleyIdentity): void;
  /** Forgets every visitor of this browser. */
  logout(): void;
  /** @returns what ends it */
  on<E extends ParleyEvent>(event: E, listener: ParleyListener<E>): () => void;
  /** Takes the widget from the page. */
  destroy(): void;
}
