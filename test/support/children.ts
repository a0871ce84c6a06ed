import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const WARDEN = fileURLToPath(new URL("warden.mjs", import.meta.url));

type Warden = ChildProcess & { readonly stdin: Writable };

let warden: Warden | undefined;

/**
 * Sees to it that a process ends with this one, whatever ends this one.
 *
 * @param options.signal what ends it at once: SIGKILL unless given.
 * @param options.group whether it leads a process group (`detached`), which ends as a whole.
 */
export function endsWithUs<Child extends ChildProcess>(
  child: Child,
  { signal = "SIGKILL", group = false }: { signal?: NodeJS.Signals; group?: boolean } = {},
): Child {
  // Without an id it could not be started.
  if (child.pid === undefined) return child;
  const id = group ? -child.pid : child.pid;
  const { stdin } = (warden ??= startWarden());
  stdin.write(`${JSON.stringify({ id, signal })}\n`);
  // The number may soon be another process's.
  child.once("exit", () => stdin.write(`${JSON.stringify({ id })}\n`));
  return child;
}

/** In a session of its own, so that Ctrl-C at a terminal does not end it before us. */
function startWarden(): Warden {
  const child = spawn(process.execPath, [WARDEN], {
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.unref();
  // A pipe is a socket here, whose type says nothing of it.
  if (child.stdin instanceof Socket) child.stdin.unref();
  child.stdin.on("error", () => {});
  return child;
}
