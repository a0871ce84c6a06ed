import { z } from "zod";
import { checkDocument, withoutNulls } from "../input/check-document.js";
import { storedAgentConfigSchema, type AgentConfig } from "../../protocol/agent-config.js";
import { CARD_SCHEMAS } from "../../protocol/cards.js";

const MAX_BYTES = 256 * 1024;

/** A config that is no object reads as an empty one. */
const storedConfig = storedAgentConfigSchema.catch({});

/**
 * @param schema the operator's, which knows the models that may be named.
 * @throws AppError `invalid` with paths below `path`.
 */
export function checkAgentConfig(schema: z.ZodType, config: object, path = "config"): void {
  checkDocument(schema, config, { path, maxBytes: MAX_BYTES });
}

export function readAgentConfig(config: unknown): AgentConfig {
  return storedConfig.parse(withoutNulls(config));
}

/** JSON Schema (2020-12) of `config`, as it is written, and of every card. To be made once: it takes milliseconds. */
export function agentConfigJsonSchema(schema: z.ZodType): object {
  return {
    config: z.toJSONSchema(schema, { io: "input" }),
    cards: Object.fromEntries(
      Object.entries(CARD_SCHEMAS).map(([type, card]) => [type, z.toJSONSchema(card)]),
    ),
  };
}
