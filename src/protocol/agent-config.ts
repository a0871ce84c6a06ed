import { z } from "zod";
import {
  channelOverridesSchema,
  endpointingSchema,
  inactivityNudgeSchema,
  interruptionSchema,
  timeToolSchema,
  turnDetectionSchema,
  webPageToolSchema,
} from "./agent-behaviour.js";
import { CARD_TYPES } from "./cards.js";
import { formDefinitionSchema } from "./forms.js";
import { quickActionsSchema } from "./quick-actions.js";
import { broken } from "./refusal.js";
import { startingMessageSchema } from "./starting-message.js";
import { lenient } from "./stored.js";

/** More than anybody reads: what does not end costs no more than this. */
export const MAX_ANSWER_TOKENS = 4096;

const namedForm = formDefinitionSchema
  .extend({
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,48}$/, "must be 1 to 48 letters, digits, '_' or '-'")
      .describe("The tool is `show_form_<id>`."),
    name: z.string().min(1).max(200).describe("What the model knows it by."),
    description: z.string().max(1000).optional().describe("What the model reads about this form."),
  })
  .meta({ id: "ToolForm", description: "A form that the agent may show." });

const builtInTools = z.looseObject({
  widgets: z
    .looseObject({
      allowed: z.array(z.enum(CARD_TYPES)).nullish().describe("Absent or null: all."),
    })
    .optional()
    .describe("Present: the model may show cards; `allowed` absent or null: all."),
  forms: z
    .array(namedForm)
    .max(20)
    .superRefine((forms, ctx) => {
      const ids = forms.map(({ id }) => id);
      for (const [index, id] of ids.entries()) {
        if (ids.indexOf(id) !== index)
          ctx.addIssue({
            code: "custom",
            path: [index, "id"],
            ...broken("used_twice", "is used twice"),
          });
      }
    })
    .optional()
    .describe("The model sees `show_form_<form id>`, without parameters."),
  time_tool: timeToolSchema.optional(),
  retrieve_webpage: webPageToolSchema.optional(),
});

const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z\d]{2,8})*$/;

const model = z.looseObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("One of the operator's models; absent: the operator's own choice."),
  temperature: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .describe("How freely it chooses its words, 0 to 2; absent: the model's own default."),
  max_tokens: z
    .int()
    .min(1)
    .max(MAX_ANSWER_TOKENS)
    .optional()
    .describe(`The longest answer; absent: ${MAX_ANSWER_TOKENS} tokens.`),
});

const speech = z.looseObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("One of the operator's voices; absent: the first of them."),
  speed: z.number().min(0.25).max(4).optional().describe("1 is the voice's own pace."),
  language: z
    .string()
    .regex(LANGUAGE, "must be a language's tag, such as en or pt-BR")
    .optional()
    .describe("What visitors speak, such as en or pt-BR; absent: the speech model finds out."),
});

/** What is known of a version's `config`; unknown keys are kept (contract section 7). */
export const agentConfigSchema = z
  .looseObject({
    instructions: z
      .string()
      .max(100_000)
      .optional()
      .describe("What the agent is told to be and do."),
    starting_message: startingMessageSchema.optional().describe("Who speaks first, and what."),
    model: model.optional().describe("The language model, where the operator has one."),
    voice: speech.optional().describe("How the agent hears and speaks."),
    vision: z
      .looseObject({
        video_input: z.boolean().default(false).describe("The camera."),
        screen_share: z.boolean().default(false).describe("The screen."),
      })
      .optional()
      .describe("What the visitor may show: camera, screen."),
    quick_actions: quickActionsSchema
      .optional()
      .describe("Used when the widget has none of its own."),
    turn_detection: turnDetectionSchema.optional(),
    interruption: interruptionSchema.optional(),
    endpointing: endpointingSchema.optional(),
    inactivity_nudge: inactivityNudgeSchema.optional(),
    channel_overrides: channelOverridesSchema.optional(),
    built_in_tools: builtInTools
      .optional()
      .describe("A key that is present turns its tool on; a version's `warnings` name others."),
    faq: z
      .array(
        z.looseObject({
          question: z.string().min(1).max(500).describe("As a visitor may ask it."),
          answer: z.string().min(1).max(4000).describe("What is said then."),
        }),
      )
      .max(200)
      .optional()
      .describe("What the demo, which has no model, answers from; a model knows it too."),
  })
  .describe("An agent version's config; unknown keys are kept, and named by its `warnings`.");

/** The same where an operator has these models and voices: a config names no other (contract section 7). */
export function agentConfigSchemaOf(offer: {
  readonly names: readonly string[];
  readonly voices: readonly string[];
}): z.ZodObject {
  const oneOf = (names: readonly string[], what: string, { description = "" }: z.ZodType) => {
    const error =
      names.length === 0
        ? `must be absent: there is no ${what} to choose here`
        : `must be a ${what} that is offered here: ${names.join(", ")}`;
    return z.enum(names, error).optional().describe(description);
  };
  const { description = "", shape } = agentConfigSchema;
  const named = {
    model: model.extend({ name: oneOf(offer.names, "model", model.shape.name) }),
    voice: speech.extend({ name: oneOf(offer.voices, "voice", speech.shape.name) }),
  };
  return agentConfigSchema
    .extend({
      model: named.model.optional().describe(shape.model.description ?? ""),
      voice: named.voice.optional().describe(shape.voice.description ?? ""),
    })
    .describe(description);
}

/** What the platform and its worker read of a stored config. */
export const storedAgentConfigSchema = lenient(agentConfigSchema);

export type AgentConfig = z.infer<typeof storedAgentConfigSchema>;
