/** `npm run dev`: the server, built anew and started again after each change. Its data stays. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DevLoop } from "./dev-loop.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSX = createRequire(import.meta.url).resolve("tsx/cli");

const loop = new DevLoop({
  watched: ["src", "prisma", "package-lock.json"].map((name) => join(ROOT, name)),
  ignored: /\bgenerated\b/,
  build: async () => {
    // A process of its own, so that a change of the build itself counts.
    const build = spawn(process.execPath, [TSX, join(ROOT, "src/tooling/build.ts")], {
      stdio: "inherit",
    });
    const [code] = await once(build, "exit");
    if (code !== 0) say("The build failed: what ran before goes on until the next change.");
    return code === 0;
  },
  run: () => spawn(process.execPath, [join(ROOT, "dist/main.js")], { stdio: "inherit" }),
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void loop.stop().finally(() => process.exit(0)));
}
loop.start();

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
