import { pino, type Logger } from "pino";

/** JSON lines on stdout. Nothing that is logged has a header or a body in it, so no secret either. */
export function createLog(level: string): Logger {
  return pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
}
