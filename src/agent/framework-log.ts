import { initializeLogger } from "@livekit/agents";
import type { Logger } from "pino";
import { describeError } from "../process/log.js";

/** What the framework logs at "info" and "warn" is for its own developers. */
const LEVELS: Readonly<Record<string, string>> = { info: "error", warn: "error" };
/** Where the framework keeps its logger; it has no option for one. */
const LOGGER = Symbol.for("@livekit/agents:logger");
/** How it marks what somebody has said, or a tool was given. */
const SAID = /^lk\.pii\./;

/** The framework logs as we do, and nothing of what visitors and models say. */
export function initializeFrameworkLog(log: Logger): void {
  const level = LEVELS[log.level] ?? log.level;
  initializeLogger({ pretty: false, level });
  const own = log.child(
    {},
    { level, formatters: { log: withoutWords }, serializers: { error: describeError } },
  );
  Reflect.set(globalThis, LOGGER, own);
}

function withoutWords(line: object): object {
  return Object.fromEntries(Object.entries(line).filter(([key]) => !SAID.test(key)));
}
