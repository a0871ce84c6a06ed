import { voice } from "@livekit/agents";
import type { Room } from "@livekit/rtc-node";
import { hearOut } from "./hear-out.js";
import { nameCaptions, type Captions } from "./captions.js";
import { pauseAtOnce } from "./pause-at-once.js";
import type { TurnMode } from "./turn.js";

/** Of speech that is on its way already: that much is lost of an agent who is interrupted by a sound that was no words. */
const QUEUE_MS = 100;

export interface TalkIoOptions {
  readonly session: voice.AgentSession;
  readonly room: Room;
  /** The visitor's. */
  readonly identity: string;
  readonly captions: Captions;
}

/** How a talk's session reaches the room: in writing, and with sound from the first sound on. */
export class TalkIo {
  private io: voice.RoomIO;
  private isClosed = false;

  constructor(private readonly options: TalkIoOptions) {
    options.session.output.transcription = options.captions;
    this.io = this.make(false);
  }

  start(): void {
    this.io.start();
  }

  /**
   * From now on what is said is kept for an agent with ears. The words that go out meanwhile go on as they began.
   *
   * @returns gives the session its mouth, when nothing is being said; undefined once this is closed.
   */
  async openSound(): Promise<(() => void) | undefined> {
    const { session, captions } = this.options;
    await this.io.close();
    if (this.isClosed) return undefined;
    const { output } = session;
    output.transcription = null;
    this.io = this.make(true);
    this.io.start();
    pauseAtOnce(Reflect.get(this.io, "participantAudioOutput"));
    const { audio, transcription } = output;
    output.audio = null;
    output.transcription = captions;
    // This agent would take it and hear nothing.
    session._activity?.detachAudioInput();
    return () => {
      // The framework's captions wait for sound that is attached, also while it is not enabled.
      output.setAudioEnabled(true);
      output.audio = audio;
      output.transcription = transcription;
      nameCaptions(transcription, captions);
    };
  }

  /** Who writes is answered in writing, and who speaks is spoken to as soon as there is a mouth. */
  speakOrWrite(mode: TurnMode): void {
    const { session } = this.options;
    session.output.setAudioEnabled(mode === "voice" && session._activity?.tts !== undefined);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.io.close();
  }

  /** The talk's own rules say what is heard and when it is over; the framework's say what the agent does. */
  private make(hasSound: boolean): voice.RoomIO {
    const { session, room, identity } = this.options;
    return new voice.RoomIO({
      agentSession: session,
      room,
      participant: identity,
      inputOptions: { textEnabled: false, audioEnabled: hasSound, closeOnDisconnect: false },
      outputOptions: {
        audioEnabled: hasSound,
        transcriptionEnabled: hasSound,
        queueSizeMs: QUEUE_MS,
      },
    });
  }
}

/**
 * Gives the session another agent. Resolves when that one is there: meanwhile the framework refuses whatever is to be
 * said, and tells nobody when it is over.
 */
export async function changeAgent(session: voice.AgentSession, agent: voice.Agent): Promise<void> {
  session.updateAgent(agent);
  const { result }: { result: Promise<void> } = Reflect.get(session, "updateActivityTask");
  await result;
  hearOut(session._activity);
}
