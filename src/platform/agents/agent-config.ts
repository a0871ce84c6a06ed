import { z } from "zod";
import { checkDocument, withoutNulls } from "../input/check-document.js";
import {
  agentConfigSchema,
  storedAgentConfigSchema,
  type AgentConfig,
} from "../../protocol/agent-config.js";
import { CARD_SCHEMAS } from "../../protocol/cards.js";

const MAX_BYTES = 256 * 1024;

/** A config that is no object reads as an empty one. */
const storedConfig = storedAgentConfigSchema.catch({});

/** @throws AppError `invalid` with paths below `path`. */
export function checkAgentConfig(config: object, path = "config"): void {
  checkDocument(agentConfigSchema, config, { path, maxBytes: MAX_BYTES });
}

export function readAgentConfig(config: unknown): AgentConfig {
  return storedConfig.parse(withoutNulls(config));
}

/** JSON Schema (2020-12) of `config`, as it is written, and of every card. Made once: it takes milliseconds. */
export const AGENT_CONFIG_JSON_SCHEMA: object = {
  config: z.toJSONSchema(agentConfigSchema, { io: "input" }),
  cards: Object.fromEntries(
    Object.entries(CARD_SCHEMAS).map(([type, schema]) => [type, z.toJSONSchema(schema)]),
  ),
};
