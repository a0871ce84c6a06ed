import { z } from "zod";
import { CONFIG_LIMITS } from "./limits.js";

/** Buttons that say something for the visitor, of a widget or of an agent. */
export const quickActionsSchema = z
  .array(
    z
      .looseObject({
        id: z.string().min(1).max(100).describe("Names it for a program."),
        label: z.string().min(1).max(100).describe("What the button says."),
        message: z.string().min(1).max(1000).describe("What a tap says for the visitor."),
      })
      .meta({ id: "QuickAction", description: "A button that says something for the visitor." }),
  )
  .max(CONFIG_LIMITS.quickActions);
