/** The fast checks, the same here and in CI: no database, no network. All of them run; any failure fails. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const TSC = "node_modules/typescript7/bin/tsc";

/** A name, and what to run with this Node. */
const CHECKS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["build", ...bin("tsx"), "src/tooling/build.ts", "--tests"],
  ["format", ...bin("oxfmt"), "--check"],
  ["lint", ...bin("oxlint"), "src", "test", ".config"],
  ["types (server, tests)", TSC, "-p", ".config/tsconfig.test.json"],
  ["types (browser)", TSC, "--noEmit", "-p", "src/widget/tsconfig.json"],
  ["types (console)", TSC, "--noEmit", "-p", "src/console/tsconfig.json"],
  ["unused files, exports, packages", ...bin("knip"), "--config", ".config/knip.ts"],
  ["schema.graphql", ...bin("tsx"), "src/tooling/emit-schema.ts", "--check"],
  [
    "rules of schema.graphql",
    ...bin("eslint"),
    "--config",
    ".config/graphql-eslint.mjs",
    "schema.graphql",
  ],
  ["sizes", ...bin("tsx"), "src/tooling/sizes.ts"],
];

const failed = CHECKS.filter(([name, ...args]) => {
  const result = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  process.stdout.write(`${result.status === 0 ? "ok  " : "FAIL"} ${name}\n`);
  if (result.status !== 0) process.stdout.write(`${result.stdout}${result.stderr}\n`);
  return result.status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);

function bin(name: string): [string] {
  return [join("node_modules", ".bin", name)];
}
