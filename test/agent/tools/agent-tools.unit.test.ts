import { llm } from "@livekit/agents";
import { afterEach, describe, expect, test } from "vitest";
import { agentTools } from "../../../src/agent/tools/agent-tools.js";
import { currentTime } from "../../../src/agent/tools/current-time.js";
import { pageText } from "../../../src/agent/tools/page-text.js";
import { SafeFetcher } from "../../../src/process/web/safe-fetch.js";
import type { AgentConfig } from "../../../src/protocol/agent-config.js";
import type { ToolCall } from "../../../src/protocol/worker-api.js";
import { serveSite, type LocalSite, type Routes } from "../../support/local-site.js";

const sites: LocalSite[] = [];

afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()));
});

type BuiltIn = NonNullable<AgentConfig["built_in_tools"]>;

/** The tools of a version, and what was noted of their calls. */
function toolsOf(builtIn: BuiltIn, fetcher = new SafeFetcher({ userAgent: "ParleyTest/1.0" })) {
  const records: ToolCall[] = [];
  const entries = agentTools({
    config: { built_in_tools: builtIn },
    panel: { tools: new Map(), call: async () => ({ shown: false }) },
    fetcher,
    record: (_text, call) => records.push(call),
  });
  const { functionTools } = new llm.ToolContext(entries);
  const call = async (name: string, args: object): Promise<unknown> => {
    const options = { abortSignal: new AbortController().signal, toolCallId: "1" };
    return functionTools[name]?.execute(args as never, options as never);
  };
  return { names: Object.keys(functionTools), call, records };
}

test("a tool is there when its key is", () => {
  expect(toolsOf({}).names).toEqual([]);
  expect(
    toolsOf({ time_tool: {}, retrieve_webpage: { domains: ["a.example.com"] } }).names,
  ).toEqual(["get_current_time", "retrieve_webpage"]);
});

describe("get_current_time", () => {
  const at = new Date("2026-07-01T22:30:00Z");
  const tell = async (stored: Parameters<typeof currentTime>[0], args: object) =>
    (await currentTime(stored, () => at).run(args, new AbortController().signal)).result;

  test("tells the time in the zone that is named, else in the version's, else in UTC", async () => {
    expect(await tell({ default_timezone: "Europe/Berlin" }, {})).toEqual({
      timezone: "Europe/Berlin",
      local: "Thursday, 2 July 2026 at 00:30:00 CEST",
      utc: "2026-07-01T22:30:00.000Z",
    });
    expect(await tell({ default_timezone: "Europe/Berlin" }, { timezone: "UTC" })).toMatchObject({
      local: "Wednesday, 1 July 2026 at 22:30:00 UTC",
    });
    expect(await tell({}, {})).toMatchObject({ timezone: "UTC" });
    expect(await tell({ default_timezone: "Mars/Base" }, {})).toMatchObject({ timezone: "UTC" });
  });

  test.each(["Mars/Base", "+02:00", "", "'; DROP TABLE", "../../etc/passwd"])(
    "refuses %j in words, and the transcript has it",
    async (timezone) => {
      const { call, records } = toolsOf({ time_tool: {} });
      await expect(call("get_current_time", { timezone })).rejects.toThrow(/no such time zone/);
      expect(records).toMatchObject([{ name: "get_current_time", arguments: { timezone } }]);
      expect(records[0]?.error).toMatch(/no such time zone/);
    },
  );

  test.each([{ timezone: 5 }, { timezone: "x".repeat(101) }, { timezone: null }])(
    "refuses what does not fit its schema: %j",
    async (args) => {
      const { call } = toolsOf({ time_tool: {} });
      await expect(call("get_current_time", args)).rejects.toBeInstanceOf(llm.ToolError);
    },
  );
});

describe("retrieve_webpage", () => {
  const HOME = "https://shop.example.com/";
  const redirectTo: (to: string) => Routes[string] = (to) => (_request, response) => {
    response.writeHead(302, { Location: to }).end();
  };

  async function reader(routes: Routes, domains = ["shop.example.com"]) {
    const site = await serveSite(routes);
    sites.push(site);
    return { site, ...toolsOf({ retrieve_webpage: { domains } }, new SafeFetcher(site.options())) };
  }

  test("gives the words of a page as data, and the transcript where they are from", async () => {
    const body = "<title>Hats &amp; caps</title><body><h1>Hats</h1><p>Red <b>and</b> blue</p>";
    const { call, records } = await reader({ "/": { body } });
    expect(await call("retrieve_webpage", { url: HOME })).toEqual({
      url: HOME,
      title: "Hats & caps",
      characters: 17,
      text: "Hats\nRed and blue",
    });
    expect(records).toMatchObject([
      { name: "retrieve_webpage", result: { url: HOME, characters: 17 }, error: null },
    ]);
    expect(JSON.stringify(records)).not.toContain("Red and blue");
  });

  test("is bounded", async () => {
    const { call } = await reader({ "/": { body: `<p>${"word ".repeat(10_000)}` } });
    const { text, cut } = (await call("retrieve_webpage", { url: HOME })) as Record<
      string,
      unknown
    >;
    expect(String(text)).toHaveLength(12_000);
    expect(cut).toBe(true);
  });

  test.each([
    ["another host", "https://www.shop.example.com/"],
    ["a host that ends like it", "https://evil-shop.example.com/"],
    ["a name before the host", "https://shop.example.com@evil.example.com/"],
    ["credentials", "https://a:b@shop.example.com/"],
    ["a backslash", "https://evil.example.com\\@shop.example.com/"],
    ["an inside address", "http://127.0.0.1/"],
    ["an address of machine metadata", "http://169.254.169.254/latest/meta-data/"],
    ["a number for a host", "http://2130706433/"],
    ["another port", "https://shop.example.com:8443/"],
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:fetch('/')"],
    ["letters that look like it", "https://shοp.example.com/"],
    ["no address", "shop"],
  ])("asks nobody for %s", async (_what, url) => {
    const { call, site } = await reader({ "/": { body: "secret" } });
    await expect(call("retrieve_webpage", { url })).rejects.toThrow(
      "This page cannot be read. Only pages of these hosts can: shop.example.com.",
    );
    expect(site.requests).toEqual([]);
  });

  test.each([
    "https://cdn.example.net/",
    "http://127.0.0.1/",
    "http://[::ffff:127.0.0.1]/",
    "//169.254.169.254/",
    "file:///etc/passwd",
  ])("does not follow a redirect to %s", async (to) => {
    const { call, site } = await reader({ "/": redirectTo(to) });
    await expect(call("retrieve_webpage", { url: HOME })).rejects.toThrow(/cannot be read/);
    expect(site.requests.map(({ host }) => host)).toEqual(["shop.example.com"]);
  });

  test("a listed host that leads inside is not asked", async () => {
    const site = await serveSite({ "/": { body: "secret" } });
    sites.push(site);
    const { testing } = site.options();
    const options = { userAgent: "ParleyTest/1.0", testing: { ...testing, allow: () => false } };
    const fetcher = new SafeFetcher(options);
    const { call } = toolsOf({ retrieve_webpage: { domains: ["shop.example.com"] } }, fetcher);
    await expect(call("retrieve_webpage", { url: HOME })).rejects.toThrow(/cannot be read/);
    expect(site.requests).toEqual([]);
  });

  test("a host is listed in any spelling of its name", async () => {
    const { call } = await reader({ "/": { body: "hello" } }, ["Shop.Example.COM"]);
    expect(await call("retrieve_webpage", { url: HOME })).toMatchObject({ text: "hello" });
  });

  test.each([
    ["a picture", { "/": { type: "image/png", body: "x" } }, /no text/],
    ["a page that is not there", {}, /answered 404/],
  ])("says in words why there is nothing: %s", async (_what, routes, words) => {
    const { call } = await reader(routes);
    await expect(call("retrieve_webpage", { url: HOME })).rejects.toThrow(words);
  });

  test("arguments that do not fit act on nothing", async () => {
    const { call, site } = await reader({ "/": { body: "hello" } });
    for (const args of [{}, { url: 1 }, { url: [HOME] }, { url: `${HOME}${"x".repeat(3000)}` }])
      await expect(call("retrieve_webpage", args)).rejects.toBeInstanceOf(llm.ToolError);
    expect(site.requests).toEqual([]);
  });
});

describe("the words of a page", () => {
  test("are those that a reader sees, a line for each block", () => {
    const html =
      "<head><title>T</title><style>p{}</style></head><body><script>alert(1)</script>" +
      "<nav><ul><li>One<li>Two</ul></nav><div hidden>unseen</div><p>Three<br>Four</p>" +
      "<template><p>unseen</p></template><svg><title>unseen</title></svg>Five";
    expect(pageText(html)).toEqual({ title: "T", text: "One\nTwo\nThree\nFour\nFive" });
  });

  test("come out of broken and of endless markup, too", () => {
    expect(pageText("<p>a<script>b")).toEqual({ title: "", text: "a" });
    expect(pageText(`${"<div>".repeat(100_000)}deep`).text).not.toContain("deep");
    expect(pageText("")).toEqual({ title: "", text: "" });
  });
});
