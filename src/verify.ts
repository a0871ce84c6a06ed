import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The fast checks, the same here and in CI: no database, no network. All of them run; any failure fails. */
const ROOT = fileURLToPath(new URL("..", import.meta.url));

const CHECKS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["build", "tsx", "src/build.ts", "--tests"],
  ["format", "oxfmt", "--check"],
  ["lint", "oxlint", "src", "test", ".config"],
  [
    "types (server, tests)",
    "node",
    "node_modules/typescript7/bin/tsc",
    "-p",
    ".config/tsconfig.test.json",
  ],
  [
    "types (browser)",
    "node",
    "node_modules/typescript7/bin/tsc",
    "--noEmit",
    "-p",
    "src/embed/tsconfig.json",
  ],
  ["schema.graphql", "node", "dist/graphql/emit-schema.js", "--check"],
  ["sizes", "tsx", "src/embed-build/sizes.ts"],
];

const failed = CHECKS.filter(([name, command, ...args]) => {
  const result = spawnSync("npx", ["--no-install", command, ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  process.stdout.write(`${result.status === 0 ? "ok  " : "FAIL"} ${name}\n`);
  if (result.status !== 0) process.stdout.write(`${result.stdout}${result.stderr}\n`);
  return result.status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
