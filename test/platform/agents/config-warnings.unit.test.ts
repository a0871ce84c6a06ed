import { describe, expect, test } from "vitest";
import { warningsOf } from "../../../src/platform/agents/config-warnings.js";
import { agentConfigSchema } from "../../../src/protocol/agent-config.js";

const ENDPOINT = { baseUrl: "http://models.test/v1", apiKey: undefined, model: "small" };
const WRITES = { names: ["small"], voices: [], speech: undefined } as const;
const SPEAKS = {
  ...WRITES,
  voices: ["alloy"],
  speech: { stt: ENDPOINT, tts: { ...ENDPOINT, voice: "alloy" } },
} as const;
/** The operators there are: with a model that writes, with speech too, with none. */
const OPERATORS = { none: undefined, writes: WRITES, speaks: SPEAKS } as const;
type Operator = keyof typeof OPERATORS;

const DYNAMIC = { type: "bot_initiates_dynamic", prompt: "Greet." };
const STATIC = { type: "bot_initiates_static", text: "Hello!" };
const ALL: readonly Operator[] = ["none", "writes", "speaks"];
const NOBODY: readonly Operator[] = [];

/** A config, what is said of it and where, and at whose operators. */
const ROWS: readonly (readonly [
  config: object,
  code: string,
  path: string,
  at: readonly Operator[],
])[] = [
  [{ instructions: "Be brief." }, "NEEDS_MODEL", "instructions", ["none"]],
  [{ starting_message: DYNAMIC }, "NEEDS_MODEL", "starting_message", ["none"]],
  [{ starting_message: STATIC }, "NEEDS_MODEL", "starting_message", NOBODY],
  [{ model: { temperature: 1 } }, "NEEDS_MODEL", "model", ["none"]],
  [{ model: { name: "gone" } }, "MODEL_NOT_OFFERED", "model.name", ["writes", "speaks"]],
  [{ model: { name: "small" } }, "MODEL_NOT_OFFERED", "model.name", NOBODY],
  [{ voice: { speed: 2 } }, "NEEDS_SPEECH", "voice", ["writes"]],
  [{ voice: { speed: 2 } }, "NEEDS_MODEL", "voice", ["none"]],
  [
    { inactivity_nudge: { nudges: [STATIC, DYNAMIC] } },
    "NEEDS_MODEL",
    "inactivity_nudge.nudges.1",
    ["none"],
  ],
  [{ voice: { name: "gone" } }, "VOICE_NOT_OFFERED", "voice.name", ["speaks"]],
  [{ vision: { video_input: true } }, "NEEDS_MODEL", "vision.video_input", ["none"]],
  [{ vision: { screen_share: true } }, "NEEDS_MODEL", "vision.screen_share", ["none"]],
  [{ vision: { video_input: false } }, "NEEDS_MODEL", "vision.video_input", NOBODY],
  [{ quick_actions: [] }, "UNKNOWN_KEY", "quick_actions", NOBODY],
  [
    { turn_detection: { models: [{ provider: "livekit" }, { provider: "acme" }] } },
    "TURN_DETECTION_UNSUPPORTED",
    "turn_detection.models.1",
    ALL,
  ],
  [
    { turn_detection: { models: [{ provider: "livekit" }] } },
    "TURN_DETECTION_UNSUPPORTED",
    "turn_detection.models.0",
    NOBODY,
  ],
  [{ turn_detection: { models: [] } }, "NEEDS_SPEECH", "turn_detection", ["writes"]],
  [{ interruption: { enabled: false } }, "NEEDS_SPEECH", "interruption", ["writes"]],
  [{ endpointing: { mode: "fixed" } }, "NEEDS_SPEECH", "endpointing", ["writes"]],
  [{ inactivity_nudge: { timeout_seconds: 9 } }, "NEEDS_SPEECH", "inactivity_nudge", ["writes"]],
  [
    { channel_overrides: { webrtc: { instructions: "x" } } },
    "NEEDS_MODEL",
    "channel_overrides.webrtc.instructions",
    ["none"],
  ],
  [
    { channel_overrides: { webrtc: { max_tool_steps: 2 } } },
    "NEEDS_MODEL",
    "channel_overrides.webrtc.max_tool_steps",
    ["none"],
  ],
  [
    { channel_overrides: { webrtc: { starting_message: DYNAMIC } } },
    "NEEDS_MODEL",
    "channel_overrides.webrtc.starting_message",
    ["none"],
  ],
  [
    { channel_overrides: { telephone: {} } },
    "CHANNEL_UNSUPPORTED",
    "channel_overrides.telephone",
    ALL,
  ],
  [{ built_in_tools: { web_search: {} } }, "TOOL_UNSUPPORTED", "built_in_tools.web_search", ALL],
  [
    { built_in_tools: { continue_on_phone: {} } },
    "TOOL_UNSUPPORTED",
    "built_in_tools.continue_on_phone",
    ALL,
  ],
  [{ built_in_tools: { toString: {} } }, "TOOL_UNSUPPORTED", "built_in_tools.toString", ALL],
  [{ built_in_tools: { time_tool: {} } }, "NEEDS_MODEL", "built_in_tools.time_tool", ["none"]],
  [
    { built_in_tools: { retrieve_webpage: { domains: ["a.example"] } } },
    "NEEDS_MODEL",
    "built_in_tools.retrieve_webpage",
    ["none"],
  ],
  [{ built_in_tools: { widgets: {}, forms: [] } }, "TOOL_UNSUPPORTED", "built_in_tools", NOBODY],
  [{ faq: [{ question: "?", answer: "!" }] }, "UNKNOWN_KEY", "faq", NOBODY],
  [{ tools: [] }, "CUSTOM_TOOLS_UNSUPPORTED", "tools", ALL],
  [{ workflow: {} }, "WORKFLOW_UNSUPPORTED", "workflow", ALL],
  [{ workflows: [] }, "WORKFLOW_UNSUPPORTED", "workflows", ALL],
  [{ web_search: true }, "TOOL_UNSUPPORTED", "web_search", ALL],
  [{ continue_on_phone: {} }, "TOOL_UNSUPPORTED", "continue_on_phone", ALL],
  [{ instruction: "a typo" }, "UNKNOWN_KEY", "instruction", ALL],
  [{ constructor: 1 }, "UNKNOWN_KEY", "constructor", ALL],
];

describe("what has no effect here is named, at whose operators it has none", () => {
  for (const [config, code, path, at] of ROWS) {
    test(`${JSON.stringify(config)}: ${code}`, () => {
      for (const operator of ALL) {
        const found = warningsOf(config, OPERATORS[operator]).map((one) => [one.code, one.path]);
        const expected = [code, `config.${path}`];
        if (at.includes(operator)) expect(found, operator).toContainEqual(expected);
        else expect(found, operator).not.toContainEqual(expected);
      }
    });
  }
});

test("each key that is known has a row", () => {
  const named = new Set(ROWS.flatMap(([config]) => Object.keys(config)));
  expect(Object.keys(agentConfigSchema.shape).filter((key) => !named.has(key))).toEqual([]);
});

test("nothing is said of answers that the owner has given: the demo and a model both know them", () => {
  const config = { faq: [{ question: "?", answer: "!" }] };
  for (const operator of ALL) expect(warningsOf(config, OPERATORS[operator])).toEqual([]);
});

test("nothing is said of what is null, empty or no object", () => {
  for (const config of [null, undefined, "x", [], {}, { instructions: null, tools: null }]) {
    expect(warningsOf(config, undefined)).toEqual([]);
  }
  expect(
    warningsOf({ built_in_tools: 3, channel_overrides: [], turn_detection: 1 }, SPEAKS),
  ).toEqual([]);
});

test("each has one sentence, and there are at most fifty", () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, 1]));
  const found = warningsOf(many, undefined);
  expect(found).toHaveLength(50);
  for (const { message } of found) expect(message).toMatch(/^[A-Z].*\.$/);
});
