import { signal } from "@preact/signals";
import type { CaptureSource } from "./capture.js";
import { CarriedTrack, type CarriedPhase } from "./carried-track.js";
import { explainMicrophone, surroundings, type MicrophoneProblem } from "./microphone-problem.js";
import type { ParentLink } from "./parent-link.js";
import type { RoomLink, SourceKind } from "./room-link.js";
import { STRINGS } from "./strings.js";
import type { Transcript } from "./transcript.js";

export type VideoKind = Exclude<SourceKind, "microphone">;
export type VideoProblem = "camera_failed" | "camera_lost" | "screen_failed";
/** What the agent may be shown. */
export type ShownVideos = Readonly<Record<VideoKind, boolean>>;

export interface CallOptions {
  vision: ShownVideos;
  parent: ParentLink;
  transcript: Transcript;
  /** The room of the talk, while it is joined. */
  room: () => RoomLink | undefined;
  onStopped: () => void;
  onProblem: (problem: MicrophoneProblem) => void;
  onVideoProblem: (problem: VideoProblem) => void;
}

export interface Device {
  id: string;
  label: string;
}

/** What a talk has beside text: the visitor's voice and the agent's, and what the visitor shows. */
export class Call {
  readonly vision: ShownVideos;
  readonly camera: CarriedTrack;
  readonly screen: CarriedTrack;
  /** When the voice was turned on, in milliseconds of the epoch. */
  readonly since = signal<number | undefined>(undefined);
  readonly speakerId = signal<string | undefined>(undefined);
  readonly isPlaybackBlocked = signal(false);
  readonly #options: CallOptions;
  readonly #voice: CarriedTrack;

  constructor(options: CallOptions) {
    this.#options = options;
    this.vision = options.vision;
    this.#voice = new CarriedTrack("microphone", MICROPHONE, {
      entered: (room) => {
        room.setListening(true);
        if (this.phase.value !== "on") options.transcript.note(STRINGS.voiceOn);
        this.since.value ??= Date.now();
        options.parent.tell({ type: "live", inCall: true });
      },
      closed: () => {
        this.since.value = undefined;
        this.isPlaybackBlocked.value = false;
        this.#tellLive();
      },
      replaced: () => options.transcript.note(STRINGS.otherMicrophone),
      failed: (reason) => {
        this.stop();
        options.onProblem(explainMicrophone(reason, surroundings()));
      },
    });
    this.camera = this.#video("camera", CAMERA, (reason, wasOn) => {
      options.onVideoProblem(wasOn && reason !== undefined ? "camera_lost" : "camera_failed");
    });
    this.screen = this.#video("screen", SCREEN, (reason, wasOn) => {
      if (wasOn) options.transcript.note(STRINGS.screenLost);
      // Whoever chose no screen knows.
      else if (!isRefusedScreen(reason)) options.onVideoProblem("screen_failed");
    });
  }

  get phase(): CarriedTrack["phase"] {
    return this.#voice.phase;
  }

  get isMuted(): CarriedTrack["isMuted"] {
    return this.#voice.isMuted;
  }

  /** Whether the agent could hear the visitor: a device is open, and neither they nor the system has muted it. */
  get hearing(): "open" | "muted" | "none" {
    if (this.#voice.track.value === undefined) return "none";
    return this.isMuted.value || this.#voice.isSilenced.value ? "muted" : "open";
  }

  /** Whether there is something that goes along into the next room. */
  get isLive(): boolean {
    return this.#carried("on").length > 0;
  }

  async start(connect: () => Promise<RoomLink>): Promise<void> {
    await this.#voice.start(connect);
  }

  async enter(room: RoomLink): Promise<void> {
    await Promise.all(this.#carried("on").map((one) => one.enter(room)));
  }

  /** Takes everything out of its room, open for the next one. */
  leave(): void {
    for (const one of this.#carried()) one.leave();
  }

  /** The talk goes on by text. */
  stop(): void {
    if (this.phase.value === "off") return;
    this.#options.room()?.setListening(false);
    if (this.phase.value === "on") this.#options.transcript.note(STRINGS.voiceOff);
    this.#voice.close();
    this.#options.onStopped();
  }

  close(): void {
    for (const one of this.#carried()) one.close();
  }

  toggleMute(): void {
    this.#voice.toggleMute();
  }

  /** The visitor's gesture lets sound begin where the browser held it back. */
  hear(): void {
    this.#options.room()?.startAudio();
  }

  async devices(): Promise<Record<MediaDeviceKind, Device[]>> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const of = (wanted: MediaDeviceKind): Device[] =>
      devices.flatMap(({ kind, deviceId: id, label }) =>
        kind === wanted && id !== "" ? [{ id, label }] : [],
      );
    return {
      audioinput: of("audioinput"),
      audiooutput: of("audiooutput"),
      videoinput: of("videoinput"),
    };
  }

  /** The one that is open; undefined where the browser does not say. */
  get microphoneId(): string | undefined {
    return this.#voice.deviceId;
  }

  /** @throws what the browser says: then the one before it stays. */
  async useMicrophone(id: string): Promise<void> {
    await this.#voice.use(id);
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
    return { own: this.#voice.level(), agent: this.#options.room()?.agentLevel() ?? 0 };
  }

  #carried(phase?: CarriedPhase): CarriedTrack[] {
    const all = [this.#voice, this.camera, this.screen];
    return phase === undefined ? all : all.filter((one) => one.phase.value === phase);
  }

  #video(
    kind: VideoKind,
    source: CaptureSource,
    explain: (reason: unknown, wasOn: boolean) => void,
  ): CarriedTrack {
    const video: CarriedTrack = new CarriedTrack(kind, source, {
      entered: () => this.#options.parent.tell({ type: "live", inCall: true }),
      closed: () => this.#tellLive(),
      failed: (reason) => {
        const wasOn = video.phase.value === "on";
        video.close();
        explain(reason, wasOn);
      },
    });
    return video;
  }

  #tellLive(): void {
    this.#options.parent.tell({ type: "live", inCall: this.isLive });
  }
}

function isRefusedScreen(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "NotAllowedError";
}

const MICROPHONE: CaptureSource = {
  request: (deviceId) =>
    navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(deviceId === undefined ? {} : { deviceId }),
      },
    }),
  device: { kind: "audioinput", permission: "microphone" },
};

/** The agent sees a picture of at most 1,280 pixels (contract section 7). */
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 } };

const CAMERA: CaptureSource = {
  request: (deviceId) =>
    navigator.mediaDevices.getUserMedia({
      video: { ...PICTURE, ...(deviceId === undefined ? { facingMode: "user" } : { deviceId }) },
    }),
  device: { kind: "videoinput", permission: "camera" },
};

const SCREEN: CaptureSource = {
  request: () => navigator.mediaDevices.getDisplayMedia({ video: true, audio: false }),
};
