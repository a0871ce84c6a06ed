import { dispose } from "@livekit/rtc-node";
import { ModelServer } from "../support/model-server.js";
import { ParleyProcess, temporaryDirectory } from "../support/process.js";

interface ParleyWithModels {
  readonly parley: ParleyProcess;
  readonly models: ModelServer;
}

/** A platform whose agent is ready, and has a model, ears and a voice: the server that plays them. */
export async function startWithModels(): Promise<ParleyWithModels> {
  const models = await ModelServer.start();
  const parley = await ParleyProcess.start({
    ...models.environment(),
    ...models.speechEnvironment(),
    DATA_DIR: await temporaryDirectory(),
    LOG_LEVEL: "warn",
  });
  await parley.said(/The agent is ready/);
  return { models, parley };
}

export async function endWithModels({ models, parley }: ParleyWithModels): Promise<void> {
  parley.killGroup();
  await parley.exit;
  await dispose();
  await models.stop();
}
