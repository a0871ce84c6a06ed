import { z } from "zod";

const staticMessage = z
  .looseObject({
    type: z.literal("bot_initiates_static").describe("The agent says a fixed text."),
    text: z.string().min(1).max(4000).describe("What it says."),
  })
  .meta({ id: "StaticMessage", description: "Words that the owner has chosen." });
const dynamicMessage = z
  .looseObject({
    type: z.literal("bot_initiates_dynamic").describe("The model finds the words."),
    prompt: z.string().min(1).max(20_000).describe("What it is told for that."),
  })
  .meta({ id: "DynamicMessage", description: "Words that the model finds." });

/** What an agent says of its own accord. */
export const nudgeSchema = z
  .discriminatedUnion("type", [staticMessage, dynamicMessage])
  .meta({ id: "Nudge", description: "What the agent says into a silence." });

export const startingMessageSchema = z
  .discriminatedUnion("type", [
    staticMessage,
    dynamicMessage,
    z.looseObject({ type: z.literal("user_initiates").describe("The agent waits.") }),
  ])
  .meta({ id: "StartingMessage", description: "Who speaks first, and what." });
