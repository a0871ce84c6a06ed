import { ReadableStream } from "node:stream/web";
import { initializeLogger, voice } from "@livekit/agents";
import { expect, test, vi } from "vitest";
import { hearOut } from "../../src/agent/hear-out.js";
import { ScriptedModel } from "../support/scripted-model.js";

/** What the framework's ears tell when a visitor has said something to its end. */
const said = (newTranscript: string): object => ({ newTranscript, transcriptConfidence: 1 });

test("what is said to its end into words that may not be interrupted is answered after them", async () => {
  initializeLogger({ pretty: false, level: "silent" });
  const model = new ScriptedModel(() => "At six.");
  const session = new voice.AgentSession({
    llm: model,
    vad: null,
    turnHandling: { turnDetection: null },
    userAwayTimeout: null,
  });
  await session.start({ agent: new voice.Agent({ instructions: "" }), record: false });
  const activity = session._activity;
  hearOut(activity);
  let finish = (): void => {};
  const greeting = new ReadableStream<string>({
    start(controller) {
      controller.enqueue("Good ");
      finish = () => {
        controller.enqueue("day.");
        controller.close();
      };
    },
  });
  const handle = session.say(greeting, { allowInterruptions: false });
  await vi.waitFor(() => expect(activity?.currentSpeech).toBe(handle), 10_000);
  Reflect.apply(Reflect.get(Object(activity), "onEndOfTurn"), activity, [said("When?")]);
  expect(model.asked).toHaveLength(0);
  finish();
  await vi.waitFor(() => expect(model.asked).toHaveLength(1), 10_000);
  const texts = (model.asked[0] ?? []).flatMap((item) =>
    item.type === "message" && item.role !== "system" ? [item.textContent] : [],
  );
  expect(texts).toEqual(["Good day.", "When?"]);
  await session.close();
});
