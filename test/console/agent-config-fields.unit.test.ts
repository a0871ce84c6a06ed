import { CombinedGraphQLErrors } from "@apollo/client";
import { describe, expect, test } from "vitest";
import { CARD_WORDS, CONFIG_SECTIONS } from "../../src/console/agents/config-fields.js";
import {
  isPlacedIn,
  notesAt,
  placesOfFields,
  refusedPlaces,
} from "../../src/console/agents/config-places.js";
import { offeredAt } from "../../src/console/agents/config-value.js";
import { warningNotes } from "../../src/console/agents/warning-words.js";
import { CATALOGUE } from "../../src/console/words/agents-en.js";
import { agentConfigJsonSchema } from "../../src/platform/agents/agent-config.js";
import { warningsOf } from "../../src/platform/agents/config-warnings.js";
import { agentConfigSchema, agentConfigSchemaOf } from "../../src/protocol/agent-config.js";
import { CARD_TYPES } from "../../src/protocol/cards.js";
import { configKeys } from "../support/config-keys.js";

const PLACES = CONFIG_SECTIONS.flatMap(({ fields }) => placesOfFields(fields));

describe("the editor of a version", () => {
  test("has a field for every key of a config, and no other", () => {
    const keys = configKeys(agentConfigSchema).map(({ path }) => path);
    expect(keys.length).toBeGreaterThan(60);
    const isShown = (key: string): boolean =>
      PLACES.includes(key) || PLACES.some((place) => place.startsWith(`${key}.`));
    expect(keys.filter((key) => !isShown(key))).toEqual([]);
    const known = new Set(keys.flatMap((key) => [key, `${key}[]`]));
    expect(PLACES.filter((place) => !known.has(place))).toEqual([]);
  });

  test("has a place for what has no effect, except for keys that nobody knows", () => {
    const config = {
      instructions: "Be kind.",
      starting_message: { type: "bot_initiates_dynamic", prompt: "Hello" },
      voice: { language: "de" },
      vision: { screen_share: true },
      turn_detection: { models: [{ provider: "another" }] },
      inactivity_nudge: { nudges: [{ type: "bot_initiates_dynamic", prompt: "Hm" }] },
      built_in_tools: { time_tool: {} },
    };
    const notes = warningNotes(warningsOf(config, undefined), CATALOGUE.agentWarnings);
    expect(notes.map(({ path }) => path).toSorted()).toEqual([
      "built_in_tools.time_tool",
      "inactivity_nudge.nudges.0",
      "instructions",
      "starting_message",
      "turn_detection.models.0",
      "vision.screen_share",
      "voice",
    ]);
    expect(notes.filter((note) => !isPlacedIn(PLACES, note))).toEqual([]);
    const [unknown] = warningNotes(warningsOf({ mine: 1 }, undefined), CATALOGUE.agentWarnings);
    expect(unknown).toEqual({ path: "mine", message: CATALOGUE.agentWarnings.unknownKey });
    expect(unknown && isPlacedIn(PLACES, unknown)).toBe(false);
  });

  test("says a warning that it does not know as the platform says it", () => {
    const warning = { __typename: "ConfigWarning", code: "NEW", path: "config.a", message: "Why." };
    expect(warningNotes([warning as never], CATALOGUE.agentWarnings)).toEqual([
      { path: "a", message: "Why." },
    ]);
  });

  test("shows each card, and what the operator offers", () => {
    expect(Object.keys(CARD_WORDS)).toEqual([...CARD_TYPES]);
    const rules = agentConfigSchemaOf({ names: ["one", "two"], voices: ["alloy"] });
    const schema = agentConfigJsonSchema(rules);
    expect(offeredAt(schema, "model.name")).toEqual(["one", "two"]);
    expect(offeredAt(schema, "voice.name")).toEqual(["alloy"]);
  });
});

test("what the server refused stands at its path in the config", () => {
  const refusal = (errors: unknown): CombinedGraphQLErrors =>
    new CombinedGraphQLErrors({
      errors: [{ message: "Wrong.", extensions: { code: "BAD_USER_INPUT", errors } }],
    });
  const toSay = ({ message }: { readonly message: string }): string => message;
  expect(
    refusedPlaces(
      refusal([
        { path: "input.config.faq.0.question", message: "Is needed." },
        { path: "input.version", message: "Is no version." },
      ]),
      toSay,
    ),
  ).toEqual([{ path: "faq.0.question", message: "Is needed." }]);
  expect(refusedPlaces(refusal(undefined), toSay)).toEqual([]);
  expect(refusedPlaces(new Error("offline"), toSay)).toEqual([]);
});

test("a field speaks for what is in it, a group for itself alone", () => {
  const notes = [
    { path: "voice", message: "one" },
    { path: "voice.name", message: "two" },
    { path: "voices", message: "three" },
  ];
  expect(notesAt(notes, "voice", true).map(({ message }) => message)).toEqual(["one", "two"]);
  expect(notesAt(notes, "voice", false).map(({ message }) => message)).toEqual(["one"]);
});
