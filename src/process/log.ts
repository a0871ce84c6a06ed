import { pino, type Logger } from "pino";

/**
 * JSON lines on stdout, or another file descriptor. Nothing that is logged has a header or a body in
 * it, so no secret either.
 */
export function createLog(level: string, descriptor = 1): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
    },
    pino.destination({ fd: descriptor, sync: true }),
  );
}

/** Not the properties that libraries hang on an error: an address with its query may be among them. */
function describeError(error: unknown): object {
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
