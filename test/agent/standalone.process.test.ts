import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { dispose } from "@livekit/rtc-node";
import { afterAll, expect, test } from "vitest";
import { endsWithUs } from "../support/children.js";
import { freePort } from "../support/free-port.js";
import { ParleyProcess, until } from "../support/process.js";
import { Microphone, recordedQuestion } from "./microphone.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";

const SLOW = 180_000;
const WORKER = fileURLToPath(new URL("../../dist/agent/main.js", import.meta.url));

const CONNECTION_LOG = fileURLToPath(new URL("../support/connection-log.mjs", import.meta.url));

const directories: string[] = [];
const ends: (() => void)[] = [];

afterAll(async () => {
  await leaveAll();
  for (const end of ends) end();
  await dispose();
  for (const directory of directories) {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}, SLOW);

async function environment(): Promise<Record<string, string>> {
  const dataDir = await mkdtemp(join(tmpdir(), "parley-standalone-"));
  directories.push(dataDir);
  return {
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    LIVEKIT_PORT: String(await freePort()),
    LOG_LEVEL: "warn",
  };
}

/** @returns a directory with what a system tells its name by, which writes that it was asked. */
async function programsThatWrite(path: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "parley-programs-"));
  directories.push(directory);
  await writeFile(join(directory, "lsb_release"), `#!/bin/sh\n: > ${path}\n`, { mode: 0o755 });
  return directory;
}

/** What `npm run agent` runs, alone. */
function runWorker(env: Record<string, string>): {
  child: ChildProcess;
  exit: Promise<number | null>;
  output: () => string;
} {
  const child = endsWithUs(
    spawn(process.execPath, [WORKER], {
      env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    }),
    { group: true },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
  const exit = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  ends.push(() => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  });
  return { child, exit, output: () => output };
}

test(
  "a worker that runs alone answers for a platform that runs none, and ends in order when told to",
  async () => {
    const env = await environment();
    const parley = await ParleyProcess.start({ ...env, RUN_AGENT: "false" });
    ends.push(() => parley.killGroup());
    const widgetId = parley.demoWidgetId;
    const path = join(env["DATA_DIR"] ?? "", "secrets.json");
    const secrets = JSON.parse(await readFile(path, "utf8"));
    const wasAsked = join(env["DATA_DIR"] ?? "", "asked");
    const worker = runWorker({
      PATH: [await programsThatWrite(wasAsked), process.env["PATH"]].join(delimiter),
      PARLEY_URL: parley.url,
      AGENT_SECRET: secrets.agentSecret,
      LIVEKIT_URL: `ws://127.0.0.1:${env["LIVEKIT_PORT"]}`,
      LIVEKIT_API_KEY: secrets.livekitApiKey,
      LIVEKIT_API_SECRET: secrets.livekitApiSecret,
    });
    // It may come after the visitor: who waits alone is answered when it does.
    const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: "early" }));
    await visitor.hears(/Harbour Coffee/);
    // LiveKit's client would ask it for the system's name at each join, which costs more than the greeting.
    expect(existsSync(wasAsked)).toBe(false);
    worker.child.kill("SIGTERM");
    await visitor.write("still there?");
    await visitor.hears(/still there/);
    await visitor.leave();
    expect(await worker.exit).toBe(0);
    await until(
      async () => {
        const asked = await start(parley, widgetId, { user_id: "asks" });
        return asked.agentAvailable ? undefined : true;
      },
      () => "the worker's goodbye was not heard",
    );
  },
  SLOW,
);

test(
  "voice is heard by models of its own: a worker connects to its platform and its LiveKit, whatever of LiveKit's cloud is named to the framework",
  async () => {
    const env = await environment();
    const parley = await ParleyProcess.start({ ...env, RUN_AGENT: "false" });
    ends.push(() => parley.killGroup());
    const widgetId = parley.demoWidgetId;
    const secrets = JSON.parse(await readFile(join(env["DATA_DIR"] ?? "", "secrets.json"), "utf8"));
    const connections = join(env["DATA_DIR"] ?? "", "connections");
    const cloud = `http://127.0.0.1:${await freePort()}`;
    runWorker({
      PARLEY_URL: parley.url,
      AGENT_SECRET: secrets.agentSecret,
      LIVEKIT_URL: `ws://127.0.0.1:${env["LIVEKIT_PORT"]}`,
      LIVEKIT_API_KEY: secrets.livekitApiKey,
      LIVEKIT_API_SECRET: secrets.livekitApiSecret,
      NODE_OPTIONS: `--import ${CONNECTION_LOG}`,
      CONNECTION_LOG: connections,
      LIVEKIT_INFERENCE_URL: cloud,
      LIVEKIT_REMOTE_EOT_URL: cloud,
    });
    const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: "speaks" }));
    await visitor.hears(/Harbour Coffee/);
    const microphone = await Microphone.open(visitor.me);
    await microphone.say(await recordedQuestion());
    await visitor.hears(/You said \(played back\)/);
    await microphone.close();
    await visitor.leave();
    const to = new Set((await readFile(connections, "utf8")).trim().split("\n"));
    expect([...to].toSorted()).toEqual(
      [`127.0.0.1:${env["LIVEKIT_PORT"]}`, `127.0.0.1:${env["PORT"]}`].toSorted(),
    );
  },
  SLOW,
);

test(
  "a worker that lacks its configuration names all of it, once, and ends",
  async () => {
    const worker = runWorker({ AGENT_SECRET: "short", PARLEY_URL: "nowhere" });
    expect(await worker.exit).toBe(1);
    for (const name of ["PARLEY_URL", "AGENT_SECRET", "LIVEKIT_URL", "LIVEKIT_API_KEY"]) {
      expect(worker.output()).toContain(name);
    }
    expect(worker.output()).not.toContain("    at ");
  },
  SLOW,
);

test(
  "a taken LIVEKIT_PORT is said in one sentence, and nothing is left running",
  async () => {
    const env = await environment();
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(Number(env["LIVEKIT_PORT"]), "127.0.0.1", resolve);
    });
    const parley = await ParleyProcess.spawn(env);
    expect(await parley.exit).toBe(1);
    expect(parley.output).toMatch(
      new RegExp(`port ${env["LIVEKIT_PORT"]} is in use.*LIVEKIT_PORT`),
    );
    expect(parley.output).not.toContain("    at ");
    await parley.groupIsGone();
    taken.close();
  },
  SLOW,
);
