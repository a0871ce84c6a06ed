import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endsWithUs } from "../../support/children.js";
import { TestApp } from "../../support/app.js";
import { fakeSite } from "../../support/fake-site.js";

/** A stranger's reading of our OpenAPI document: `pip install schemathesis`, of the major version 4. */
const IS_INSTALLED = /version 4\./.test(
  String(spawnSync("schemathesis", ["--version"], { encoding: "utf8" }).stdout),
);
if (!IS_INSTALLED) process.stderr.write("schemathesis is not installed: its run is skipped\n");

let app: TestApp;
let directory: string;
beforeAll(async () => {
  app = await TestApp.start({
    brandFetcher: fakeSite("<title>Shop</title>"),
    rateLimits: { auto_brand: { points: 100_000, windowSeconds: 60 } },
  });
  directory = await mkdtemp(join(tmpdir(), "schemathesis-"));
});
afterAll(async () => {
  await app.stop();
  await rm(directory, { recursive: true, force: true });
});

// What is left out: a document cannot say which ids exist, what is an origin or a cursor, or that
// form ids differ, so that a request that fits it may still be a 422.
const CHECKS = ["--checks", "all", "--exclude-checks", "positive_data_acceptance"];
const PHASES = ["--phases", "examples,fuzzing,stateful", "--max-examples", "8", "--seed", "1"];
/** Neither can be written in a keyword for every text of a document. */
const TEXTS = ["--generation-allow-x00", "false", "--generation-codec", "utf-8"];
const SPEED = ["--no-shrink", "--suppress-health-check", "all", "--warnings", "off"];

test.skipIf(!IS_INSTALLED)(
  "schemathesis finds no answer that the OpenAPI document does not allow",
  { timeout: 600_000 },
  async () => {
    const { key } = await app.organization();
    const url = `${app.url}/core/openapi.json`;
    const header = ["--header", `Authorization: Bearer ${key}`];
    const run = endsWithUs(
      spawn("schemathesis", ["run", url, ...header, ...CHECKS, ...PHASES, ...TEXTS, ...SPEED], {
        cwd: directory,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    let output = "";
    for (const stream of [run.stdout, run.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    const [code] = await once(run, "close");
    expect(code, output.slice(-8000)).toBe(0);
  },
);
