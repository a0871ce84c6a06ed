/** The three levels that the embedded server writes to; pino satisfies it. */
export interface Log {
  info(obj: object, msg: string): void;
  warn(obj: object, msg: string): void;
  debug(obj: object, msg: string): void;
}

/**
 * Runs a handler of something a client sent. Whatever it throws is logged and goes no further:
 * no client may take the process down.
 */
export function guarded(log: Log, what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    log.warn({ err: error }, `embedded LiveKit: ${what} failed`);
  }
}
