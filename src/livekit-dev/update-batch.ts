import { ParticipantInfo, ParticipantInfo_State } from "@livekit/protocol";

/** The real server's interval. */
const INTERVAL_MS = 3_000;

/**
 * What others are to be told of participants. As in the real server, news of somebody without tracks
 * is gathered, the newest of each kept: one that goes and another that comes may arrive together.
 */
export class UpdateBatch {
  readonly #waiting = new Map<string, ParticipantInfo>();
  readonly #send: (infos: readonly ParticipantInfo[]) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (infos: readonly ParticipantInfo[]) => void) {
    this.#send = send;
  }

  /** @param now whether it is not to wait; what has tracks never does. */
  add(info: ParticipantInfo, now: boolean): void {
    const earlier = this.#waiting.get(info.identity);
    // Somebody who took over the same identity: the others learn of both.
    const replaced = earlier !== undefined && earlier.sid !== info.sid;
    if (!now && !info.isPublisher && !replaced) {
      this.#waiting.set(info.identity, info);
      this.#timer ??= setTimeout(() => this.#flush(), INTERVAL_MS).unref();
      return;
    }
    this.#waiting.delete(info.identity);
    const gone = replaced ? [ended(earlier)] : [];
    this.#send([...gone, info]);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    const infos = [...this.#waiting.values()];
    this.#waiting.clear();
    if (infos.length > 0) this.#send(infos);
  }
}

function ended(info: ParticipantInfo): ParticipantInfo {
  const copy = info.clone();
  copy.state = ParticipantInfo_State.DISCONNECTED;
  return copy;
}
