import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { widgetConfigV1Schema } from "../../src/protocol/widget-config.js";
import { configKeys } from "../support/config-keys.js";
import { KEY_PICTURES } from "../widget/gallery/key-pictures.js";
import { ROOT } from "./source-files.js";

/** The page that tells owners what each key of `config.v1` does. */
const PAGE = readFileSync(join(ROOT, ".github/WIDGET-KEYS.md"), "utf8");
const PICTURES = join(ROOT, ".github/pictures");
const MOST_PICTURES = 20;
const MOST_BYTES = 600_000;

/** What the page says once of things that are made alike. */
const ALIKE: readonly [RegExp, string][] = [
  [/^chat\.(light|dark)_mode\.(?=.)/, ""],
  [/^(pre_conversation_form|post_conversation_feedback\.form)\.(?=.)/, "form."],
  [/^(form|post_conversation_feedback)\.fields\[\]\./, "fields[]."],
];

interface Row {
  readonly key: string;
  readonly default: string;
}

const KEYS = configKeys(widgetConfigV1Schema);
const ROWS: readonly Row[] = [...PAGE.matchAll(/^\| `([^`]+)` *\| ([^|]*?) *\|/gm)].map(
  ([, key = "", value = ""]) => ({ key, default: value }),
);
const SHOWN = [...PAGE.matchAll(/!\[[^\]]+\]\(pictures\/([^)]+)\)/g)].map(([, name]) => name);

function onPage(path: string): string {
  return ALIKE.reduce((text, [pattern, short]) => text.replace(pattern, short), path);
}

describe("the page of a widget's keys", () => {
  test("has a row for each key, and for no other", () => {
    const named = new Set(ROWS.map(({ key }) => key));
    const known = new Set(KEYS.map(({ path }) => onPage(path)));
    expect(known.size).toBeGreaterThan(50);
    expect([...known].filter((key) => !named.has(key))).toEqual([]);
    expect([...named].filter((key) => !known.has(key))).toEqual([]);
    expect(named.size).toBe(ROWS.length);
    expect(onPage("pre_conversation_form.fields[].options[].glow")).toBe("fields[].options[].glow");
    expect(named.has("trigger.glow")).toBe(false);
  });

  test("says of each key what it is by itself", () => {
    const wrong = KEYS.flatMap(({ path, default: value }) => {
      const row = ROWS.find(({ key }) => key === onPage(path));
      const right = value === undefined ? "–" : `\`${String(value)}\``;
      return row?.default === right ? [] : [`${path}: ${right}`];
    });
    expect(wrong).toEqual([]);
  });

  test("has a picture for each of its parts, few and small", () => {
    const parts = PAGE.split(/^## /m).slice(1);
    expect(parts.filter((part) => !part.includes("](pictures/"))).toEqual([]);
    const files = readdirSync(PICTURES);
    expect(files.toSorted()).toEqual(KEY_PICTURES.map(({ name }) => `${name}.png`).toSorted());
    expect(SHOWN.toSorted()).toEqual(files.toSorted());
    expect(files.length).toBeLessThanOrEqual(MOST_PICTURES);
    const bytes = files.reduce((sum, file) => sum + statSync(join(PICTURES, file)).size, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });
});
