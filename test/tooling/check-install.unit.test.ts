import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CHECK = "src/tooling/check-install.cjs";

let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "parley-checkout-"));
  mkdirSync(join(checkout, "src/tooling"), { recursive: true });
  for (const file of [CHECK, "package.json"]) cpSync(join(ROOT, file), join(checkout, file));
});
afterEach(() => rmSync(checkout, { recursive: true }));

/** Runs the check as `npm start` does. @param version another Node's. */
function check(version = process.version): { status: number | null; stderr: string } {
  const asIf = `Object.defineProperty(process, "version", { value: "${version}" });`;
  const script = `${asIf} require(${JSON.stringify(join(checkout, CHECK))});`;
  return spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
}

/** Leaves every package in its place, but for those of `except`. */
function install(...except: string[]): void {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (except.includes(name)) continue;
    mkdirSync(join(checkout, "node_modules", name), { recursive: true });
    writeFileSync(join(checkout, "node_modules", name, "package.json"), "{}");
  }
}

test.each(["v12.22.12", "v18.20.8", "v20.18.3"])(
  "Node %s is too old, in one sentence",
  (version) => {
    const message = `Parley needs Node 20.19 or newer; this is ${version}.\n`;
    expect(check(version)).toMatchObject({ status: 1, stderr: message });
  },
);

test.each(["v20.19.0", "v22.0.0", "v24.1.0"])("Node %s is new enough", (version) => {
  install();
  expect(check(version)).toMatchObject({ status: 0, stderr: "" });
});

test("a forgotten `npm ci` is one sentence", () => {
  expect(check()).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^Packages are missing \(@apollo\/server and \d+ more\): run `npm ci` first\.\n$/,
    ),
  });
});

test("so is a package that came after the last one", () => {
  install("zod");
  const message = "Packages are missing (zod): run `npm ci` first.\n";
  expect(check()).toMatchObject({ status: 1, stderr: message });
});
