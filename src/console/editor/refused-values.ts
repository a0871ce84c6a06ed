import type { Fields } from "../../protocol/read.js";
import { widgetConfigSchema } from "../../protocol/widget-config.js";
import { withValueAtPath } from "./config-paths.js";

/** Why one value is refused. */
interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Why values are refused, by path: `agentVersionId`, `config.v1.chat.title`. */
export type Refusals = ReadonlyMap<string, string>;

/** What the schema says of a config that is not finished. */
export function refusalsOf(config: unknown): Refusals {
  const { error } = widgetConfigSchema.safeParse(config);
  return byPath(
    (error?.issues ?? []).map(({ path, message }) => ({
      path: ["config", ...path].join("."),
      message,
    })),
  );
}

/** The config that would be taken: what is refused is left out, but for what is in lists, which panels read with care. */
export function withoutRefused(config: Fields, refusals: Refusals): Fields {
  return [...refusals.keys()]
    .filter((path) => !/\.\d+(\.|$)/.test(path))
    .reduce(
      (rest, path) => withValueAtPath(rest, path.replace(/^config\./, ""), undefined),
      config,
    );
}

/** The first one of each path. */
export function byPath(errors: readonly Problem[]): Refusals {
  const refusals = new Map<string, string>();
  for (const { path, message } of errors) {
    if (!refusals.has(path)) refusals.set(path, message);
  }
  return refusals;
}
