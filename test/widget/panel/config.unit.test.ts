import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  openV1,
  readPanelConfig,
  readQuestions,
  readQuickActions,
} from "../../../src/widget/read-config.js";
import { z } from "zod";
import { widgetConfigV1Schema } from "../../../src/protocol/widget-config.js";
import { readTrigger } from "../../../src/widget/loader/trigger.js";
import { isDarkTheme, readColours } from "../../../src/widget/palette.js";
import { explainMicrophone } from "../../../src/widget/panel/microphone-problem.js";

const PLACE = "--x:min(20px,50vw - var(--s)/2);--y:min(20px,50vh - var(--s)/2)";
let others: string[];

beforeEach(() => {
  others = [];
  vi.stubGlobal("document", {
    querySelectorAll: (selector: string) => others.filter((other) => other === selector),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a widget without any config", () => {
  it("has a round launcher of 56 pixels at the bottom right, follows the system, and asks nothing", () => {
    const v1 = openV1({});
    expect(readTrigger(v1)).toEqual({
      side: "right",
      css: expect.stringContaining(`--z:2147483000;--s:56px;--p:13px;--r:56px;${PLACE}`),
      label: "",
      iconUrl: undefined,
    });
    expect(isDarkTheme(v1, true)).toBe(true);
    expect(isDarkTheme(v1, false)).toBe(false);
    expect(readQuestions(v1.suggested_questions)).toEqual([]);
    expect(readColours(v1, false, "user_message")).toEqual({
      background: "#202226",
      text: undefined,
    });
  });

  it("begins in writing, on the visitor's word, and remembers its form", () => {
    expect(readPanelConfig({})).toEqual({
      default_mode: "text",
      start_conversation_on_toggle: false,
      pre_conversation_show_once: true,
      ai_notice: { enabled: true },
      consent: { required: false },
      chat: { avatar_shape: "circle" },
    });
  });

  it("is read from anything that is no config, and each key from anything that does not fit it", () => {
    for (const nothing of [undefined, null, [], "x", { v1: null }, { v1: [] }]) {
      expect(openV1(nothing)).toEqual({});
    }
    const before = { colours: readColours({}, true, "user_message"), trigger: readTrigger({}) };
    for (const odd of [null, 7, "", " ", [], { title: 7 }, { light_mode: null }, { size: "7" }]) {
      const v1 = openV1({ v1: { chat: odd, trigger: odd, theme: odd, default_mode: odd } });
      expect(readTrigger(v1)).toEqual(before.trigger);
      expect(readColours(v1, true, "user_message")).toEqual(before.colours);
      expect(isDarkTheme(v1, true)).toBe(true);
      const { chat, default_mode } = readPanelConfig(v1);
      expect([chat.title, chat.avatar_shape, default_mode]).toEqual([undefined, "circle", "text"]);
    }
  });

  it("looks as one that spells out the defaults of the schema", () => {
    const trigger = defaultsOf(widgetConfigV1Schema.shape.trigger.unwrap());
    const theme = widgetConfigV1Schema.shape.theme.def.defaultValue;
    expect(Object.keys(trigger).length).toBeGreaterThan(4);
    expect(readTrigger(openV1({ v1: { trigger } }))).toEqual(readTrigger({}));
    for (const prefersDark of [true, false])
      expect(isDarkTheme({ theme }, prefersDark)).toBe(isDarkTheme({}, prefersDark));
  });
});

/** What an absent key of the object means, where the schema says so. */
function defaultsOf({ shape }: { shape: Record<string, object> }): Record<string, unknown> {
  const defaulted = Object.entries(shape).flatMap(([key, inner]) =>
    inner instanceof z.ZodDefault ? [[key, inner.def.defaultValue] as const] : [],
  );
  return Object.fromEntries(defaulted);
}

describe("config.v1", () => {
  it("shapes and places the launcher", () => {
    const trigger = {
      shape: "square",
      size: 48,
      position: "bottom-left",
      offset_x: 8,
      z_index: 5,
      label: "Ask",
    };
    expect(readTrigger({ trigger })).toMatchObject({
      side: "left",
      label: "Ask",
      css: expect.stringContaining(
        `--z:5;--s:48px;--p:11px;--r:14px;${PLACE.replace("20px", "8px")}`,
      ),
    });
  });

  it("puts a launcher above those of its own corner, unless it says where it stands", () => {
    others = ["parley-widget[right]", "parley-widget[left]"];
    expect(readTrigger({}).css).toContain("--y:min(90px,");
    expect(readTrigger({ trigger: { offset_y: 30 } }).css).toContain("--y:min(30px,");
  });

  it("leaves an icon visible whatever the padding", () => {
    expect(readTrigger({ trigger: { size: 40, padding: 500 } }).css).toContain("--p:13px");
  });

  it("cannot put anything but numbers into the style", () => {
    const trigger = { size: "1px;} body{display:none", offset_x: "9", padding: null };
    expect(readTrigger({ trigger }).css).toBe(readTrigger({}).css);
  });

  it("fixes the theme", () => {
    expect(isDarkTheme({ theme: "dark" }, false)).toBe(true);
    expect(isDarkTheme({ theme: "light" }, true)).toBe(false);
  });

  it("colours messages and controls apart, light and dark apart", () => {
    const chat = {
      light_mode: {
        background_color: { user_message: "#0a0" },
        text_color: { user_message: "#fff" },
      },
      dark_mode: { background_color: { controls_button: "hsl(200 50% 50%)" } },
    };
    expect(readColours({ chat }, false, "user_message")).toEqual({
      background: "#0a0",
      text: "#fff",
    });
    expect(readColours({ chat }, true, "user_message")).toEqual({
      background: "#ececee",
      text: undefined,
    });
    expect(readColours({ chat }, true, "controls_button").background).toBe("hsl(200 50% 50%)");
  });

  it("holds at most eight questions and quick actions", () => {
    const many = Array.from({ length: 12 }, (_, index) => `Question ${index}`);
    expect(readQuestions([...many, 7, ""])).toHaveLength(8);
    const actions = many.map((label) => ({ id: label, label, message: label }));
    expect(readQuickActions(actions)).toHaveLength(8);
    expect(readQuickActions([{ label: "Only a label" }, { id: "x" }, null])).toEqual([
      { id: "0", label: "Only a label", message: "Only a label" },
    ]);
  });
});

describe("a microphone that does not open", () => {
  const fine = { isSecure: true, hasMediaDevices: true, isAllowedByPage: true };
  const error = (name: string): Error => Object.assign(new Error(name), { name });

  it("is told apart: denied, missing, busy, forbidden by the page, insecure", () => {
    expect(explainMicrophone(error("NotAllowedError"), fine)).toBe("denied");
    expect(explainMicrophone(error("NotFoundError"), fine)).toBe("missing");
    expect(explainMicrophone(error("NotReadableError"), fine)).toBe("busy");
    expect(explainMicrophone(error("NotAllowedError"), { ...fine, isAllowedByPage: false })).toBe(
      "forbidden_by_page",
    );
    expect(explainMicrophone(error("TypeError"), { ...fine, hasMediaDevices: false })).toBe(
      "insecure",
    );
    expect(explainMicrophone("odd", fine)).toBe("unknown");
    expect(
      explainMicrophone(error("NotAllowedError"), { ...fine, isAllowedByPage: undefined }),
    ).toBe("denied");
  });
});
