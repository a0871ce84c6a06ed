import type { Fields } from "../../protocol/read.js";
import { brokenRule } from "../../protocol/refusal.js";
import { widgetConfigSchema } from "../../protocol/widget-config.js";
import type { RefusedField } from "../api/say-refusal.js";
import { withValueAtPath } from "./config-paths.js";

/** Why one value is refused. */
interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Why values are refused, by path: `agentVersionId`, `config.v1.chat.title`. */
export type Refusals = ReadonlyMap<string, string>;

/** What the schema says of a config that is not finished. @param toSay how the reason is told */
export function refusalsOf(config: unknown, toSay: (field: RefusedField) => string): Refusals {
  const { error } = widgetConfigSchema.safeParse(config);
  return byPath(
    (error?.issues ?? []).map((issue) => {
      const { message } = issue;
      const path = ["config", ...issue.path].join(".");
      return { path, message: toSay({ path, message, ...brokenRule(issue, config) }) };
    }),
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
