import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/platform/config.js";
import { previewOriginFor } from "../../../src/platform/input/console-places.js";

const SECRET = "s".repeat(32);
const PRODUCTION = {
  NODE_ENV: "production",
  PUBLIC_URL: "https://parley.example",
  LIVEKIT_URL: "wss://livekit.example",
  LIVEKIT_API_KEY: "APIkey12345",
  LIVEKIT_API_SECRET: SECRET,
  APP_SECRET: SECRET,
  AGENT_SECRET: SECRET,
};
const CONSOLE_URL = "https://console.example";
const CONSOLE_PREVIEW_URL = "https://preview.example";

function places(env: Record<string, string>): object {
  const { publicUrl, consoleUrl, preview } = loadConfig(env);
  return { publicUrl, consoleUrl, preview };
}

describe("the console", () => {
  test("stands at PUBLIC_URL, with its path, unless it has an origin of its own", () => {
    for (const publicUrl of ["https://parley.example", "https://example.com/chat"]) {
      expect(loadConfig({ ...PRODUCTION, PUBLIC_URL: publicUrl }).consoleUrl).toBe(publicUrl);
    }
    const given = { ...PRODUCTION, CONSOLE_URL: "HTTPS://Console.example:443/" };
    expect(places(given)).toMatchObject({
      publicUrl: "https://parley.example",
      consoleUrl: "https://console.example",
    });
    expect(places({ CONSOLE_URL: "http://localhost:4000" })).toEqual({
      publicUrl: "http://127.0.0.1:4000",
      consoleUrl: "http://localhost:4000",
      preview: { kind: "one", origin: "http://127.0.0.1:4000" },
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ["a path", { CONSOLE_URL: "https://console.example/x" }, "CONSOLE_URL must be the origin"],
    ["a user", { CONSOLE_URL: "https://me@console.example" }, "CONSOLE_URL must be the origin"],
    ["no scheme", { CONSOLE_URL: "console.example" }, "CONSOLE_URL must be the origin"],
    ["numbers", { CONSOLE_URL: "https://10.0.0.7" }, "CONSOLE_URL must be the origin"],
    ["plain http", { CONSOLE_URL: "http://console.example" }, "CONSOLE_URL must start with https"],
    [
      "PUBLIC_URL's host on another port",
      { CONSOLE_URL: "https://parley.example:8443" },
      "CONSOLE_URL must name another host than PUBLIC_URL",
    ],
    [
      "a PUBLIC_URL of another scheme",
      { CONSOLE_URL, PUBLIC_URL: "http://parley.example" },
      "CONSOLE_URL must start with http:// or https:// as PUBLIC_URL does",
    ],
    [
      "a PUBLIC_URL with a path, where nothing says where versions are tried",
      { CONSOLE_URL, PUBLIC_URL: "https://parley.example/chat" },
      "CONSOLE_PREVIEW_URL is required with CONSOLE_URL where PUBLIC_URL has a path",
    ],
  ])("cannot be at an origin with %s", (_, env, sentence) => {
    const refused = (): unknown => loadConfig({ ...PRODUCTION, ...env });
    expect(refused).toThrow(sentence);
    expect(refused).toThrow(/^[^\n]*\n[^\n]*$/);
  });
});

describe("what is tried", () => {
  test("stands at the origin that is set, else at PUBLIC_URL's where the console is elsewhere, else nowhere", () => {
    const one = (origin: string): object => ({ preview: { kind: "one", origin } });
    expect(places({ ...PRODUCTION, CONSOLE_URL, CONSOLE_PREVIEW_URL })).toMatchObject(
      one(CONSOLE_PREVIEW_URL),
    );
    expect(places({ ...PRODUCTION, CONSOLE_PREVIEW_URL })).toMatchObject(one(CONSOLE_PREVIEW_URL));
    expect(places({ ...PRODUCTION, CONSOLE_URL })).toMatchObject(one("https://parley.example"));
    const itself = { CONSOLE_URL, CONSOLE_PREVIEW_URL: "https://parley.example" };
    expect(places({ ...PRODUCTION, ...itself })).toMatchObject(one("https://parley.example"));
    expect(places(PRODUCTION)).toMatchObject({ preview: undefined });
  });

  test.each<[string, Record<string, string>]>([
    ["the console's", { CONSOLE_PREVIEW_URL: "https://parley.example" }],
    ["the console's on another port", { CONSOLE_PREVIEW_URL: "https://parley.example:8443" }],
    ["the console's own", { CONSOLE_URL, CONSOLE_PREVIEW_URL: CONSOLE_URL }],
    [
      "PUBLIC_URL's on another port",
      { CONSOLE_URL, CONSOLE_PREVIEW_URL: "https://parley.example:8443" },
    ],
    [
      "PUBLIC_URL's, which has a path",
      {
        CONSOLE_URL,
        PUBLIC_URL: "https://parley.example/chat",
        CONSOLE_PREVIEW_URL: "https://parley.example",
      },
    ],
  ])("cannot have a host that is %s", (_, env) => {
    const refused = (): unknown => loadConfig({ ...PRODUCTION, ...env });
    expect(refused).toThrow("CONSOLE_PREVIEW_URL must name another host than");
    expect(refused).toThrow(/^[^\n]*\n[^\n]*$/);
  });

  test.each<[Record<string, string>, readonly [string, string] | undefined]>([
    [{}, ["http://127.0.0.1:4000", "http://localhost:4000"]],
    [{ PORT: "80" }, ["http://127.0.0.1", "http://localhost"]],
    [{ HOST: "0.0.0.0" }, ["http://127.0.0.1:4000", "http://localhost:4000"]],
    [{ HOST: "::1" }, ["http://[::1]:4000", "http://localhost:4000"]],
    [{ PUBLIC_URL: "http://localhost:4000" }, ["http://127.0.0.1:4000", "http://localhost:4000"]],
    // Which of the two numbers that name is, is not known.
    [{ HOST: "localhost" }, undefined],
    [{ HOST: "192.168.0.7" }, undefined],
    [{ PUBLIC_URL: "http://localhost:8080" }, undefined],
    [{ PUBLIC_URL: "https://tunnel.example" }, undefined],
    [{ ...PRODUCTION, PUBLIC_URL: "http://127.0.0.1:4000" }, undefined],
  ])("has two names of this machine with %o: %o", (env, origins) => {
    expect(loadConfig(env).preview).toEqual(origins && { kind: "twins", origins });
  });

  test("is shown at the other of two names, and to a console at neither of them nowhere", () => {
    const { preview } = loadConfig({});
    expect(previewOriginFor(preview, "127.0.0.1")).toBe("http://localhost:4000");
    expect(previewOriginFor(preview, "localhost")).toBe("http://127.0.0.1:4000");
    expect(previewOriginFor(preview, "parley.internal")).toBeUndefined();
    expect(previewOriginFor(undefined, "localhost")).toBeUndefined();
  });
});
