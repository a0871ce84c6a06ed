import { z } from "zod";
import { nudgeSchema, startingMessageSchema } from "./starting-message.js";

// How an agent listens, waits and differs on a website: keys of a version's config (contract section 7).

const seconds = (least: number, most: number) => z.number().min(least).max(most);

export const turnDetectionSchema = z
  .looseObject({
    models: z
      .array(
        z.looseObject({
          provider: z.string().min(1).max(100).describe("`livekit`; others have no effect here."),
          model: z
            .looseObject({
              name: z
                .string()
                .min(1)
                .max(100)
                .describe("`english` or `multilingual`: one local model knows both."),
            })
            .optional()
            .describe("Which of its models."),
        }),
      )
      .max(10)
      .optional()
      .describe("In the order of preference."),
  })
  .describe("What tells that the visitor has finished speaking.");

/** Whoever speaks so long stops the agent. The framework waits for half a second, which is heard as talking on. */
export const INTERRUPTION_SECONDS = 0.1;

export const interruptionSchema = z
  .looseObject({
    enabled: z.boolean().optional().describe("Whether speech stops the agent. Default: true."),
    min_duration_seconds: seconds(0, 10)
      .optional()
      .describe(`Speech that is shorter stops nothing. Default: ${INTERRUPTION_SECONDS}.`),
    min_words: z
      .number()
      .int()
      .min(0)
      .max(20)
      .optional()
      .describe("Words that must have been understood. Default: 0."),
    false_interruption_timeout_seconds: seconds(0.1, 30)
      .optional()
      .describe("A noise without words for so long was none. Default: 2."),
    resume_false_interruption: z
      .boolean()
      .optional()
      .describe("Whether the agent goes on after such a noise. Default: true."),
  })
  .describe("When the visitor's speech stops the agent's.");

export const endpointingSchema = z
  .looseObject({
    mode: z
      .enum(["fixed", "dynamic"])
      .optional()
      .describe("`dynamic` learns from the visitor's pauses. Default: fixed."),
    min_delay_seconds: seconds(0, 10)
      .optional()
      .describe("The least silence after which a turn is over. Default: 0.3."),
    max_delay_seconds: seconds(0, 30).optional().describe("The longest. Default: 2.5."),
  })
  .describe("How long the agent waits before it answers speech.");

/** What `inactivity_nudge: {}` means. */
export const NUDGE_DEFAULTS = {
  timeoutSeconds: 30,
  intervalSeconds: 15,
  nudges: [
    { type: "bot_initiates_static", text: "Are you still there?" },
    { type: "bot_initiates_static", text: "I will end the call now. You can come back any time." },
  ],
} as const;

export const inactivityNudgeSchema = z
  .looseObject({
    timeout_seconds: seconds(5, 3600)
      .optional()
      .describe(`Silence before the first nudge. Default: ${NUDGE_DEFAULTS.timeoutSeconds}.`),
    nudge_interval_seconds: seconds(5, 3600)
      .optional()
      .describe(`Silence after each nudge. Default: ${NUDGE_DEFAULTS.intervalSeconds}.`),
    nudges: z
      .array(nudgeSchema)
      .max(10)
      .optional()
      .describe("Said one after the other. Default: two; none: it hangs up after the timeout."),
  })
  .describe("By voice alone: what a long silence leads to. After the last nudge it hangs up.");

export const channelOverridesSchema = z
  .looseObject({
    webrtc: z
      .looseObject({
        instructions: z
          .string()
          .max(100_000)
          .optional()
          .describe("Beside or instead of the others."),
        instructions_mode: z
          .enum(["append", "replace"])
          .optional()
          .describe("What becomes of the version's own instructions. Default: append."),
        starting_message: startingMessageSchema
          .optional()
          .describe("Takes the place of the version's own."),
        max_tool_steps: z
          .number()
          .int()
          .min(1)
          .max(20)
          .optional()
          .describe("Rounds of tool calls in one answer. Default: 3."),
      })
      .optional()
      .describe("On the website, by text and by voice."),
  })
  .describe("What is different on one channel; others than `webrtc` have no effect here.");

export const timeToolSchema = z
  .looseObject({
    default_timezone: z
      .string()
      .max(100)
      .refine(isTimeZone, "must be an IANA time zone, as Europe/Berlin")
      .optional()
      .describe("IANA time zone when the model names none. Default: UTC."),
  })
  .describe("Present: the model may ask for the time (`get_current_time`).");

export const webPageToolSchema = z
  .looseObject({
    domains: z
      .array(
        z
          .string()
          .max(253)
          .regex(/^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u, "must be a host name, as docs.example.com")
          .describe("A host name; its subdomains are hosts of their own."),
      )
      .max(100)
      .describe("The hosts whose pages may be read, redirects included."),
  })
  .describe("Present: the model may read pages of these hosts (`retrieve_webpage`).");

/** Names alone: an offset knows no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
