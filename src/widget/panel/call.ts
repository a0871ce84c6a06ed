import { signal } from "@preact/signals";
import { explainMicrophone, surroundings, type MicrophoneProblem } from "./microphone-problem.js";
import type { ParentLink } from "./parent-link.js";
import type { Device, Microphone, RoomLink, RoomModule } from "./room-link.js";
import { STRINGS } from "./strings.js";
import type { Transcript } from "./transcript.js";

export type CallPhase = "off" | "opening" | "on";

export interface CallOptions {
  parent: ParentLink;
  transcript: Transcript;
  loadRoom: () => Promise<RoomModule>;
  /** The room of the talk, while it is joined. */
  room: () => RoomLink | undefined;
  onStopped: () => void;
  onProblem: (problem: MicrophoneProblem) => void;
  onLoadFailed: (error: unknown) => void;
}

/** The voice half of a talk: one microphone, taken along from room to room. */
export class Call {
  readonly phase = signal<CallPhase>("off");
  readonly isMuted = signal(false);
  /** What the visitor chose; nothing: what the browser takes. */
  readonly microphoneId = signal<string | undefined>(undefined);
  readonly speakerId = signal<string | undefined>(undefined);
  readonly isPlaybackBlocked = signal(false);
  readonly #options: CallOptions;
  #microphone: Microphone | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** Opens the microphone first: a visitor who refuses it needs no room. */
  async start(connect: () => Promise<RoomLink>): Promise<void> {
    this.phase.value = "opening";
    const microphone = await this.#open();
    if (microphone === undefined) return;
    this.#microphone = microphone;
    this.isMuted.value = false;
    microphone.onLost(() => this.#lose(microphone));
    try {
      await this.enter(await connect());
    } catch {
      // Stopped and started again meanwhile, the call is a younger microphone's.
      if (this.#microphone === microphone) this.close();
    }
  }

  /** Takes the microphone into a room. */
  async enter(room: RoomLink): Promise<void> {
    const microphone = this.#microphone;
    if (microphone === undefined) return;
    await room.publish(microphone);
    if (this.#microphone !== microphone) {
      // Stopped meanwhile, before there was anything to take back; its track has ended.
      room.unpublish(microphone).catch(() => undefined);
      return;
    }
    room.setListening(true);
    if (this.phase.value !== "on") this.#options.transcript.note(STRINGS.voiceOn);
    this.phase.value = "on";
    this.#options.parent.tell({ type: "live", inCall: true });
  }

  /** Takes the microphone out of a room, open for the next one: a room stops what it has when it is left. */
  async leave(room: RoomLink): Promise<void> {
    if (this.#microphone !== undefined) await room.unpublish(this.#microphone);
  }

  /** The talk goes on by text. */
  stop(): void {
    const room = this.#options.room();
    // A room that is breaking takes nothing back; the microphone is closed below all the same.
    if (room !== undefined) this.leave(room).catch(() => undefined);
    room?.setListening(false);
    if (this.phase.value === "on") this.#options.transcript.note(STRINGS.voiceOff);
    this.close();
    this.#options.onStopped();
  }

  close(): void {
    this.#microphone?.close();
    this.#microphone = undefined;
    this.phase.value = "off";
    this.isMuted.value = false;
    this.isPlaybackBlocked.value = false;
    this.#options.parent.tell({ type: "live", inCall: false });
  }

  async toggleMute(): Promise<void> {
    const microphone = this.#microphone;
    const isMuted = !this.isMuted.value;
    this.isMuted.value = isMuted;
    try {
      await microphone?.setMuted(isMuted);
    } catch (error) {
      // A device that was unplugged or given away while it was muted may not open again.
      if (this.#microphone !== microphone) return;
      this.isMuted.value = !isMuted;
      this.#options.onProblem(explainMicrophone(error, surroundings()));
    }
  }

  /** The visitor's gesture lets sound begin where the browser held it back. */
  hear(): void {
    this.#options.room()?.startAudio();
  }

  async devices(): Promise<{ inputs: Device[]; outputs: Device[] }> {
    return (await this.#options.loadRoom()).listDevices();
  }

  async useMicrophone(id: string): Promise<void> {
    await this.#microphone?.use(id);
    this.microphoneId.value = id;
  }

  async useSpeaker(id: string): Promise<void> {
    await this.#options.room()?.useSpeaker(id);
    this.speakerId.value = id;
  }

  /** A room begins with the browser's own choice. */
  async takeUpSpeaker(room: RoomLink): Promise<void> {
    const id = this.speakerId.value;
    if (id === undefined) return;
    await room.useSpeaker(id).catch(() => {
      this.speakerId.value = undefined;
    });
  }

  /** How loud each side is, 0 to 1. */
  levels(): { own: number; agent: number } {
    const own = this.#microphone?.level() ?? 0;
    return { own, agent: this.#options.room()?.agentLevel() ?? 0 };
  }

  async #open(): Promise<Microphone | undefined> {
    const { loadRoom, onLoadFailed, onProblem } = this.#options;
    try {
      const module = await loadRoom();
      try {
        const microphone = await module.openMicrophone(this.microphoneId.value);
        if (this.phase.value === "opening") return microphone;
        microphone.close();
      } catch (error) {
        this.close();
        onProblem(explainMicrophone(error, surroundings()));
      }
    } catch (error) {
      this.close();
      onLoadFailed(error);
    }
    return undefined;
  }

  #lose(microphone: Microphone): void {
    if (this.#microphone !== microphone) return;
    this.stop();
    this.#options.onProblem("lost");
  }
}
