import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const WARDEN = fileURLToPath(new URL("warden.mjs", import.meta.url));

let warden: ChildProcess | undefined;

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
  const keeper = (warden ??= startWarden());
  keeper.send({ id, signal });
  // The number may soon be another process's.
  child.once("exit", () => keeper.send({ id }, () => {}));
  return child;
}

/** In a session of its own, so that Ctrl-C at a terminal does not end it before us. */
function startWarden(): ChildProcess {
  const child = fork(WARDEN, {
    execArgv: [],
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.unref();
  child.channel?.unref();
  return child;
}
