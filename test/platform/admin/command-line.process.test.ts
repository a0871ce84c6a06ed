import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json as readJson } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { keyState } from "../../../src/platform/admin/operator.service.js";
import { lockDirectory } from "../../../src/platform/database/directory-lock.js";
import { endsWithUs } from "../../support/children.js";
import { TestApp } from "../../support/app.js";
import { openPostgres } from "../../../src/platform/database/client.js";
import { localSecrets } from "../../../src/platform/secrets.js";
import { cloneDatabaseUrl, onPostgres } from "../../support/database.js";

const SECRET = "an-app-secret-for-tests-only-0123456789abc";

// Every call is a process of its own, which opens the embedded database anew.
vi.setConfig({ testTimeout: 180_000 });

let directory: string;
let database: Record<string, string>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "parley-admin-"));
  database = await newDatabase("data");
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The environment that names a database of its own. */
async function newDatabase(name: string): Promise<Record<string, string>> {
  if (onPostgres) return { DATABASE_URL: await cloneDatabaseUrl(), APP_SECRET: SECRET };
  return { DATA_DIR: join(directory, name) };
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the tool as a user does. */
function admin(args: readonly string[], env: Record<string, string> = database): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = endsWithUs(
      spawn(process.execPath, ["dist/admin/main.js", ...args], {
        env: { PATH: process.env["PATH"], ...env },
      }),
    );
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

test("each command prints the new id or secret and nothing else", async () => {
  const org = await admin(["org", "create", "Acme"]);
  expect(org).toEqual({ code: 0, out: expect.stringMatching(/^org_[\da-f-]{36}\n$/), err: "" });
  const organization = org.out.trim();
  const user = await admin(["user", "create", "Ada@Example.com", "--name", "Ada"]);
  expect(user).toEqual({ code: 0, out: expect.stringMatching(/^[\da-f-]{36}\n$/), err: "" });
  const member = await admin([
    "member",
    "add",
    "--org",
    organization,
    "--user",
    "ada@example.com",
    "--role",
    "admin",
  ]);
  expect(member.out).toBe(user.out);
  const pat = await admin(["pat", "create", "--user", user.out.trim()]);
  expect(pat.out).toMatch(/^pat_[\da-f]{24}\.[\w-]{43}\n$/);
  const key = await admin([
    "key",
    "create",
    "--org",
    organization,
    "--scope",
    "agents:read",
    "--name",
    "ci",
  ]);
  expect(key.out).toMatch(/^ak_[\da-f]{24}\.[\w-]{43}\n$/);

  const listed = await admin(["--json", "key", "list", "--org", organization]);
  const [entry] = JSON.parse(listed.out) as {
    id: string;
    scopes: string[];
    revokedAt: string | null;
  }[];
  expect(entry).toMatchObject({ scopes: ["agents:read"], revokedAt: null, name: "ci" });
  expect(listed.out).not.toContain("ecret");
  const revoked = await admin(["key", "revoke", entry?.id ?? ""]);
  expect(revoked.out).toBe(`${entry?.id}\n`);
  const log = await admin(["audit", "--org", organization, "--last", "1"]);
  expect(log.out).toMatch(/^\S+Z\t-\tcommand_line\tapi_key\.revoke\t[\da-f]{24}\n$/);
  const ofAll = await admin(["--json", "audit"]);
  const [made] = (JSON.parse(ofAll.out) as { action: string; subjectId: string }[]).toReversed();
  expect(made).toMatchObject({ action: "user.create", subjectId: user.out.trim() });
  const json = await admin(["--json", "org", "create", "Other", "--id", "org_other"]);
  expect(JSON.parse(json.out)).toEqual({ id: "org_other" });
});

test("what cannot be done is one sentence on stderr, exit code 1 and an empty stdout", async () => {
  for (const args of [
    ["key", "create", "--org", "nobody"],
    ["org", "create", "Again", "--id", "org_other"],
    ["key", "create", "--org", "org_other", "--scope", "everything"],
    ["org", "create", ""],
    ["org", "create", "  "],
  ]) {
    const ran = await admin(args);
    expect({ code: ran.code, out: ran.out }).toEqual({ code: 1, out: "" });
    expect(ran.err).not.toContain("    at ");
    expect(ran.err.trim()).not.toBe("");
  }
});

test("a key is listed as valid, expired or revoked", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const later = new Date(now.getTime() + 1);
  expect(keyState({ revokedAt: null, expiresAt: null }, now)).toBe("valid");
  expect(keyState({ revokedAt: null, expiresAt: later }, now)).toBe("valid");
  expect(keyState({ revokedAt: null, expiresAt: now }, now)).toBe("expired");
  expect(keyState({ revokedAt: now, expiresAt: later }, now)).toBe("revoked");
});

test("every command has its help", async () => {
  for (const args of [
    [],
    ["org"],
    ["user"],
    ["member"],
    ["key"],
    ["key", "create"],
    ["pat"],
    ["visitor"],
    ["audit"],
    ["backup"],
    ["restore"],
  ]) {
    const ran = await admin([...args, "--help"]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain("Usage: admin");
  }
});

test("a backup restores everything into an empty database, and into no other", async () => {
  const file = join(directory, "backup.gz");
  const backup = await admin(["backup", "--to", file]);
  expect(backup.code).toBe(0);
  const target = await newDatabase("restored");
  const restore = await admin(["restore", "--from", file], target);
  expect(restore).toEqual({ code: 0, out: backup.out, err: "" });
  const before = await admin(["--json", "org", "list"]);
  const after = await admin(["--json", "org", "list"], target);
  expect(JSON.parse(after.out)).toEqual(JSON.parse(before.out));
  const again = await admin(["restore", "--from", file], target);
  expect(again.code).toBe(1);
  const overwrite = await admin(["backup", "--to", file]);
  expect(overwrite.code).toBe(1);
});

test("a restore of what is no backup says what is wrong, and the database stays empty", async () => {
  const target = await newDatabase("empty");
  const whole = join(directory, "whole.gz");
  expect((await admin(["backup", "--to", whole])).code).toBe(0);
  const lines = gunzipSync(await readFile(whole))
    .toString()
    .trimEnd()
    .split("\n");
  const packed = (some: readonly string[]): Buffer => gzipSync(`${some.join("\n")}\n`);
  const [header = "", first = "", second = ""] = lines;
  const files = {
    "shortened.gz": packed([header, first]),
    "gap.gz": packed(lines.filter((line) => line !== second)),
    "null.gz": packed([header, "null"]),
    "row.gz": packed([header, '{"table":"organizations","row":{"id":"x","created_at":"never"}}']),
    "nothing.gz": gzipSync(""),
    "other.gz": gzipSync('{"format":"another"}\n'),
    "plain.gz": "not compressed",
    "cut.gz": gzipSync("x".repeat(1000)).subarray(0, 20),
    "foreign.gz": gzipSync(
      '{"format":"parley-backup-1"}\n{"table":"agents","row":{"id\\"; DROP TABLE agents; --":1}}\n',
    ),
  };
  for (const [name, contents] of Object.entries(files)) {
    await writeFile(join(directory, name), contents);
  }
  for (const [name, sentence] of [
    ["missing.gz", "There is no such file."],
    [".", "That is a directory."],
    ["shortened.gz", "This backup is not whole: rows are missing."],
    ["gap.gz", "This backup is not whole: rows are missing."],
    ["null.gz", "This is no backup of ours."],
    ["row.gz", "This is no backup of ours."],
    ["nothing.gz", "This is no backup of ours."],
    ["other.gz", "This is no backup of ours."],
    ["plain.gz", "This is no backup of ours."],
    ["cut.gz", "This is no backup of ours."],
    ["foreign.gz", "This is no backup of ours."],
  ] as const) {
    const ran = await admin(["restore", "--from", join(directory, name)], target);
    expect(ran, name).toEqual({ code: 1, out: "", err: `${sentence}\n` });
  }
  expect((await admin(["org", "list"], target)).out).toBe("");
});

test("a backup of an earlier release restores into this one", async () => {
  const file = fileURLToPath(
    new URL("../database/fixtures/release-0.1.0.backup.gz", import.meta.url),
  );
  const target = await newDatabase("earlier");
  expect(await admin(["restore", "--from", file], target)).toEqual({
    code: 0,
    out: "11\n",
    err: "",
  });
});

describe.skipIf(onPostgres)("on the embedded database", () => {
  test("the tool says that the server has to be stopped first", async () => {
    const unlock = await lockDirectory(join(directory, "data"));
    const ran = await admin(["org", "list"]);
    await unlock();
    expect(ran.code).toBe(1);
    expect(ran.err).toContain("stop the server before using this tool");
  });
});

describe.runIf(onPostgres)("on PostgreSQL", () => {
  test("keys and tokens made at the command line open the running platform", async () => {
    const url = database["DATABASE_URL"] ?? "";
    const app = await TestApp.start({ database: openPostgres(url) });
    const organization = (await admin(["org", "create", "Live"])).out.trim();
    const user = (await admin(["user", "create", "live@example.com"])).out.trim();
    await admin(["member", "add", "--org", organization, "--user", user, "--role", "viewer"]);
    const key = (await admin(["key", "create", "--org", organization])).out.trim();
    const pat = (await admin(["pat", "create", "--user", user])).out.trim();
    expect((await app.post("/core/agents", { name: "Ada" }, key)).status).toBe(201);
    const headers = { "x-anyreach-org": organization };
    expect((await app.get("/core/agents", pat, headers)).body).toHaveLength(1);
    expect((await app.post("/core/agents", { name: "Bob" }, pat, headers)).status).toBe(403);
    await app.stop();
  });

  test("erasing a visitor beside the running platform closes their rooms as well, its own LiveKit's too", async () => {
    const app = await TestApp.start({ database: openPostgres(database["DATABASE_URL"] ?? "") });
    const { id, key } = await app.organization();
    const widget = await app.widget(key);
    const rooms = new Map<string, string>();
    for (const user of ["eve", "dev", "late", "stays"]) {
      const { body } = await app.begin(widget.id, { user_id: user });
      rooms.set(user, body.connection_details.room);
    }
    const erase = (user: string, env: Record<string, string>): Promise<Ran> =>
      admin(["visitor", "erase", "--org", id, "--user-id", user], { ...database, ...env });

    const asked: { path: string | undefined; issuer: string | undefined; room: string }[] = [];
    const livekit = createServer(async (request, response) => {
      const { room } = (await readJson(request)) as { room: string };
      const issuer = decodeJwt(request.headers.authorization?.split(" ")[1] ?? "").iss;
      asked.push({ path: request.url, issuer, room });
      response.setHeader("content-type", "application/json").end("{}");
    });
    await new Promise<void>((resolve) => livekit.listen(0, "127.0.0.1", resolve));
    const { port } = livekit.address() as AddressInfo;
    const dataDir = join(directory, "development");
    const { livekitApiKey } = await localSecrets(dataDir);
    const foreign = {
      LIVEKIT_URL: `ws://127.0.0.1:${port}`,
      LIVEKIT_API_KEY: "key",
      LIVEKIT_API_SECRET: SECRET,
    };
    const development = { DATA_DIR: dataDir, LIVEKIT_PORT: String(port) };
    const removed = { code: 0, out: "1\n", err: "" };
    expect(await erase("eve", foreign)).toEqual(removed);
    expect(await erase("dev", development)).toEqual(removed);
    livekit.closeAllConnections();
    await new Promise((resolve) => livekit.close(resolve));
    expect(await erase("late", development)).toEqual(removed);
    const path = "/twirp/livekit.RoomService/DeleteRoom";
    expect(asked).toEqual([
      { path, issuer: "key", room: rooms.get("eve") },
      { path, issuer: livekitApiKey, room: rooms.get("dev") },
    ]);
    const left = (await app.get("/core/conversations", key)).body;
    expect(left.map((row: { user_id: string }) => row.user_id)).toEqual(["stays"]);
    await app.stop();
  });
});
