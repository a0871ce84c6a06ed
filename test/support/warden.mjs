/**
 * Ends what a test process has started as soon as that one is gone. Whatever ends it, kill -9 included,
 * closes our channel to it. Plain JavaScript, so that it starts in a moment.
 */
const signals = new Map();

process.on("message", ({ id, signal }) => {
  if (signal) signals.set(id, signal);
  else signals.delete(id);
});

process.once("disconnect", () => {
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
