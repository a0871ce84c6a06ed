import { widgetConfigSchema } from "../../protocol/widget-config.js";
import type { FieldError } from "../api/graphql-client.js";

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

/** The first one of each path. */
export function byPath(errors: readonly FieldError[]): Refusals {
  const refusals = new Map<string, string>();
  for (const { path, message } of errors) {
    if (!refusals.has(path)) refusals.set(path, message);
  }
  return refusals;
}
