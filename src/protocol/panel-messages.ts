import { VISITOR_LIMITS } from "./limits.js";
import { readFields, readText, type Fields } from "./read.js";

/** Everything that loader and panel say to each other. Nothing else crosses the frame's border. */

export interface Identity {
  userId: string;
  /** Signed by the website's own server. Kept in memory only, on both sides. */
  token?: string | undefined;
  metadata: Fields;
}

export type PanelEvent =
  | "conversation_started"
  | "conversation_ended"
  | "message"
  | "unread"
  | "identity_expired"
  | "error";

/** `wide`: there is room for a larger window; on a phone the panel is the whole screen anyway. */
export type ToPanel =
  | {
      type: "open";
      focus: boolean;
      wide?: boolean | undefined;
      identity?: Fields | undefined;
      /** Whether the page has a handle. A loader that keeps none does not say. */
      kept?: boolean | undefined;
    }
  | { type: "closed" }
  | { type: "send"; text: string }
  | { type: "identify"; identity: Fields }
  | { type: "logout" }
  /** What the page keeps for the panel, and what it is told apart by when the same exchange comes again. */
  | {
      type: "handle";
      request: number;
      handle?: string | undefined;
      attempt?: string | undefined;
    }
  | {
      type: "ticket";
      request: number;
      status: number;
      ticket?: string | undefined;
      /** The page at this moment: its path, title and language. */
      page?: unknown[] | undefined;
    };

export type ToLoader =
  | { type: "ready" }
  | { type: "close" }
  | { type: "size"; expanded: boolean }
  | { type: "need_ticket"; request: number }
  | { type: "need_handle"; request: number }
  /** Empty: the page keeps none, and everybody who was to leave has left. */
  | { type: "keep_handle"; handle: string }
  | { type: "live"; inCall: boolean }
  /** Instead of "ready": what the version's agent may be shown, for which the frame is loaded once more. */
  | { type: "need_vision"; camera: boolean; screen: boolean }
  | { type: "event"; name: PanelEvent; detail: Fields };

type Kind = "string" | "number" | "boolean" | "object";
type Check = Kind | `${Kind}|undefined`;
/** One entry for each message, one check for each of its fields: a new message does not compile without. */
type Shapes<M extends { type: string }> = {
  [T in M["type"]]: { [K in Exclude<keyof Extract<M, { type: T }>, "type">]-?: Check };
};

export const TO_PANEL: Shapes<ToPanel> = {
  open: {
    focus: "boolean",
    wide: "boolean|undefined",
    identity: "object|undefined",
    kept: "boolean|undefined",
  },
  closed: {},
  send: { text: "string" },
  identify: { identity: "object" },
  logout: {},
  handle: { request: "number", handle: "string|undefined", attempt: "string|undefined" },
  ticket: {
    request: "number",
    status: "number",
    ticket: "string|undefined",
    page: "object|undefined",
  },
};

export const TO_LOADER: Shapes<ToLoader> = {
  ready: {},
  close: {},
  size: { expanded: "boolean" },
  need_ticket: { request: "number" },
  need_handle: { request: "number" },
  keep_handle: { handle: "string" },
  live: { inCall: "boolean" },
  need_vision: { camera: "boolean", screen: "boolean" },
  event: { name: "string", detail: "object" },
};

export interface Envelope {
  data: unknown;
  origin: string;
  source: unknown;
}

export function seal(message: ToPanel | ToLoader): Fields {
  return { ...message, parley: 1 };
}

/** A message counts only from the one window and the one origin that it can rightly come from. */
export function open<M extends ToPanel | ToLoader>(
  event: Envelope,
  shapes: Shapes<M>,
  source: unknown,
  origin: string,
): M | undefined {
  const isExpected = source && event.source === source && event.origin === origin;
  return isExpected ? parse(event.data, shapes) : undefined;
}

export function parse<M extends ToPanel | ToLoader>(
  data: unknown,
  shapes: Shapes<M>,
): M | undefined {
  const message = readFields(data);
  const type = `${message["type"]}`;
  // `hasOwn` is asked before the type is used as a key.
  const isComplete =
    message["parley"] === 1 &&
    Object.hasOwn(shapes, type) &&
    Object.entries<Check>(shapes[type as M["type"]]).every(
      ([key, check]) => check.includes(typeof message[key]) && message[key] !== null,
    );
  // The table has checked every field of the type that it names.
  return isComplete ? (data as M) : undefined;
}

/** What a page said of its visitor, by the server's rule. */
export function parseIdentity(value: unknown): Identity | undefined {
  const { userId, token, metadata } = readFields(value);
  if (typeof userId !== "string" || !userId) return undefined;
  // Characters, as the server counts them, and not the units of JavaScript's strings.
  if ([...userId].length > VISITOR_LIMITS.userIdCharacters) return undefined;
  return { userId, token: readText(token), metadata: readFields(metadata) };
}

/** With an unknown listener ("*") only these may go out: they tell nothing about the talk. */
export function isHarmless({ type }: ToLoader): boolean {
  return type === "ready" || type === "close" || type === "size";
}
