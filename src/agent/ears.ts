import { setTimeout as delay } from "node:timers/promises";
import { inference, type voice } from "@livekit/agents";
import type { Speech, SpeechEvents, TalkModels } from "./models/talk-models.js";
import { changeAgent, type TalkIo } from "./talk-io.js";
import type { TalkMind } from "./talk-mind.js";
import type { TurnMode } from "./turn.js";

/** A panel that begins by voice sends it as soon as it is in the room: longer no greeting waits for that. */
const MICROPHONE_MS = 2_000;
const POLL_MS = 50;

export interface EarsOptions {
  readonly session: voice.AgentSession;
  readonly io: TalkIo;
  readonly mind: TalkMind;
  readonly models: Pick<TalkModels, "speech" | "speaks">;
  /** Whether the widget's talks do. */
  readonly beginsInVoice: boolean;
  /** Whether the visitor's microphone is on. */
  readonly isVoice: () => boolean;
  readonly events: SpeechEvents;
  /** Does something after what is being said. */
  readonly take: (work: () => Promise<void>) => void;
  readonly complain: (error: unknown, what: string) => void;
}

/** A talk's ears and mouth, from the visitor's first sound on: most talks are written, and pay nothing for this. */
export class Ears {
  private opening: Promise<void> | undefined;
  private change: (() => Promise<void>) | undefined;

  constructor(private readonly options: EarsOptions) {}

  /** The visitor's sound is there. */
  listen(): void {
    const { models, events, complain } = this.options;
    if (models.speech)
      this.opening ??= this.open(models.speech(events)).catch((error: unknown) =>
        complain(error, "no voice"),
      );
  }

  /**
   * How the agent begins: who begins by voice is greeted aloud, and not in writing first. Ears and mouth are there then,
   * ahead of all that waits to be said.
   */
  async firstMode(signal: AbortSignal): Promise<TurnMode> {
    const { models, beginsInVoice, isVoice } = this.options;
    if (!models.speaks || !(beginsInVoice || isVoice())) return "text";
    const lastMs = performance.now() + MICROPHONE_MS;
    while (!this.opening && !signal.aborted && performance.now() < lastMs) await delay(POLL_MS);
    await this.opening;
    await this.changeOnce();
    return this.opening && isVoice() ? "voice" : "text";
  }

  private async open(speech: Speech): Promise<void> {
    const { session, io, mind, take, complain } = this.options;
    const openMouth = await io.openSound();
    if (!openMouth) return;
    this.change = async () => {
      openMouth();
      const chatCtx = session.currentAgent.chatCtx.copy();
      const ears = { ...speech, vad: new inference.VAD() };
      await changeAgent(session, mind.agent({ ...ears, chatCtx })).catch(async (error: unknown) => {
        complain(error, "no voice");
        await changeAgent(session, mind.agent({ chatCtx }));
      });
    };
    // After what is being said: the agent that comes is given all of it.
    take(() => this.changeOnce());
  }

  private async changeOnce(): Promise<void> {
    const { change } = this;
    this.change = undefined;
    await change?.();
  }
}
