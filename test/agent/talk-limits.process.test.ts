import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dispose } from "@livekit/rtc-node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ParleyProcess, until } from "../support/process.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";

const SLOW = 240_000;
const LAST_WORDS = /end of what one conversation may take/;

let dataDir: string;
let parley: ParleyProcess;
let key: string;
let widgetId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parley-limits-"));
  parley = await ParleyProcess.start({
    DATA_DIR: dataDir,
    LOG_LEVEL: "warn",
    USAGE_LIMITS: '{"widget":{"concurrent_talks":1,"talk_turns":1}}',
  });
  key = parley.demoKey;
  widgetId = parley.demoWidgetId;
}, SLOW);

afterEach(leaveAll);

afterAll(async () => {
  parley.killGroup();
  await parley.exit;
  await dispose();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}, SLOW);

test(
  "a talk that has used up its share ends in words, and another one may begin",
  async () => {
    const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: "ada" }));
    await visitor.hears(/demo agent/);
    await expect(start(parley, widgetId, { user_id: "grace" })).rejects.toThrow(/try again/);
    await visitor.write("How long does shipping take?");
    await visitor.hears(/2 pm/);
    await visitor.write("And do you have decaf?");
    await visitor.hears(LAST_WORDS);
    await until(
      () => (visitor.disconnected ? true : undefined),
      () => "the room is still there",
    );
    const { conversationId } = visitor.started;
    const detail = await until(
      async () => {
        const { text } = await parley.json(`/core/conversations/${conversationId}`, { key });
        const read = JSON.parse(text);
        return read.status === "completed" ? read : undefined;
      },
      () => "the conversation is not over",
    );
    const texts = detail.conversation.messages.map((one: { text: string }) => one.text);
    expect(texts.at(-1)).toMatch(LAST_WORDS);
    expect(texts.join()).not.toMatch(/Still Water/);
    await until(
      () => start(parley, widgetId, { user_id: "grace" }).catch(() => undefined),
      () => "its share is not free",
    );
  },
  SLOW,
);
