import type { PGlite } from "@electric-sql/pglite";

/** How long statements may follow each other while everything else waits. */
const SLICE_MS = 25;

/**
 * PGlite answers in microtasks: as long as statements wait, one follows the other without a turn of
 * the event loop, and no connection is taken and no other answer leaves. This puts a turn between the
 * messages of its protocol, once in a slice of time: at each, statements would starve in their turn.
 */
export function giveTurns(pglite: PGlite): void {
  const send = pglite.execProtocolRaw.bind(pglite);
  let lastTurnMs = performance.now();
  pglite.execProtocolRaw = async (message, options) => {
    if (performance.now() - lastTurnMs > SLICE_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      lastTurnMs = performance.now();
    }
    return send(message, options);
  };
}
