import { pino, type DestinationStream, type Logger } from "pino";

/**
 * JSON lines on stdout, or another file descriptor. Nothing that is logged has a header or a body in
 * it, so no secret either. Who is killed outright loses the lines of one turn of the event loop.
 */
export function createLog(level: string, descriptor = 1): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: isoTime(),
      serializers: { err: describeError },
    },
    inOneWrite(pino.destination({ fd: descriptor, sync: true })),
  );
}

/** As pino's own, which writes each moment anew: under load many lines have the same. */
function isoTime(): () => string {
  let [moment, written] = [0, ""];
  return () => {
    const now = Date.now();
    if (now !== moment) {
      moment = now;
      written = `,"time":"${new Date(now).toISOString()}"`;
    }
    return written;
  };
}

/** Writes the lines of a turn of the event loop together: under load they are many, and a write costs more than a line. */
function inOneWrite(destination: DestinationStream): DestinationStream & { flushSync(): void } {
  let lines = "";
  const flush = (): void => {
    const all = lines;
    lines = "";
    process.off("exit", flush);
    if (all !== "") destination.write(all);
  };
  return {
    write: (line) => {
      if (lines === "") {
        setImmediate(flush);
        process.once("exit", flush);
      }
      lines += line;
    },
    // Pino asks for it after what is fatal.
    flushSync: flush,
  };
}

/** Not the properties that libraries hang on an error: an address with its query may be among them. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, "code");
  return {
    type: name,
    message,
    stack,
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
