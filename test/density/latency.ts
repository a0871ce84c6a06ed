/**
 * `npm run latency`: what is added to a model's own time, from a visitor's message to the first word of its answer, with a
 * real LiveKit client on the embedded server. README.md beside it says how to read it.
 */
import { loadavg } from "node:os";
import { dispose } from "@livekit/rtc-node";
import { start, VisitorClient } from "../agent/visitor-client.js";
import { ModelServer } from "../support/model-server.js";
import {
  endProcesses,
  endProcessesNow,
  ParleyProcess,
  temporaryDirectory,
} from "../support/process.js";

const QUESTIONS = 50;
/** The first ones find nothing loaded and no connection open. */
const WARM_UP = 5;
const MODEL_MS = 200;

process.once("exit", endProcessesNow);
const models = await ModelServer.start();
const parley = await ParleyProcess.start({
  ...models.environment(),
  DATA_DIR: await temporaryDirectory(),
  LOG_LEVEL: "error",
});
await parley.said(/The agent is ready/);
const widgetId = parley.demoWidgetId;
const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: "curious" }));
await visitor.hears(/Harbour Coffee/);

const toModel: number[] = [];
const fromModel: number[] = [];
for (let number = 0; number < WARM_UP + QUESTIONS; number += 1) {
  const words = `Question ${number} of many.`;
  models.say({ text: `Answer ${number} of many.`, firstWordMs: MODEL_MS, wordMs: 5 });
  const askedAt = performance.now();
  await visitor.write(words);
  const answer = await visitor.hears(new RegExp(`^Answer ${number} of`));
  const request = models.chats.at(-1);
  if (!request?.firstWordAt) throw new Error("The model was not asked.");
  if (number < WARM_UP) continue;
  toModel.push(request.at - askedAt);
  fromModel.push(answer.begunAt - request.firstWordAt);
}
const added = toModel.map((ms, index) => ms + (fromModel[index] ?? 0));
for (const [name, figures] of Object.entries({
  "to the model": toModel,
  "from the model": fromModel,
  "added to its own time": added,
})) {
  const sorted = figures.toSorted((one, other) => one - other);
  const at = (share: number): string =>
    `${Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)}`;
  process.stdout.write(`${name.padEnd(24)}p50 ${at(0.5)} ms, p95 ${at(0.95)} ms\n`);
}
process.stdout.write(`load ${(loadavg()[0] ?? 0).toFixed(1)}\n`);
await visitor.leave();
await endProcesses();
await dispose();
await models.stop();
