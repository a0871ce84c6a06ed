import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { EMBEDDED_LIVEKIT, OWN_AGENT } from "../../../src/platform/optional-packages.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
} from "../../support/process.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

cleanUpProcesses();

/** The built server in an installation that lacks `missing`. @returns its `dist/main.js`. */
async function installationWithout(missing: readonly string[]): Promise<string> {
  const directory = await temporaryDirectory();
  for (const name of ["dist", "prisma", "package.json"])
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  const modules = join(ROOT, "node_modules");
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith("@")
      ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`)
      : [name],
  );
  for (const name of names.filter((one) => !missing.includes(one))) {
    const place = join(directory, "node_modules", name);
    mkdirSync(join(place, ".."), { recursive: true });
    symlinkSync(join(modules, name), place);
  }
  return join(directory, "dist", "main.js");
}

test.each([...EMBEDDED_LIVEKIT.packages])(
  "without %s a start that would run the embedded LiveKit says so in one sentence, before it touches anything",
  async (name) => {
    const main = await installationWithout([name]);
    const dataDir = join(await temporaryDirectory(), "data");
    const parley = await ParleyProcess.spawn({ DATA_DIR: dataDir }, main);
    expect(await parley.exit).toBe(1);
    expect(parley.output).toBe(
      `The embedded LiveKit, which runs where LIVEKIT_URL names no other, needs packages that are not installed here (${name}): run \`npm ci\` without \`--omit\`, or set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.\n`,
    );
    expect(readdirSync(join(dataDir, ".."))).toEqual([]);
  },
);

test("without the agent's packages a start that would run the agent says so in one sentence", async () => {
  const main = await installationWithout(OWN_AGENT.packages);
  const env = { ...FOREIGN_LIVEKIT, RUN_AGENT: "true", DATA_DIR: await temporaryDirectory() };
  const parley = await ParleyProcess.spawn(env, main);
  expect(await parley.exit).toBe(1);
  expect(parley.output).toBe(
    "The agent that comes with Parley needs packages that are not installed here (@livekit/agents, @livekit/agents-plugin-openai, @livekit/local-inference, @livekit/rtc-node, openai): run `npm ci` without `--omit`, or set RUN_AGENT=false.\n",
  );
});

test("with another LiveKit and another agent nothing of both is needed", async () => {
  const main = await installationWithout([...EMBEDDED_LIVEKIT.packages, ...OWN_AGENT.packages]);
  const env = { ...FOREIGN_LIVEKIT, RUN_AGENT: "false", DATA_DIR: await temporaryDirectory() };
  const parley = await ParleyProcess.start(env, main);
  expect((await parley.json("/healthz")).status).toBe(200);
});
