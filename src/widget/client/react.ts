import { useEffect, useRef } from "react";
import type { ParleyEvent, ParleyIdentity, ParleyListener } from "./api.js";
import { embed } from "./index.js";

export interface ParleyProps {
  /** Where the platform is. */
  url: string;
  widgetId: string;
  /** Who the visitor is; none any more logs them out. */
  identity?: ParleyIdentity | undefined;
  on?: { [E in ParleyEvent]?: ParleyListener<E> | undefined };
}

const EVENTS: readonly ParleyEvent[] = [
  "ready",
  "open",
  "close",
  "conversation_started",
  "conversation_ended",
  "message",
  "unread",
  "identity_expired",
  "error",
];

/** A widget for as long as it is mounted. `embed(url, widgetId)` gives its commands anywhere. */
export function ParleyChat({ url, widgetId, identity, on }: ParleyProps): null {
  const latest = useRef(on);
  latest.current = on;
  const { userId, token } = identity ?? {};
  const wasNamed = useRef(false);

  useEffect(() => {
    const widget = embed(url, widgetId);
    const follow = <E extends ParleyEvent>(event: E): (() => void) =>
      widget.on(event, (detail, id) => latest.current?.[event]?.(detail, id));
    const offs = EVENTS.map((event) => follow(event));
    return () => {
      for (const off of offs) off();
      widget.destroy();
    };
  }, [url, widgetId]);

  useEffect(() => {
    const widget = embed(url, widgetId);
    if (identity) widget.identify(identity);
    else if (wasNamed.current) widget.logout();
    wasNamed.current = identity !== undefined;
    // A website that makes the same identity anew at each drawing has said nothing new.
  }, [url, widgetId, userId, token]);
  return null;
}
