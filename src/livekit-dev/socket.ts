import type { WebSocket } from "ws";
import type { Log } from "./guarded.js";
import type { SignalLink } from "./participant.js";

const CLOSE_TIMEOUT_MS = 2_000;

/** The sending half of a WebSocket: never throws, and closes for certain. */
export function socketLink(socket: WebSocket, log: Log): SignalLink {
  socket.on("error", (error) => {
    log.debug({ err: error }, "embedded LiveKit: WebSocket error");
  });
  return {
    send: (bytes) => {
      if (socket.readyState === socket.OPEN) socket.send(bytes);
    },
    close: () => {
      socket.close(1000);
      const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
      socket.once("close", () => clearTimeout(timer));
    },
  };
}

/** Hands over each binary message; the protocols here have no other. */
export function onMessage(socket: WebSocket, handle: (bytes: Uint8Array) => void): void {
  socket.on("message", (data, isBinary) => {
    if (!isBinary) return;
    if (Array.isArray(data)) handle(Buffer.concat(data));
    else handle(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
  });
}
