import { basename } from "node:path";
import { expect, test } from "vitest";
import { SOURCE_FILES } from "./source-files.js";

/** One thing that two rooms have a side of each, by the name that both call it. */
const SAME_THING: Readonly<Record<string, string>> = {
  CATALOGUE: "the words of each language",
  Job: "what the platform hands out and what the worker takes",
  ToolCall: "a turn's, as the worker reports it and as GraphQL answers it",
  TurnLatency: "the same of what it took",
  HostPage: "as the panel tells it and as the worker learns of it",
  Brand: "as it is read from a website and as GraphQL answers it",
  PublicWidget: "as the platform answers it and as the panel reads it",
  Conversation: "the platform's, and the one that this panel is in",
  "main.ts": "where a program begins",
  "main.tsx": "where a program of a browser begins",
  "en.ts": "the panel's words and the console's, in English",
  "de.ts": "the panel's words and the console's, in German",
  "css.d.ts": "what a style sheet is to the compiler, in each program of a browser",
  "agent-config.ts": "the shape, and the platform's check of it",
  "widget-config.ts": "the shape, and the platform's check of it",
  "identity-token.ts": "the check, and the panel's look at its times",
};

/** The names that stand in several places, each with its places. */
function inSeveral(named: readonly (readonly [name: string, path: string])[]): string[] {
  const places = new Map<string, Set<string>>();
  for (const [name, path] of named) {
    places.set(name, (places.get(name) ?? new Set()).add(path));
  }
  return [...places].filter(([, paths]) => paths.size > 1).map(([name]) => name);
}

const exported = SOURCE_FILES.flatMap(({ path, text }) =>
  [
    ...text.matchAll(
      /^export (?:default )?(?:abstract )?(?:async )?(?:const|function|class|interface|type) (\w+)/gm,
    ),
  ].map(([, name = ""]) => [name, path] as const),
);
const files = SOURCE_FILES.map(({ path }) => [basename(path), path] as const);
const several = [...inSeveral(exported), ...inSeveral(files)];

test("a name, exported or of a file, stands for one thing", () => {
  expect(exported.length).toBeGreaterThan(500);
  expect(several.filter((name) => !Object.hasOwn(SAME_THING, name))).toEqual([]);
});

test("the list of names for one thing in two rooms has no other", () => {
  expect(Object.keys(SAME_THING).filter((name) => !several.includes(name))).toEqual([]);
});
