import { createInterface } from "node:readline";

/**
 * Ends what a test process has started as soon as that one is gone. Whatever ends it, kill -9 included,
 * closes our input. A pipe and not Node's own channel: that one drops what was said right before the end.
 * Plain JavaScript, so that it starts in a moment.
 */
const signals = new Map();
const input = createInterface({ input: process.stdin });

input.on("line", (line) => {
  const { id, signal } = JSON.parse(line);
  if (signal) signals.set(id, signal);
  else signals.delete(id);
});

input.once("close", () => {
  for (const [id, signal] of signals) {
    try {
      process.kill(id, signal);
      // One that a test has stopped would hear of it only when it goes on.
      process.kill(id, "SIGCONT");
    } catch {
      // It has ended by itself.
    }
  }
});
