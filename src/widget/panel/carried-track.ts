import { signal } from "@preact/signals";
import { Capture, type CaptureSource } from "./capture.js";
import type { RoomLink, SourceKind } from "./room-link.js";
import { TrackSender } from "./track-sender.js";

export type CarriedPhase = "off" | "opening" | "on";

export interface CarriedEvents {
  entered(room: RoomLink): void;
  closed(): void;
  /** Another device has taken the place of one that went away. */
  replaced?(): void;
  /**
   * Not to be opened, gone, or not taken by the room: whoever hears it closes it.
   * @param reason what the browser says; undefined: the room
   */
  failed(reason: unknown): void;
}

/** What a visitor can be heard or seen by, taken along from room to room: off until they turn it on. */
export class CarriedTrack {
  readonly phase = signal<CarriedPhase>("off");
  readonly isMuted = signal(false);
  readonly #kind: SourceKind;
  readonly #events: CarriedEvents;
  readonly #capture: Capture;
  #choice: string | undefined;
  /** Counts how often it was turned on or off: what an earlier turn waited for is not this one's. */
  #turn = 0;
  #sender: TrackSender | undefined;

  constructor(kind: SourceKind, source: CaptureSource, events: CarriedEvents) {
    this.#kind = kind;
    this.#events = events;
    this.#capture = new Capture(source, {
      replaced: (track, isLoss) => {
        this.#send(track).catch(() => events.failed(undefined));
        if (isLoss) events.replaced?.();
      },
      lost: (reason) => events.failed(reason),
    });
  }

  get track(): Capture["track"] {
    return this.#capture.track;
  }

  /** Whether the system lets nothing of it through. */
  get isSilenced(): Capture["isSilenced"] {
    return this.#capture.isSilenced;
  }

  /** The device that is open; undefined where the browser does not say. */
  get deviceId(): string | undefined {
    return this.#capture.deviceId;
  }

  /** Opens the device first: a visitor who refuses it needs no room. */
  async start(connect: () => Promise<RoomLink>): Promise<void> {
    const turn = ++this.#turn;
    this.phase.value = "opening";
    try {
      await this.#capture.open(this.#choice);
    } catch (error) {
      if (turn === this.#turn) this.#events.failed(error);
    }
    if (turn !== this.#turn) return;
    const room = await connect().catch(() => undefined);
    // Stopped and started again meanwhile, it is of a younger turn.
    if (turn !== this.#turn) return;
    if (room === undefined) this.close();
    else await this.enter(room);
  }

  async enter(room: RoomLink): Promise<void> {
    const turn = this.#turn;
    const sender = new TrackSender(room, this.#kind);
    this.leave();
    this.#sender = sender;
    const isCurrent = (): boolean => turn === this.#turn && sender === this.#sender;
    const track = this.track.value;
    try {
      // One that is being replaced follows.
      if (track !== undefined) await this.#send(track);
    } catch {
      if (isCurrent()) this.#events.failed(undefined);
    }
    if (!isCurrent()) return;
    this.#events.entered(room);
    this.phase.value = "on";
  }

  /** Takes it out of its room, open for the next one. */
  leave(): void {
    this.#sender?.stop();
    this.#sender = undefined;
  }

  close(): void {
    this.#turn++;
    this.#capture.close();
    this.leave();
    this.phase.value = "off";
    this.isMuted.value = false;
    this.#events.closed();
  }

  toggleMute(): void {
    this.isMuted.value = !this.isMuted.value;
    const track = this.track.value;
    // A room that is breaking is not told; nothing is heard all the same.
    if (track !== undefined) this.#send(track).catch(() => undefined);
  }

  /** @throws what the browser says: then the one before it stays. */
  async use(deviceId: string): Promise<void> {
    await this.#capture.use(deviceId);
    this.#choice = deviceId;
  }

  /** How loud it is, 0 to 1. */
  level(): number {
    return this.#sender?.level() ?? 0;
  }

  async #send(track: MediaStreamTrack): Promise<void> {
    const isMuted = this.isMuted.value;
    track.enabled = !isMuted;
    await this.#sender?.send(track, isMuted);
  }
}
