import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { RoomServiceClient, TokenVerifier } from "livekit-server-sdk";
import { describe, expect, test } from "vitest";
import { onPostgres } from "../../support/database.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
} from "../../support/process.js";

const KEY = /ak_[\da-f]+\.[\w-]+/;
const WIDGET = /Demo widget +([\da-f-]{36})/;
const SECRET_32 = "0123456789abcdef0123456789abcdef";
const PRODUCTION = {
  ...FOREIGN_LIVEKIT,
  NODE_ENV: "production",
  PUBLIC_URL: "https://parley.example",
  AGENT_SECRET: SECRET_32,
};
const ME = "{ me { organization { id } scopes } }";

// What is embedded is the same whatever the other tests run on: once is enough.
cleanUpProcesses();

/** A demo on an embedded database, without a LiveKit or agent of its own. */
async function demo(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<{ parley: ParleyProcess; key: string }> {
  const parley = await ParleyProcess.start({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir, ...env });
  const [key = ""] = KEY.exec(parley.output) ?? [];
  return { parley, key };
}

function gql(parley: ParleyProcess, key: string, query = ME) {
  return parley.json("/graphql", { key, body: { query } });
}

describe.skipIf(onPostgres)("a start on an empty directory", () => {
  test("seeds a demo once and shows its key once; the next start keeps the data", async () => {
    const dataDir = await temporaryDirectory();
    const { parley: first, key } = await demo(dataDir);
    expect(first.output).toContain(`${first.url}/graphql`);
    expect(first.output.match(new RegExp(KEY, "g"))).toHaveLength(1);
    const [, widgetId = ""] = await first.said(WIDGET);
    expect((await first.json(`/core/public/web-widgets/${widgetId}`)).status).toBe(200);
    const { body } = await gql(first, key);
    expect(body).toMatchObject({ data: { me: { organization: { id: "org_demo" } } } });
    expect((await first.json("/core/agents", { key, body: { name: "Mine" } })).status).toBe(201);
    first.kill("SIGTERM");
    expect(await first.exit).toBe(0);

    // An empty variable counts as unset.
    const empty = { APP_SECRET: "", DATABASE_URL: "", PUBLIC_URL: "", TRUST_PROXY: "" };
    const { parley: second } = await demo(dataDir, empty);
    expect(second.output).not.toMatch(KEY);
    expect((await second.said(WIDGET))[1]).toBe(widgetId);
    const agents = await second.json("/core/agents", { key });
    expect(agents.text).toContain('"Mine"');
    expect(JSON.parse(agents.text)).toHaveLength(2);
  });

  test("brings a LiveKit and an agent of its own, and leaves no process behind", async () => {
    const parley = await ParleyProcess.start({ DATA_DIR: await temporaryDirectory() });
    parley.kill("SIGTERM");
    expect(await parley.exit).toBe(0);
    await parley.groupIsGone();
  });
});

describe.skipIf(onPostgres)("DATA_DIR", () => {
  test("in use: a second process stops at once and says so, the first is unharmed", async () => {
    const dataDir = await temporaryDirectory();
    const { parley: first, key } = await demo(dataDir);
    const second = await ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
    expect(await second.exit).toBe(1);
    expect(second.output).toContain(`${dataDir} is in use by process ${first.pid}`);
    expect(second.output).not.toMatch(/\n +at /);
    expect((await first.json("/core/agents", { key, body: { name: "After" } })).status).toBe(201);
    // Nor did it take the lock away with it.
    const third = await ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
    expect(await third.exit).toBe(1);
  });

  test("after kill -9 has every committed row, and one of the next starts takes the lock over", async () => {
    const dataDir = await temporaryDirectory();
    const { parley: first, key } = await demo(dataDir);
    for (const name of ["One", "Two", "Three"]) {
      expect((await first.json("/core/agents", { key, body: { name } })).status).toBe(201);
    }
    first.kill("SIGKILL");
    expect(await first.exit).toBe("SIGKILL");
    // Several at once want it: exactly one may have it.
    const all = await Promise.all(
      [1, 2, 3].map(() => ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir })),
    );
    const outcomes = await Promise.all(
      all.map((parley) => Promise.race([parley.exit, parley.said(/is ready/).then(() => "ready")])),
    );
    expect(outcomes.toSorted()).toEqual([1, 1, "ready"]);
    const winner = all[outcomes.indexOf("ready")];
    const { text } = (await winner?.json("/core/agents", { key })) ?? { text: "[]" };
    const names = JSON.parse(text).map((agent: { name: string }) => agent.name);
    expect(names).toEqual(["Three", "Two", "One", expect.any(String)]);
  });
});

describe.skipIf(onPostgres)("the embedded LiveKit", () => {
  test("takes the key and the secret that it is given", async () => {
    const [apiKey, apiSecret] = ["APIgiven", "a secret of the developer's own, long enough"];
    const parley = await ParleyProcess.start({
      DATA_DIR: await temporaryDirectory(),
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
      RUN_AGENT: "false",
    });
    const [, widgetId = ""] = await parley.said(WIDGET);
    const { text } = await parley.json(`/core/public/web-widgets/${widgetId}/conversations`, {
      body: { user_id: "visitor" },
    });
    const { url, token } = JSON.parse(text).connection_details;
    expect((await new TokenVerifier(apiKey, apiSecret).verify(token)).iss).toBe(apiKey);
    await expect(new RoomServiceClient(url, apiKey, apiSecret).listRooms()).resolves.toEqual([]);
  });
});

describe.skipIf(onPostgres)("an environment that is not usable", () => {
  test("is answered with all problems at once and exit 1, without values or a stack", async () => {
    const parley = await ParleyProcess.spawn({
      DATA_DIR: await temporaryDirectory(),
      PUBLIC_URL: "mark-url",
      DATABASE_URL: "mysql://mark-user:mark-password@localhost/x",
      APP_SECRET: "mark-short",
      LOG_LEVEL: "mark-loud",
      LIVEKIT_URL: "mark-livekit",
      BOOTSTRAP_API_KEY: "mark-key",
      TRUST_PROXY: "mark proxy",
      NODE_ENV: "mark-env",
    });
    expect(await parley.exit).toBe(1);
    for (const name of [
      "PUBLIC_URL",
      "DATABASE_URL",
      "APP_SECRET",
      "LOG_LEVEL",
      "LIVEKIT_URL",
      "BOOTSTRAP_API_KEY",
      "TRUST_PROXY",
      "NODE_ENV",
    ]) {
      expect(parley.output).toContain(`  ${name} `);
    }
    expect(parley.output).not.toMatch(/mark|\n +at |Error:/);
  });

  test.each([
    ["PORT", "70000"],
    ["TRUST_PROXY", "300.1.2.3"],
    ["TRUST_PROXY", "fe"],
  ])("names %s=%s", async (name, value) => {
    const parley = await ParleyProcess.spawn({
      DATA_DIR: await temporaryDirectory(),
      ...FOREIGN_LIVEKIT,
      [name]: value,
    });
    expect(await parley.exit).toBe(1);
    expect(parley.output).toMatch(
      new RegExp(`^The environment is not usable:\n  ${name} [^\n]+\n$`),
    );
  });

  test("with DATABASE_URL needs an APP_SECRET", async () => {
    const parley = await ParleyProcess.spawn({
      ...FOREIGN_LIVEKIT,
      DATABASE_URL: "postgresql://nobody@127.0.0.1:9/none",
    });
    expect(await parley.exit).toBe(1);
    expect(parley.output).toMatch(/ {2}APP_SECRET is required with DATABASE_URL/);
  });

  test("in production names what a demo would make up", async () => {
    const parley = await ParleyProcess.spawn({
      DATA_DIR: await temporaryDirectory(),
      NODE_ENV: "production",
      LIVEKIT_API_KEY: "devkey",
      LIVEKIT_API_SECRET: "secret",
      BOOTSTRAP_API_KEY: "ak_abcd.tooshort1",
    });
    expect(await parley.exit).toBe(1);
    for (const name of [
      "PUBLIC_URL",
      "LIVEKIT_URL",
      "LIVEKIT_API_KEY",
      "AGENT_SECRET",
      "BOOTSTRAP_API_KEY",
      "BOOTSTRAP_ORG",
    ]) {
      expect(parley.output).toContain(`  ${name} `);
    }
    expect(parley.output).not.toContain("tooshort1");
  });
});

describe.skipIf(onPostgres)("what only the start finds unusable", () => {
  const one = (sentence: RegExp): RegExp => new RegExp(`^${sentence.source}\n$`);

  test("is one sentence and exit 1: a database that nobody answers for", async () => {
    const parley = await ParleyProcess.spawn({
      ...FOREIGN_LIVEKIT,
      DATABASE_URL: "postgresql://user:mark-password@127.0.0.1:9/none",
      APP_SECRET: SECRET_32,
    });
    expect(await parley.exit).toBe(1);
    expect(parley.output).toMatch(
      one(/The database of DATABASE_URL cannot be opened: connect ECONNREFUSED 127.0.0.1:9./),
    );
  });

  test("is one sentence and exit 1: a DATA_DIR that is a file", async () => {
    const file = join(await temporaryDirectory(), "file");
    await writeFile(file, "");
    const parley = await ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: file });
    expect(await parley.exit).toBe(1);
    expect(parley.output).toMatch(one(/DATA_DIR cannot be used: .*\/file \(ENOTDIR\)./));
  });

  test("is one sentence and exit 1: an embedded database that is a file", async () => {
    const dataDir = await temporaryDirectory();
    await writeFile(join(dataDir, "database"), "");
    const parley = await ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
    expect(await parley.exit).toBe(1);
    expect(parley.output).toMatch(
      one(/The embedded database cannot be used: .*\/database \(ENOTDIR\)./),
    );
  });

  test("is one sentence and exit 1: damaged secrets, which are never shown", async () => {
    const dataDir = await temporaryDirectory();
    await writeFile(join(dataDir, "secrets.json"), '{"appSecret": "mark-secret');
    const parley = await ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
    expect(await parley.exit).toBe(1);
    expect(parley.output).toMatch(one(/.*secrets.json is damaged. [^\n]+/));
    expect(parley.output).not.toContain("mark");
  });
});

describe.skipIf(onPostgres)("HOST", () => {
  test("may be every address, and the one that is printed is one to go to", async () => {
    const parley = await ParleyProcess.start({
      ...FOREIGN_LIVEKIT,
      HOST: "[::]",
      DATA_DIR: await temporaryDirectory(),
    });
    const [, address = ""] = await parley.said(/GraphQL {6}(\S+)\/graphql/);
    expect(new URL(address).hostname).toBe("[::1]");
    for (const url of [address, parley.url]) {
      expect((await fetch(`${url}/readyz`)).status, url).toBe(200);
    }
  });

  test("that is not ours ends the start with one sentence", async () => {
    const parley = await ParleyProcess.spawn({
      ...FOREIGN_LIVEKIT,
      HOST: "192.0.2.1",
      DATA_DIR: await temporaryDirectory(),
      LOG_LEVEL: "silent",
    });
    expect(await parley.exit).toBe(1);
    expect(parley.output.trim()).toMatch(
      /^Port \d+ on 192\.0\.2\.1 cannot be used: HOST is not an address of this machine\.$/,
    );
  });
});

test.skipIf(onPostgres)("a port that is in use is named in a clear message", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const dataDir = await temporaryDirectory();
  const env = { ...FOREIGN_LIVEKIT, DATA_DIR: dataDir };
  const parley = await ParleyProcess.spawn({ ...env, PORT: String(port) });
  expect(await parley.exit).toBe(1);
  await new Promise((resolve) => other.close(resolve));
  expect(parley.output).toContain(`Port ${port} on 127.0.0.1 is in use; set PORT to another one.`);
  expect(parley.output).not.toMatch(/\n +at /);
  // The key was never shown, so the next start must not keep it to itself.
  const next = await ParleyProcess.start(env);
  expect(next.output).toMatch(KEY);
});

describe.skipIf(onPostgres)("in production", () => {
  test("there is never a demo, and the bootstrap key works for its organization", async () => {
    const dataDir = await temporaryDirectory();
    const key = `ak_bootstrap1.${SECRET_32}`;
    const parley = await ParleyProcess.start({
      ...PRODUCTION,
      DATA_DIR: dataDir,
      BOOTSTRAP_API_KEY: key,
      BOOTSTRAP_ORG: "acme",
    });
    expect(parley.output).not.toMatch(/demo|ak_/i);
    const { body } = await gql(parley, key);
    expect(body).toMatchObject({ data: { me: { organization: { id: "acme" } } } });
    for (const path of ["/core/web-widgets", "/core/agents", "/core/conversations"]) {
      expect((await parley.json(path, { key })).text, path).toBe("[]");
    }
    expect((await parley.json("/demo")).status).toBe(404);
    const login = await fetch(`${parley.url}/graphql`, { headers: { accept: "text/html" } });
    expect(login.status).toBe(400);
    expect(parley.output).not.toContain(SECRET_32);
  });
});

describe.skipIf(onPostgres)("BOOTSTRAP_API_KEY", () => {
  test("makes exactly that key valid with all scopes for the demo; another secret replaces it", async () => {
    const dataDir = await temporaryDirectory();
    const first = `ak_boot1234.${"a".repeat(32)}`;
    const second = `ak_boot1234.${"b".repeat(32)}`;
    const { parley } = await demo(dataDir, { BOOTSTRAP_API_KEY: first });
    const { body, text } = await gql(parley, first);
    expect(body).toMatchObject({ data: { me: { organization: { id: "org_demo" } } } });
    for (const scope of ["READ_SENSITIVE", "ORGANIZATIONS_MANAGE", "WEB_WIDGETS_MANAGE"]) {
      expect(text).toContain(scope);
    }
    expect((await gql(parley, `${first}x`)).text).toContain("UNAUTHENTICATED");
    expect(parley.output).not.toContain("a".repeat(32));
    parley.kill("SIGTERM");
    await parley.exit;
    const { parley: next } = await demo(dataDir, { BOOTSTRAP_API_KEY: second });
    expect((await gql(next, first)).text).toContain("UNAUTHENTICATED");
    expect((await gql(next, second)).body).toMatchObject({
      data: { me: { organization: { id: "org_demo" } } },
    });
  });
});
