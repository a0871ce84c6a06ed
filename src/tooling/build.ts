/**
 * Builds what changed: Prisma's client from the schema, the server, the embed, the agent worker. Run
 * by `npm start` and the test commands, so that nobody has to remember it; when nothing changed it
 * takes a moment and says nothing.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildClient } from "./build-client.js";
import { buildAgent } from "./build-agent.js";
import { buildConsole, generateConsoleOperations } from "./build-console.js";
import { buildPreview } from "./build-preview.js";
import { buildEmbed } from "./build-widget.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STAMPS = join(ROOT, "dist", ".build");

/** What operators start, by the names that their scripts know, wherever the programs stand in the tree. */
const COMMANDS: readonly (readonly [command: string, program: string])[] = [
  ["main.js", "platform/main.js"],
  ["admin/main.js", "platform/admin/main.js"],
  ["database/migrate-command.js", "platform/database/migrate-command.js"],
];

/** One step: what it depends on, and how it is done. */
interface Step {
  readonly name: string;
  /** What a person reads while it is done. */
  readonly doing: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Only for the tests: done with `--tests`. */
  readonly forTests?: boolean;
  run(): Promise<void> | void;
}

const STEPS: readonly Step[] = [
  {
    name: "client",
    doing: "Generating the database client",
    inputs: ["prisma/schema.prisma", ".config/prisma.ts", "package-lock.json"],
    output: "src/platform/database/generated/client.ts",
    run: () => tool("prisma", "prisma", ["generate", "--no-hints"]),
  },
  {
    // Before what compares all of the sources.
    name: "console operations",
    doing: "Generating the types of the console's operations",
    inputs: ["src/console", "src/tooling", "schema.graphql", "package-lock.json"],
    output: "src/console/generated/operations.ts",
    run: () => generateConsoleOperations(join(ROOT, "src/console/generated/operations.ts")),
  },
  {
    name: "server",
    doing: "Compiling the server",
    inputs: ["src", "tsconfig.json", "package-lock.json"],
    output: "dist/main.js",
    run: () => {
      tool("typescript7", "tsc", ["-p", "tsconfig.json"]);
      for (const [command, program] of COMMANDS) writeCommand(command, program);
    },
  },
  {
    name: "embed",
    doing: "Bundling the widget",
    inputs: ["src/widget", "src/protocol", "src/tooling", "package-lock.json"],
    output: "dist/widget/manifest.json",
    run: async () => {
      await buildEmbed(join(ROOT, "dist", "widget"));
    },
  },
  {
    name: "console",
    doing: "Bundling the console",
    inputs: ["src/console", "src/protocol", "src/tooling", "package-lock.json"],
    output: "dist/console/manifest.json",
    run: async () => {
      await buildConsole(join(ROOT, "dist", "console"));
    },
  },
  {
    name: "preview",
    doing: "Bundling the console's preview",
    inputs: ["src/widget", "src/protocol", "src/tooling", "package-lock.json"],
    output: "dist/preview/manifest.json",
    run: async () => {
      await buildPreview(join(ROOT, "dist", "preview"));
    },
  },
  {
    name: "client package",
    doing: "Packing the client",
    inputs: ["src/widget", "src/protocol", "src/tooling", "package.json"],
    output: "dist/client/package.json",
    run: () => buildClient(join(ROOT, "dist", "client")),
  },
  {
    name: "agent",
    doing: "Bundling the agent",
    inputs: ["src", "package-lock.json"],
    output: "dist/agent/main.js",
    run: () => buildAgent(join(ROOT, "dist", "agent")),
  },
  {
    name: "generated clients",
    doing: "Generating the clients that the tests use",
    forTests: true,
    inputs: [
      "src",
      "schema.graphql",
      "test/support/generate-clients.ts",
      "test/support/dashboard-operations.ts",
      "package-lock.json",
    ],
    output: "test/support/generated/openapi.d.ts",
    run: () => tool("tsx", "tsx", ["test/support/generate-clients.ts"]),
  },
];

// A migration is written for a schema that the server's code does not know yet.
const isClientAlone = process.argv.includes("--client");
for (const step of STEPS) {
  if (isClientAlone && step.name !== "client") continue;
  if (step.forTests && !process.argv.includes("--tests")) continue;
  const stamp = join(STAMPS, step.name);
  const wanted = fingerprint(step.inputs);
  if (existsSync(join(ROOT, step.output)) && readStamp(stamp) === wanted) continue;
  // Not among what a command that builds first, such as `npm run admin`, answers on its output.
  process.stderr.write(`${step.doing}…\n`);
  await step.run();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Runs a package's command with this Node, quietly unless it fails. */
function tool(packageName: string, command: string, args: readonly string[]): void {
  const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as {
    bin: string | Record<string, string>;
  };
  const script = typeof bin === "string" ? bin : bin[command];
  if (!script) throw new Error(`${packageName} has no command ${command}`);
  const result = spawnSync(process.execPath, [join(dirname(manifest), script), ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout}${result.stderr}`);
  process.exit(result.status ?? 1);
}

/** A file of one line that runs `program`; both are relative to `dist`. */
function writeCommand(command: string, program: string): void {
  const path = join(ROOT, "dist", command);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `import "${"../".repeat(command.split("/").length - 1) || "./"}${program}";\n`,
  );
}

/** Names, sizes and times are enough to notice a change, and much faster than contents. */
function fingerprint(inputs: readonly string[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const file of filesOf(join(ROOT, input))) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesOf(join(path, entry.name)));
}

function readStamp(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
