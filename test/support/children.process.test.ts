import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { test } from "vitest";
import { endsWithUs } from "./children.js";

/** A process that has started others; its output closes when the last of them is gone. */
async function starter(): Promise<ChildProcess> {
  const child = endsWithUs(
    fork(new URL("fixtures/starts-children.ts", import.meta.url), {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    }),
  );
  if (child.stdout) await once(child.stdout, "data");
  return child;
}

test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)(
  "what a test process has started ends with it when that is ended by %s",
  async (signal) => {
    const child = await starter();
    const allGone = once(child, "close");
    child.kill(signal);
    await allGone;
  },
);

test("what a test process has started ends with it when that exits", async () => {
  const child = await starter();
  const allGone = once(child, "close");
  child.send("exit");
  await allGone;
});
