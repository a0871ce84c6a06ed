import { CombinedGraphQLErrors } from "@apollo/client";
import { describe, expect, test, vi } from "vitest";
import { RouteError } from "../../src/console/api/console-routes.js";
import { explain } from "../../src/console/api/explain.js";
import { readRefused, sayRefusal } from "../../src/console/api/say-refusal.js";
import { loadSpeech } from "../../src/console/say.js";
import { CATALOGUE as GERMAN } from "../../src/console/words/de.js";
import { RULES } from "../../src/protocol/refusal.js";

/** The page's, which is not here. */
vi.mock("../../src/console/html-facts.js", () => ({ PUBLIC_PATH: "" }));

const german = await loadSpeech("de");

function withBounds(phrase: string): string {
  return phrase.replace("{min}", "2").replace("{max}", "3");
}

function refusal(code: string, errors?: unknown): CombinedGraphQLErrors {
  return new CombinedGraphQLErrors({
    errors: [{ message: "In English.", extensions: { code, errors } }],
  });
}

describe("a refused value", () => {
  test("has words for each rule that the server names", () => {
    const message = "In English.";
    for (const rule of RULES) {
      const said = sayRefusal({ message, rule, min: 2, max: 3 }, german);
      expect(Object.values(GERMAN.refusals).map(withBounds)).toContain(said);
    }
  });

  test("is told in the page's language, with its bounds as that writes numbers", () => {
    const message = "In English.";
    const said = (rule: string, bounds: { min?: number; max?: number } = {}): string =>
      sayRefusal({ message, rule, ...bounds }, german);
    expect(said("required")).toBe("Hier fehlt etwas.");
    expect(said("length", { min: 1, max: 200 })).toBe("Es müssen 1 bis 200 Zeichen sein.");
    expect(said("length", { max: 2000 })).toBe("Es dürfen höchstens 2.000 Zeichen sein.");
    expect(said("range", { min: 24 })).toBe("Der Wert muss mindestens 24 sein.");
    expect(said("bytes", { max: 65_536 })).toContain("65.536");
  });

  test("is told in English by a rule that is not known, or has no bounds, or none at all", () => {
    const message = "In English.";
    for (const rule of ["of_tomorrow", "toString", "length", undefined]) {
      const field = rule === undefined ? { message } : { message, rule };
      expect(sayRefusal(field, german)).toBe(message);
    }
  });

  test("is read with what fits of an answer", () => {
    expect(readRefused(undefined)).toEqual([]);
    expect(readRefused([{ path: "a", message: "b", rule: 1, min: "2", max: 3 }])).toEqual([
      { path: "a", message: "b", max: 3 },
    ]);
  });
});

describe("what did not work", () => {
  test("is told by the first rule, with where it stands", () => {
    const errors = [
      { path: "name", message: "Must be 1 to 200 characters.", rule: "length", min: 1, max: 200 },
      { path: "email", message: "Is no e-mail address.", rule: "email" },
    ];
    const sentence = "name: Es müssen 1 bis 200 Zeichen sein.";
    expect(explain(refusal("BAD_USER_INPUT", errors), german)).toBe(sentence);
    expect(explain(new RouteError(422, "In English.", errors), german)).toBe(sentence);
    const unnamed = [{ path: "", message: "Is odd.", rule: "type" }];
    expect(explain(refusal("BAD_USER_INPUT", unnamed), german)).toBe(GERMAN.refusals.type);
  });

  test("is told in the server's own words where there is no rule", () => {
    const errors = [{ path: "name", message: "Is odd." }];
    expect(explain(refusal("BAD_USER_INPUT", errors), german)).toBe("In English.");
    expect(explain(new RouteError(422, "In English.", errors), german)).toBe("In English.");
  });

  test("is told by its code, whatever the server says", () => {
    const { troubles } = GERMAN;
    expect(explain(refusal("FORBIDDEN"), german)).toBe(troubles.forbidden);
    expect(explain(refusal("RATE_LIMITED"), german)).toBe(troubles.tooMany);
    expect(explain(refusal("NOT_FOUND"), german)).toBe(troubles.gone);
    expect(explain(refusal("INTERNAL_SERVER_ERROR"), german)).toBe(troubles.unknown);
  });
});
