/**
 * `npm run interruption`: how soon the agent is silent when somebody speaks into its words, with a real LiveKit client on the
 * embedded server. README.md beside it says how to read it.
 */
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { dispose } from "@livekit/rtc-node";
import { Earphone, Microphone, recordedQuestion } from "../agent/microphone.js";
import { start, VisitorClient } from "../agent/visitor-client.js";
import { nextAudioTrack } from "../livekit/support.js";
import { ModelServer } from "../support/model-server.js";
import {
  endProcesses,
  endProcessesNow,
  ParleyProcess,
  temporaryDirectory,
  until,
} from "../support/process.js";

const TRIES = 12;
/** The agent's voice here has no pauses of its own. */
const QUIET_MS = 300;

/** Longer than it is let speak: 20 s. */
const LONG_ANSWER = "again and ".repeat(30);

process.once("exit", endProcessesNow);
const models = await ModelServer.start();
models.answer = () => ({ text: LONG_ANSWER });
const parley = await ParleyProcess.start({
  ...models.environment(),
  ...models.speechEnvironment(),
  DATA_DIR: await temporaryDirectory(),
  LOG_LEVEL: "error",
});
await parley.said(/The agent is ready/);
const body = { user_id: "interrupts" };
const visitor = await VisitorClient.join(await start(parley, parley.demoWidgetId, body));
await visitor.hears(/Harbour Coffee/);
const recording = await recordedQuestion();
/** The recording begins with 13 ms of nothing. */
const question = recording.subarray(recording.findIndex((sample) => sample !== 0));
const track = nextAudioTrack(visitor.room);
const microphone = await Microphone.open(visitor.me);
// The first sound loads the models. Its answer is what is interrupted, and what that says too.
await microphone.say(question);
const earphone = new Earphone(await track);
const stops: number[] = [];
for (let number = 0; stops.length < TRIES; number += 1) {
  await until(
    () => (earphone.isLoud ? true : undefined),
    () => `nothing is played back:\n${parley.output}`,
  );
  // Somewhere in it.
  await delay(100 * (number % 6));
  const before = microphone.lastBegunMs;
  const said = microphone.say(question);
  await until(
    () => {
      const isQuiet = performance.now() - earphone.lastHeardMs > QUIET_MS;
      return isQuiet && microphone.lastBegunMs !== before ? true : undefined;
    },
    () => "it does not stop",
  );
  const stopMs = earphone.lastHeardMs - microphone.lastBegunMs;
  // What fell silent before anything was said was not interrupted.
  if (stopMs > 0) stops.push(stopMs);
  await said;
}
const sorted = stops.toSorted((one, other) => one - other);
const at = (share: number): string =>
  `${Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)}`;
process.stdout.write(
  `stopped after p50 ${at(0.5)} ms, p95 ${at(0.95)} ms (${sorted.map(Math.round).join(", ")}); load ${(loadavg()[0] ?? 0).toFixed(1)}\n`,
);
await visitor.leave();
await endProcesses();
await models.stop();
await dispose();
process.exit(0);
