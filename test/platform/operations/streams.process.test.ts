import { expect, test } from "vitest";
import { EventStream } from "../../support/event-stream.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
} from "../../support/process.js";

cleanUpProcesses();

test("a stop ends the streams of who follows a talk, and waits for none of them", async () => {
  const parley = await ParleyProcess.start({
    ...FOREIGN_LIVEKIT,
    DATA_DIR: await temporaryDirectory(),
    LOG_LEVEL: "info",
  });
  const key = parley.demoKey;
  const widgetId = parley.demoWidgetId;
  const body = { user_id: "ada" };
  const started = await parley.json(`/core/public/web-widgets/${widgetId}/conversations`, { body });
  const { id } = JSON.parse(started.text).conversation;
  const stream = await EventStream.open(parley, key, {
    query: "subscription ($id: UUID!) { conversationEvents(id: $id) { kind status } }",
    variables: { id },
  });
  expect(await stream.take(1)).toEqual([{ kind: "STATUS_CHANGED", status: "TOKEN_CREATED" }]);
  parley.kill("SIGTERM");
  expect(await stream.next()).toBeUndefined();
  expect(await parley.exit).toBe(0);
  const line = parley.logLines.find(({ req }) => Object(req).path === "/graphql/stream");
  expect(line).toMatchObject({ res: { status: 200 } });
  expect(JSON.stringify(parley.logLines)).not.toContain(key);
});
