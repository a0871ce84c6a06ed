import { z } from "zod";
import { CARD_TYPES } from "./cards.js";
import { formDefinitionSchema } from "./forms.js";
import { quickActionsSchema } from "./quick-actions.js";
import { lenient } from "./stored.js";

const startingMessage = z
  .discriminatedUnion("type", [
    z.looseObject({
      type: z.literal("bot_initiates_static").describe("The agent says a fixed text."),
      text: z.string().min(1).max(4000).describe("What it says."),
    }),
    z.looseObject({
      type: z.literal("bot_initiates_dynamic").describe("The model finds the words."),
      prompt: z.string().min(1).max(20_000).describe("What it is told for that."),
    }),
    z.looseObject({ type: z.literal("user_initiates").describe("The agent waits.") }),
  ])
  .meta({ id: "StartingMessage", description: "Who speaks first, and what." });

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
          ctx.addIssue({ code: "custom", path: [index, "id"], message: "is used twice" });
      }
    })
    .optional()
    .describe("The model sees `show_form_<form id>`, without parameters."),
});

/** What is known of a version's `config`; unknown keys are kept (contract section 7). */
export const agentConfigSchema = z
  .looseObject({
    instructions: z
      .string()
      .max(100_000)
      .optional()
      .describe("What the agent is told to be and do."),
    starting_message: startingMessage.optional().describe("Who speaks first, and what."),
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
    built_in_tools: builtInTools.optional().describe("A key that is present turns its tool on."),
    faq: z
      .array(
        z.looseObject({
          question: z.string().min(1).max(500).describe("As a visitor may ask it."),
          answer: z.string().min(1).max(4000).describe("What is said then."),
        }),
      )
      .max(200)
      .optional()
      .describe("What the demo brain, which has no model, answers from."),
  })
  .describe("An agent version's config; unknown keys are kept.");

/** What the platform and its worker read of a stored config. */
export const storedAgentConfigSchema = lenient(agentConfigSchema);

export type AgentConfig = z.infer<typeof storedAgentConfigSchema>;
