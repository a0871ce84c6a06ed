import { signal } from "@preact/signals";
import { Capture } from "./capture.js";
import { explainMicrophone, surroundings, type MicrophoneProblem } from "./microphone-problem.js";
import type { ParentLink } from "./parent-link.js";
import type { RoomLink } from "./room-link.js";
import { STRINGS } from "./strings.js";
import { TrackSender } from "./track-sender.js";
import type { Transcript } from "./transcript.js";

export type CallPhase = "off" | "opening" | "on";

export interface CallOptions {
  parent: ParentLink;
  transcript: Transcript;
  /** The room of the talk, while it is joined. */
  room: () => RoomLink | undefined;
  onStopped: () => void;
  onProblem: (problem: MicrophoneProblem) => void;
}

export interface Device {
  id: string;
  label: string;
}

/** The voice half of a talk: one microphone, taken along from room to room. */
export class Call {
  readonly phase = signal<CallPhase>("off");
  readonly isMuted = signal(false);
  /** When it began, in milliseconds of the epoch. */
  readonly since = signal<number | undefined>(undefined);
  /** What the visitor chose; nothing: what the browser takes. */
  readonly speakerId = signal<string | undefined>(undefined);
  readonly isPlaybackBlocked = signal(false);
  readonly #options: CallOptions;
  readonly #microphone: Capture;
  #microphoneId: string | undefined;
  /** Counts the calls: what an earlier one waited for is not this one's. */
  #turn = 0;
  #sender: TrackSender | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
    const microphone = new Capture(MICROPHONE, {
      replaced: (track, isLoss) => {
        this.#send(track).catch(() => this.#fail());
        if (isLoss) options.transcript.note(STRINGS.otherMicrophone);
      },
      lost: (reason) => {
        this.stop();
        options.onProblem(explainMicrophone(reason, surroundings()));
      },
    });
    this.#microphone = microphone;
  }

  /** Opens the microphone first: a visitor who refuses it needs no room. */
  async start(connect: () => Promise<RoomLink>): Promise<void> {
    const turn = ++this.#turn;
    this.phase.value = "opening";
    try {
      await this.#microphone.open(this.#microphoneId);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.close();
      this.#options.onProblem(explainMicrophone(error, surroundings()));
    }
    if (turn !== this.#turn) return;
    const room = await connect().catch(() => undefined);
    // Stopped and started again meanwhile, the call is a younger one.
    if (turn !== this.#turn) return;
    if (room === undefined) this.close();
    else await this.enter(room);
  }

  /** Takes the microphone into a room. */
  async enter(room: RoomLink): Promise<void> {
    if (this.phase.value === "off") return;
    const turn = this.#turn;
    const sender = new TrackSender(room, "microphone");
    this.leave();
    this.#sender = sender;
    const isCurrent = (): boolean => turn === this.#turn && sender === this.#sender;
    const track = this.#microphone.track.value;
    try {
      // One that is being replaced follows.
      if (track !== undefined) await this.#send(track);
    } catch {
      if (isCurrent()) this.#fail();
    }
    if (!isCurrent()) return;
    room.setListening(true);
    if (this.phase.value !== "on") this.#options.transcript.note(STRINGS.voiceOn);
    this.since.value ??= Date.now();
    this.phase.value = "on";
    this.#options.parent.tell({ type: "live", inCall: true });
  }

  /** Takes the microphone out of its room, open for the next one. */
  leave(): void {
    this.#sender?.stop();
    this.#sender = undefined;
  }

  /** The talk goes on by text. */
  stop(): void {
    if (this.phase.value === "off") return;
    this.#options.room()?.setListening(false);
    if (this.phase.value === "on") this.#options.transcript.note(STRINGS.voiceOff);
    this.close();
    this.#options.onStopped();
  }

  close(): void {
    this.#turn++;
    this.#microphone.close();
    this.leave();
    this.phase.value = "off";
    this.since.value = undefined;
    this.isMuted.value = false;
    this.isPlaybackBlocked.value = false;
    this.#options.parent.tell({ type: "live", inCall: false });
  }

  toggleMute(): void {
    this.isMuted.value = !this.isMuted.value;
    const track = this.#microphone.track.value;
    // A room that is breaking is not told; nothing is heard all the same.
    if (track !== undefined) this.#send(track).catch(() => undefined);
  }

  /** The visitor's gesture lets sound begin where the browser held it back. */
  hear(): void {
    this.#options.room()?.startAudio();
  }

  async devices(): Promise<{ inputs: Device[]; outputs: Device[] }> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const of = (wanted: MediaDeviceKind): Device[] =>
      devices.flatMap(({ kind, deviceId: id, label }) =>
        kind === wanted && id !== "" ? [{ id, label }] : [],
      );
    return { inputs: of("audioinput"), outputs: of("audiooutput") };
  }

  /** The one that is open; undefined where the browser does not say. */
  get microphoneId(): string | undefined {
    return this.#microphone.deviceId;
  }

  /** @throws what the browser says: then the one before it stays. */
  async useMicrophone(id: string): Promise<void> {
    await this.#microphone.use(id);
    this.#microphoneId = id;
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
    const own = this.#sender?.level() ?? 0;
    return { own, agent: this.#options.room()?.agentLevel() ?? 0 };
  }

  /** The room takes nothing from the microphone. */
  #fail(): void {
    this.stop();
    this.#options.onProblem("unknown");
  }

  async #send(track: MediaStreamTrack): Promise<void> {
    const isMuted = this.isMuted.value;
    track.enabled = !isMuted;
    await this.#sender?.send(track, isMuted);
  }
}

const MICROPHONE = {
  request: (deviceId?: ConstrainDOMString) =>
    navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(deviceId === undefined ? {} : { deviceId }),
      },
    }),
  device: { kind: "audioinput", permission: "microphone" },
} as const;
