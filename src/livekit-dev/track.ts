import type { SignalResponse, TrackInfo } from "@livekit/protocol";
import type { OutgoingTrack } from "./peer.js";
import { RtpRewriter } from "./rtp.js";
import type { MediaKind } from "./sdp.js";

/** What a track needs of the participant who publishes it. */
export interface Publisher {
  readonly sid: string;
  readonly identity: string;
  send(message: SignalResponse["message"]): void;
  requestKeyframe(mid: string): void;
}

/** What a subscription needs of the participant whose it is. */
export interface Subscriber {
  readonly subscriptions: Map<string, Subscription>;
}

/** A track that a participant has published: its packets go to every subscription. */
export class PublishedTrack {
  readonly info: TrackInfo;
  readonly publisher: Publisher;
  readonly kind: MediaKind;
  /** The section of the publisher's connection on which it arrives. */
  readonly mid: string;
  readonly subscriptions = new Set<Subscription>();

  constructor(info: TrackInfo, publisher: Publisher, kind: MediaKind, mid: string) {
    this.info = info;
    this.publisher = publisher;
    this.kind = kind;
    this.mid = mid;
  }

  forward(packet: Buffer): void {
    for (const subscription of this.subscriptions) subscription.forward(packet);
  }

  /** Who begins to see a video, or has lost some of it, sees nothing until a whole picture comes. */
  requestKeyframe(): void {
    if (this.kind === "video") this.publisher.requestKeyframe(this.mid);
  }
}

/** One participant hears one track. */
export class Subscription {
  readonly track: PublishedTrack;
  readonly subscriber: Subscriber;
  readonly #outgoing: OutgoingTrack;
  readonly #rewriter: RtpRewriter;
  #paused = false;

  private constructor(track: PublishedTrack, subscriber: Subscriber, outgoing: OutgoingTrack) {
    this.track = track;
    this.subscriber = subscriber;
    this.#outgoing = outgoing;
    this.#rewriter = new RtpRewriter(outgoing);
  }

  /** Both sides know of it until it ends. */
  static begin(track: PublishedTrack, subscriber: Subscriber, outgoing: OutgoingTrack): void {
    const subscription = new Subscription(track, subscriber, outgoing);
    track.subscriptions.add(subscription);
    subscriber.subscriptions.set(track.info.sid, subscription);
  }

  forward(packet: Buffer): void {
    if (this.#paused || this.track.info.muted) this.#rewriter.skipped();
    else this.#outgoing.send(this.#rewriter.rewrite(packet));
  }

  /** The subscriber may pause a track without leaving it. */
  setPaused(paused: boolean): void {
    if (this.#paused && !paused) this.track.requestKeyframe();
    this.#paused = paused;
  }

  end(): void {
    this.track.subscriptions.delete(this);
    this.subscriber.subscriptions.delete(this.track.info.sid);
    this.#outgoing.close();
  }
}
