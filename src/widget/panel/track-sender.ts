import type { SentTrack, RoomLink, SourceKind } from "./room-link.js";

interface Wanted {
  track: MediaStreamTrack;
  isMuted: boolean;
}

/** Brings what one room has of a device in line with the device, in turn, whatever changes while a step takes its time. */
export class TrackSender {
  readonly #room: RoomLink;
  readonly #kind: SourceKind;
  #wanted: Wanted | undefined;
  #sent: (Wanted & { published: SentTrack }) | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(room: RoomLink, kind: SourceKind) {
    this.#room = room;
    this.#kind = kind;
  }

  /** @throws what the room says, where it takes nothing */
  async send(track: MediaStreamTrack, isMuted = false): Promise<void> {
    this.#wanted = { track, isMuted };
    await this.#keepUp();
  }

  /** For good. A room that is breaking takes nothing back; whoever owns the track stops it all the same. */
  stop(): void {
    this.#wanted = undefined;
    this.#keepUp().catch(() => undefined);
  }

  /** How loud it is, 0 to 1. */
  level(): number {
    return this.#sent === undefined || this.#sent.isMuted ? 0 : this.#sent.published.level();
  }

  #keepUp(): Promise<void> {
    const step = (): Promise<void> => this.#step();
    return (this.#work = this.#work.then(step, step));
  }

  async #step(): Promise<void> {
    const [wanted, sent] = [this.#wanted, this.#sent];
    if (wanted === undefined) {
      this.#sent = undefined;
      await sent?.published.unpublish();
    } else if (sent === undefined) {
      await this.#publish(wanted);
    } else if (sent.track === wanted.track) {
      this.#sent = { ...sent, ...wanted };
      if (sent.isMuted !== wanted.isMuted) await sent.published.setMuted(wanted.isMuted);
    } else {
      try {
        await sent.published.replace(wanted.track, wanted.isMuted);
        this.#sent = { ...sent, ...wanted };
      } catch {
        // As while a room is being joined again: what it has by then is of the former device.
        this.#sent = undefined;
        await sent.published.unpublish().catch(() => undefined);
        await this.#publish(wanted);
      }
    }
  }

  async #publish(wanted: Wanted): Promise<void> {
    const published = await this.#room.publish(this.#kind, wanted.track, wanted.isMuted);
    this.#sent = { ...wanted, published };
  }
}
