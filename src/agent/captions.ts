import { voice } from "@livekit/agents";
import type { LocalParticipant, Room } from "@livekit/rtc-node";

/** The framework's captions of the agent's words, under names of ours: words said anew take the place of the first ones. */
export class Captions extends voice.ParticipantTranscriptionOutput {
  /** @param nextName of the words that begin now. */
  constructor(
    room: Room,
    me: LocalParticipant,
    private readonly nextName: (() => string) | undefined,
  ) {
    super(room, true, me);
  }

  /** The framework sets it whenever a visitor's voice is heard for the first time; it stays what it is. */
  override setParticipant(participant: LocalParticipant | string | null): void {
    if (this.nextName === undefined) super.setParticipant(participant);
  }

  // The framework's constructor asks for a name as well, before there is anything to say.
  protected override generateCurrentId(): string {
    return `SG_${this.nextName?.() ?? ""}`;
  }
}

/**
 * With a voice, the framework makes captions of its own and keeps them in step with the sound. Ours, which have names,
 * take their place at the end of that chain, for which it has no option.
 */
export function nameCaptions(output: unknown, captions: Captions): void {
  const last: unknown = Reflect.get(Object(output), "nextInChain");
  if (!(last instanceof voice.ParalellTextOutput))
    throw new Error("The framework's captions are other ones now.");
  last._sinks = [captions];
}
