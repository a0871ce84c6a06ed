import { describe, expect, test } from "vitest";
import { PLATFORM_VARIABLES, loadConfig } from "../../src/platform/config.js";
import { ConfigError } from "../../src/process/environment.js";
import { loadWorkerConfig } from "../../src/process/worker-environment.js";

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

/** The message that an environment is refused with. */
function refusal(
  env: Record<string, string>,
  load: (env: Record<string, string>) => unknown = loadConfig,
): string {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the environment was accepted");
}

/** The variables that a refusal names, one a line. */
function named(message: string): string[] {
  const [, ...lines] = message.split("\n");
  return lines.map((line) => line.trim().split(" ")[0] ?? "").toSorted();
}

describe("REDIS_URL", () => {
  test.each([
    "redis://redis.example",
    "rediss://:pass%40word@redis.example:6380/15",
    "redis://user:password@[::1]:6379/0",
    "redis://127.0.0.1/",
  ])("may be %s", (url) => {
    expect(loadConfig({ REDIS_URL: url }).redisUrl).toBe(url);
  });

  test.each([
    ["http://redis.example", "must be a URL that starts with redis:// or rediss://"],
    ["redis.example:6379", "must be a URL that starts with redis:// or rediss://"],
    ["redis://", "must name a host and nothing more"],
    ["redis://redis.example/first", "must name a host and nothing more"],
    ["redis://redis.example/0?tls=true", "must name a host and nothing more"],
    ["redis://:pass@word@redis.example", "must name a host and nothing more"],
    ["redis://:100%@redis.example", "must name a host and nothing more"],
    ["redis://redis.example:port", "must name a host and nothing more"],
  ])("cannot be %s: one sentence says why", (url, reason) => {
    const message = refusal({ REDIS_URL: url });
    expect(named(message)).toEqual(["REDIS_URL"]);
    expect(message).toContain(`REDIS_URL ${reason}`);
  });
});

describe("the environment", () => {
  test("may be empty: development needs nothing", () => {
    expect(loadConfig({})).toMatchObject({
      isProduction: false,
      host: "127.0.0.1",
      port: 4000,
      dataDir: ".data",
      agentName: "parley-agent",
      logLevel: "info",
      publicUrl: "http://127.0.0.1:4000",
    });
  });

  test("counts an empty variable as unset", () => {
    const empty = Object.fromEntries(PLATFORM_VARIABLES.map((name) => [name, ""]));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  test("knows nothing of variables that are not ours", () => {
    expect(loadConfig({ PATH: "/bin", npm_config_x: "y" })).toEqual(loadConfig({}));
  });

  test("is refused with every wrong variable in one message", () => {
    const wrong = {
      NODE_ENV: "staging",
      PORT: "70000",
      PUBLIC_URL: "ftp://x",
      DATABASE_URL: "mysql://x",
      APP_SECRET: "short",
      AGENT_NAME: "with space",
      AGENT_SECRET: "short",
      LIVEKIT_URL: "livekit",
      LIVEKIT_PORT: "x",
      BOOTSTRAP_API_KEY: "nope",
      BOOTSTRAP_ORG: "a b",
      TRUST_PROXY: "everyone",
      LOG_LEVEL: "loud",
    };
    const livekit = { LIVEKIT_API_KEY: "key", LIVEKIT_API_SECRET: "secret" };
    expect(named(refusal({ ...livekit, ...wrong }))).toEqual(Object.keys(wrong).toSorted());
  });

  test("is refused with what is wrong alone and what is wrong together, at once", () => {
    const message = refusal({
      PORT: "none",
      DATABASE_URL: "postgresql://user:pw@host/db",
      LIVEKIT_URL: "wss://livekit.example",
    });
    expect(named(message)).toEqual(["APP_SECRET", "LIVEKIT_API_KEY", "PORT"]);
  });

  test("is refused without ever showing a value", () => {
    const values = {
      PORT: "value-of-port",
      DATABASE_URL: "value-of-url:password",
      APP_SECRET: "value-of-secret",
      AGENT_SECRET: "value-of-agent",
      BOOTSTRAP_API_KEY: "value-of-bootstrap",
      LOG_LEVEL: "value-of-level",
      TRUST_PROXY: "value-of-proxy",
      LIVEKIT_URL: "value-of-livekit",
    };
    expect(refusal(values)).not.toContain("value-of");
    const production = { ...PRODUCTION, BOOTSTRAP_API_KEY: "ak_visible.short-secret" };
    expect(refusal(production)).not.toMatch(/visible|short-secret/);
  });

  test("keeps metrics off the port that everybody reaches", () => {
    expect(loadConfig({}).ops).toBeUndefined();
    expect(loadConfig({ OPS_PORT: "9464" }).ops).toEqual({ host: "127.0.0.1", port: 9464 });
    expect(loadConfig({ OPS_PORT: "9464", OPS_HOST: "[::1]" }).ops?.host).toBe("::1");
    for (const env of [{ OPS_PORT: "4000" }, { PORT: "9464", OPS_PORT: "09464" }]) {
      expect(named(refusal(env as Record<string, string>))).toEqual(["OPS_PORT"]);
    }
  });

  test("with DATABASE_URL needs APP_SECRET", () => {
    const url = { DATABASE_URL: "postgresql://u:p@127.0.0.1/db" };
    expect(named(refusal(url))).toEqual(["APP_SECRET"]);
    expect(loadConfig({ ...url, APP_SECRET: SECRET }).databaseUrl).toBe(url.DATABASE_URL);
  });

  test.each<Record<string, string>>([
    { LIVEKIT_URL: "ws://x" },
    { LIVEKIT_URL: "ws://x", LIVEKIT_API_KEY: "k" },
    { LIVEKIT_URL: "ws://x", LIVEKIT_API_SECRET: "s" },
    { LIVEKIT_API_KEY: "k" },
    { LIVEKIT_API_SECRET: "s" },
  ])("with LIVEKIT_URL needs its key and secret, and never one of these alone: %o", (env) => {
    expect(named(refusal(env))).toEqual(["LIVEKIT_API_KEY"]);
  });

  test("takes a key and a secret without LIVEKIT_URL: the embedded LiveKit's", () => {
    const key = { LIVEKIT_API_KEY: "devkey", LIVEKIT_API_SECRET: "secret" };
    expect(loadConfig(key)).toMatchObject({
      livekit: undefined,
      embeddedLivekit: { port: 7880, key: { apiKey: "devkey", apiSecret: "secret" } },
    });
  });

  test("takes the public address without a trailing slash, and the port into its default", () => {
    expect(loadConfig({ PUBLIC_URL: "https://parley.example/" }).publicUrl).toBe(
      "https://parley.example",
    );
    expect(loadConfig({ PORT: "8080" }).publicUrl).toBe("http://127.0.0.1:8080");
  });

  test("takes the public address from where it listens, unless it is given", () => {
    for (const [host, url] of [
      ["0.0.0.0", "http://127.0.0.1:4000"],
      ["::", "http://[::1]:4000"],
      ["192.168.0.7", "http://192.168.0.7:4000"],
      ["::1", "http://[::1]:4000"],
      ["localhost", "http://localhost:4000"],
      ["[::]", "http://[::1]:4000"],
      ["[::1]", "http://[::1]:4000"],
      ["0:0:0:0:0:0:0:0", "http://[::1]:4000"],
      ["0", "http://127.0.0.1:4000"],
      ["Parley.Internal", "http://parley.internal:4000"],
    ] as const) {
      expect(loadConfig({ HOST: host }).publicUrl, host).toBe(url);
    }
  });

  test("listens on an address of IPv6 with or without the brackets that it has in a URL", () => {
    for (const [host, address] of [
      ["::", "::"],
      ["[::]", "::"],
      ["[::1]", "::1"],
      ["::1", "::1"],
      ["0.0.0.0", "0.0.0.0"],
    ] as const) {
      expect(loadConfig({ HOST: host }).host, host).toBe(address);
    }
  });

  test("takes a public address with a path, spelled as a browser would", () => {
    for (const [given, url] of [
      ["https://parley.example/chat", "https://parley.example/chat"],
      ["HTTPS://Parley.Example:443/chat//", "https://parley.example/chat"],
      ["https://parley.example/a/../tools/chat-1.0_~/", "https://parley.example/tools/chat-1.0_~"],
      ["https://parley.example/corelli", "https://parley.example/corelli"],
      ["https://parley.example/site/public", "https://parley.example/site/public"],
    ] as const) {
      expect(loadConfig({ PUBLIC_URL: given }).publicUrl, given).toBe(url);
    }
  });

  test.each([
    ["PORT", "0"],
    ["HOST", "a b"],
    ["PUBLIC_URL", "https://x.example/sub/?q=1"],
    ["PUBLIC_URL", "https://x.example/#part"],
    ["PUBLIC_URL", "https://user:pw@x.example"],
    ["HOST", "[::"],
    ["HOST", "[127.0.0.1]"],
    ["HOST", "http://127.0.0.1"],
    ["HOST", "127.0.0.1/x"],
    ["HOST", "127.0.0.1:4000"],
    ["HOST", "me@host"],
    ["PUBLIC_URL", "https://[bad"],
    ["PUBLIC_URL", "https://x.example/core"],
    ["PUBLIC_URL", "https://x.example/public/chat"],
    ["PUBLIC_URL", "https://x.example/graphql/"],
    ["PUBLIC_URL", "https://x.example/a%20b"],
    ["PUBLIC_URL", "https://x.example/a//b"],
    ["PUBLIC_URL", 'https://x.example/"><script>'],
    ["LIVEKIT_URL", "wss://[bad"],
    ["DATABASE_URL", "postgresql://x:y@[bad/x"],
  ])("is refused with %s=%s, which could not be used", (name, value) => {
    expect(named(refusal({ ...PRODUCTION, [name]: value }))).toEqual([name]);
  });

  test("takes every form of address that PostgreSQL's client takes", () => {
    for (const url of ["postgres://h/db", "postgresql:///db?host=/run", "postgresql://u:p@/db"]) {
      expect(loadConfig({ ...PRODUCTION, DATABASE_URL: url }).databaseUrl).toBe(url);
    }
  });

  test("with a pooler needs the database's direct URL, of the same schema and without the pooler", () => {
    const url = "postgresql://h/db?pgbouncer=true";
    const direct = (text: string): string[] =>
      named(refusal({ ...PRODUCTION, DATABASE_URL: url, DATABASE_DIRECT_URL: text }));
    for (const wrong of ["", url, "postgresql://h/db?schema=other", "mysql://h/db"]) {
      expect(direct(wrong), wrong).toEqual(["DATABASE_DIRECT_URL"]);
    }
    expect(named(refusal({ DATABASE_DIRECT_URL: "postgresql://h/db" }))).toEqual([
      "DATABASE_DIRECT_URL",
    ]);
    const right = { DATABASE_URL: url, DATABASE_DIRECT_URL: "postgresql://h:5432/db" };
    expect(loadConfig({ ...PRODUCTION, ...right })).toMatchObject({
      databaseUrl: url,
      databaseDirectUrl: right.DATABASE_DIRECT_URL,
    });
  });

  test("takes limits of what talks use as JSON of known keys, all of them", () => {
    const limits = '{"widget":{"concurrent_talks":5}}';
    expect(loadConfig({ USAGE_LIMITS: limits }).usageLimits).toEqual({
      widget: { concurrent_talks: 5 },
      organization: {},
    });
    for (const bad of ["5", "{", '{"widget":{"talks":1}}', '{"organization":{"talk_turns":0}}']) {
      expect(named(refusal({ USAGE_LIMITS: bad })), bad).toEqual(["USAGE_LIMITS"]);
    }
  });

  test("trusts proxies by number or by address, never everybody", () => {
    for (const [count, proxies] of [
      ["1", 1],
      ["0", 0],
    ] as const) {
      expect(loadConfig({ TRUST_PROXY: count }).trustProxy).toBe(proxies);
    }
    for (const good of ["10.0.0.1", "10.0.0.0/8, 192.168.0.1", "loopback", "::1"]) {
      expect(loadConfig({ TRUST_PROXY: good }).trustProxy).toBe(good);
    }
    for (const bad of ["true", "*", "yes", "proxy.example"]) {
      expect(named(refusal({ TRUST_PROXY: bad })), bad).toEqual(["TRUST_PROXY"]);
    }
  });
});

describe("production", () => {
  test("is accepted when it is complete", () => {
    expect(loadConfig(PRODUCTION)).toMatchObject({ publicUrl: "https://parley.example" });
  });

  test("refuses to start without what has no safe default, naming all of it", () => {
    const missing = named(refusal({ NODE_ENV: "production" }));
    expect(missing).toEqual(["AGENT_SECRET", "LIVEKIT_URL", "PUBLIC_URL"]);
    for (const name of missing) {
      expect(named(refusal({ ...PRODUCTION, [name]: "" }))).toContain(name);
    }
  });

  test("refuses LiveKit's development key", () => {
    for (const pair of [{ LIVEKIT_API_KEY: "devkey" }, { LIVEKIT_API_SECRET: "secret" }]) {
      expect(named(refusal({ ...PRODUCTION, ...pair }))).toEqual(["LIVEKIT_API_KEY"]);
    }
  });

  test("refuses a bootstrap key with a secret under 32 characters, or without an organization", () => {
    const key = (length: number): string => `ak_bootstrap.${"x".repeat(length)}`;
    const env = { ...PRODUCTION, BOOTSTRAP_ORG: "org_acme" };
    expect(named(refusal({ ...env, BOOTSTRAP_API_KEY: key(31) }))).toEqual(["BOOTSTRAP_API_KEY"]);
    expect(loadConfig({ ...env, BOOTSTRAP_API_KEY: key(32) }).bootstrap).toEqual({
      key: key(32),
      organizationId: "org_acme",
    });
    expect(named(refusal({ ...PRODUCTION, BOOTSTRAP_API_KEY: key(32) }))).toEqual([
      "BOOTSTRAP_ORG",
    ]);
    // Two things wrong with one variable are one line.
    expect(named(refusal({ ...env, BOOTSTRAP_API_KEY: "ak_x.y" }))).toEqual(["BOOTSTRAP_API_KEY"]);
    // In development it may be short, and belongs to the demo.
    expect(loadConfig({ BOOTSTRAP_API_KEY: key(8) }).bootstrap).toEqual({
      key: key(8),
      organizationId: undefined,
    });
  });
});

describe("the worker's environment", () => {
  test("holds nothing of the database, and is refused as a whole too", () => {
    const message = refusal(
      { AGENT_SECRET: "value-of-secret", LIVEKIT_URL: "nonsense" },
      loadWorkerConfig,
    );
    expect(named(message)).toEqual([
      "AGENT_SECRET",
      "LIVEKIT_API_KEY",
      "LIVEKIT_API_SECRET",
      "LIVEKIT_URL",
    ]);
    expect(message).not.toContain("value-of");
    const config = loadWorkerConfig({ ...PRODUCTION, DATABASE_URL: "postgresql://u:p@h/db" });
    expect(JSON.stringify(config)).not.toContain("postgresql");
  });
});
