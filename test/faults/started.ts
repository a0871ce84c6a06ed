import type { ChildProcess } from "node:child_process";

const started = new Map<ChildProcess, NodeJS.Signals>();

// Whatever ends us, and however far a fault had come: nothing of ours stays.
process.once("exit", () => {
  for (const [child, signal] of started) {
    child.kill(signal);
    // One that a fault has stopped would hear of it only when it goes on.
    child.kill("SIGCONT");
  }
});

/** Sees to it that a process ends with this one. @param signal that ends it at once. */
export function endsWithUs(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): ChildProcess {
  started.set(child, signal);
  child.once("exit", () => started.delete(child));
  return child;
}
