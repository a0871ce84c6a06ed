import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { agentConfigSchema } from "../../src/protocol/agent-config.js";
import { widgetConfigV1Schema } from "../../src/protocol/widget-config.js";
import { configKeys, type ConfigKey } from "../support/config-keys.js";
import { ROOT, SOURCE_FILES } from "./source-files.js";

/** A config, and how programs read it. */
interface ConfigDocument {
  readonly schema: z.ZodType;
  /** The folders of its readers. */
  readonly readers: RegExp;
  /**
   * How the code reads the keys (`*`) of an object, by where the object stands; else by its name, as in `trigger.size`.
   * A name that others use too would comfort falsely.
   */
  readonly readAs: Readonly<Record<string, string>>;
  /** Keys that no program reads, with the reason. */
  readonly unread: Readonly<Record<string, string>>;
}

const DETECTOR = "one local detector finds the end of a turn, whatever is named";
const SURFACE = 'readColours(v1, isDark, "*")';

const CONFIGS: Readonly<Record<string, ConfigDocument>> = {
  "config.v1 of a widget": {
    schema: widgetConfigV1Schema,
    readers: /^src\/(widget|platform)\//,
    readAs: {
      "": "v1.*",
      "chat.light_mode": "palette.*",
      "chat.light_mode.background_color": SURFACE,
      "chat.light_mode.text_color": SURFACE,
      "chat.dark_mode": "palette.*",
      "chat.dark_mode.background_color": SURFACE,
      "chat.dark_mode.text_color": SURFACE,
      "quick_actions[]": "quickAction.*",
      pre_conversation_form: "form.*",
      post_conversation_feedback: "feedback.*",
    },
    unread: {},
  },
  "an agent version's config": {
    schema: agentConfigSchema,
    // Whoever says that a key has no effect does not read it.
    readers: /^src\/(agent|platform|widget)\/(?!agents\/config-warnings)/,
    readAs: {
      "": "config.*",
      starting_message: "startingMessage.*",
      inactivity_nudge: "inactivityNudge.*",
      "inactivity_nudge.nudges[]": "nudge.*",
      "channel_overrides.webrtc.starting_message": "startingMessage.*",
      "built_in_tools.time_tool": "timeTool.*",
      "built_in_tools.retrieve_webpage": "webPageTool.*",
      "quick_actions[]": "quickAction.*",
      "built_in_tools.forms[]": "form.*",
      "faq[]": "entry.*",
      "turn_detection.models[].model": "detector.*",
    },
    unread: {
      turn_detection: DETECTOR,
      "turn_detection.models": DETECTOR,
      "turn_detection.models[].provider": DETECTOR,
      "turn_detection.models[].model": DETECTOR,
      "turn_detection.models[].model.name": DETECTOR,
    },
  },
};

describe.each(Object.entries(CONFIGS))("each key of %s", (_name, config) => {
  const keys = configKeys(config.schema);

  test("has a description, also one that is added tomorrow", () => {
    expect(keys.length).toBeGreaterThan(25);
    expect(keys.filter(({ description }) => !description).map(({ path }) => path)).toEqual([]);
    const bare = configKeys(z.object({ trigger: z.looseObject({ glow: z.boolean().optional() }) }));
    expect(bare.map(({ path, description }) => [path, description])).toEqual([
      ["trigger", undefined],
      ["trigger.glow", undefined],
    ]);
  });

  test("has a reader in some program, or a reason why it has none", () => {
    const unread = keys.filter((key) => !isRead(key, config)).map(({ path }) => path);
    expect(unread).toEqual(Object.keys(config.unread));
  });

  test("is not taken for read because another object's is", () => {
    const objects = new Set(keys.map(({ parent }) => parent).filter((path) => !isField(path)));
    const invented = [...objects].flatMap((parent) =>
      ["glow", "title", "tone", "locale"]
        .filter((key) => !keys.some((one) => one.parent === parent && one.key === key))
        .map((key): ConfigKey => {
          const path = `${parent}.${key}`;
          return { parent, key, path, description: "", isObject: false };
        }),
    );
    expect(invented.length).toBeGreaterThan(15);
    expect(invented.filter((key) => isRead(key, config)).map(({ path }) => path)).toEqual([]);
  });
});

/** The fields of a form have a type that names each key, so that a reader without one does not compile. */
function isField(parent: string): boolean {
  return /(^|\.)fields\[\]/.test(parent);
}

function isRead({ parent, key }: ConfigKey, { readers, readAs }: ConfigDocument): boolean {
  if (isField(parent)) return true;
  const pattern = readAs[parent] ?? `${parent.split(".").at(-1)}.*`;
  const holder = pattern.endsWith(".*") ? pattern.slice(0, -2) : undefined;
  const text = pattern.replace("*", key).replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const ways =
    holder === undefined
      ? [text]
      : [
          String.raw`\b${text}\b`,
          String.raw`\b${holder}\["${key}"\]`,
          String.raw`\{[^{}]*\b${key}\b[^{}]*\} = [\w.]*\b${holder}\b`,
          // A parameter of the type that the whole has before it is read.
          ...(parent === "" ? [String.raw`\{ ${key} \}: UnreadConfig\b`] : []),
        ];
  return CODE.some(
    ({ path, code }) => readers.test(path) && ways.some((way) => new RegExp(way).test(code)),
  );
}

/** Programs without comments, and without what stands between a name and its key: `config?.faq`, `(config).faq`. */
const CODE = SOURCE_FILES.filter(({ path }) => /^src\/(agent|widget|platform)\//.test(path)).map(
  ({ path, text }) => ({
    path,
    code: text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "").replace(/\)*\??\.(?=[a-z_])/g, "."),
  }),
);

describe("the contract names each key", () => {
  const contract = readFileSync(join(ROOT, "src/protocol/contract.md"), "utf8");
  const between = (start: string, end: string): string =>
    contract.slice(contract.indexOf(start), contract.indexOf(end));
  const words = (text: string): string[] =>
    [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code = ""]) => code.split(/[^A-Za-z\d_]+/));

  const table = between("### config.v1", "## 5.").split("\n");
  const rows = table.filter((line) => line.startsWith("|"));
  const formLine = table.find((line) => line.startsWith("FormDefinition")) ?? "";

  const isInTable = ({ path, key }: ConfigKey): boolean => {
    if (/(form|fields\[\].*)\.\w+$/.test(path)) return words(formLine).includes(key);
    const [top = ""] = path.split(/[.[]/);
    const about = rows.filter((row) => words(row.split("|")[1] ?? "").includes(top));
    return about.some((row) => words(row).includes(key));
  };

  test("of config.v1 in its table", () => {
    const keys = configKeys(widgetConfigV1Schema);
    expect(keys.filter((key) => !isInTable(key)).map(({ path }) => path)).toEqual([]);
    for (const path of ["trigger.title", "chat.size", "glow"]) {
      const key = path.split(".").at(-1) ?? "";
      expect(isInTable({ path, key, parent: "", description: "", isObject: false }), path).toBe(
        false,
      );
    }
  });

  test("of an agent version's config in section 7", () => {
    const known = words(`${between("## 7.", "## 8.")}${formLine}`);
    const keys = configKeys(agentConfigSchema);
    expect(keys.filter(({ key }) => !known.includes(key)).map(({ path }) => path)).toEqual([]);
  });
});
