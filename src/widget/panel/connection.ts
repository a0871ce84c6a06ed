import { signal } from "@preact/signals";
import { Backoff } from "../backoff.js";
import type { AgentPresence } from "./agent-presence.js";
import type { Call } from "./call.js";
import type { StartedConversation } from "./conversation.js";
import type { Notices } from "./notices.js";
import type { Outbox } from "./outbox.js";
import type { RoomHandlers, RoomLink, RoomModule } from "./room-link.js";
import { isRefusal, RuntimeError } from "./runtime-api.js";
import { explainStart } from "./start-failure.js";
import type { Transcript } from "./transcript.js";

export type Phase = "idle" | "connecting" | "connected" | "reconnecting" | "ended";

/** A silent text talk gives its room back; the next message joins a fresh one. */
const IDLE_MS = 10 * 60_000;
/** What is over sooner than that many tries, nobody needs to be told of. */
const QUIET_TRIES = 3;

/** The talk that this attempt belonged to was given up meanwhile: whoever did so has set the state. */
export class AbandonedError extends Error {}

/** What the talk makes of its connection. */
export interface ConnectionEvents extends Pick<RoomHandlers, "caption" | "show"> {
  /**
   * Begins the conversation, or its next room.
   * @param check throws when nobody waits for it any more
   */
  start(check: () => void): Promise<StartedConversation>;
  /** Shows what was said elsewhere before anything new comes. */
  catchUp(): Promise<void>;
  /** A room was joined, and the platform knows that nobody will answer in it. */
  unattended(): void;
  /** A first try, or the last one: what was refused is not tried again. */
  failed(error: unknown): void;
  /** Somebody ended the room. */
  closed(): void;
}

export interface ConnectionOptions {
  loadRoom: () => Promise<RoomModule>;
  agent: AgentPresence;
  call: Call;
  outbox: Outbox;
  transcript: Transcript;
  notices: Notices;
  events: ConnectionEvents;
}

/** One room at a time: joined when there is something to say, joined again when it is lost, given back after a silence. */
export class Connection {
  readonly phase = signal<Phase>("idle");
  readonly #options: ConnectionOptions;
  #link: RoomLink | undefined;
  #joining: Promise<RoomLink> | undefined;
  #module: Promise<RoomModule> | undefined;
  /** Counts the rooms: events of an earlier one are ignored. */
  #attempt = 0;
  readonly #backoff = new Backoff();
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The room, while it is joined. */
  get link(): RoomLink | undefined {
    return this.#link;
  }

  /** @throws AbandonedError when the talk was given up meanwhile; the talk was told of every other failure */
  async connect(): Promise<RoomLink> {
    if (this.#link !== undefined) return this.#link;
    return this.#joining ?? this.#hold(this.#join("connecting", true));
  }

  /** Goes on where it can, at once or as soon as it can: what fails is told by a notice. */
  goOn(): void {
    this.#backoff.hurry();
    this.connect().then(
      () => this.#options.outbox.deliver(),
      (error: unknown) => this.#persist(error),
    );
  }

  /** What could not be joined is tried again until it can, unless it was refused or given up. */
  async #persist(failure: unknown): Promise<void> {
    if (failure instanceof AbandonedError || isRefusal(failure) || this.#joining !== undefined)
      return;
    await this.#hold(this.#keepTrying("connecting", failure)).catch(() => undefined);
  }

  /** A fresh room calls a fresh agent: an agent is sent only when a room begins. */
  rejoin(): void {
    this.leave({ keepDevices: this.#options.call.isLive });
    this.goOn();
  }

  /** Gives the room back without ending the conversation. */
  leave({ keepDevices = false }: { keepDevices?: boolean } = {}): void {
    const { agent, call, transcript } = this.#options;
    this.#attempt++;
    const link = this.#link;
    this.#link = undefined;
    this.#joining = undefined;
    clearTimeout(this.#idleTimer);
    agent.forget();
    if (keepDevices) call.leave();
    else call.close();
    // A room that cannot be left is over.
    link?.leave().catch(() => undefined);
    transcript.settle();
  }

  /** Another window has the room. */
  follow(phase: Phase): void {
    const { notices } = this.#options;
    this.phase.value = phase;
    if (phase !== "connected") return;
    notices.clear("connection");
    notices.clear("start");
  }

  /** Something was said: the silence begins anew. */
  touch(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.#options.call.isLive || this.#link === undefined) return;
      this.leave();
      this.phase.value = "idle";
    }, IDLE_MS);
  }

  loadRoom(): Promise<RoomModule> {
    // A download that failed is tried again next time.
    this.#module ??= this.#options.loadRoom().catch((error: unknown) => {
      this.#module = undefined;
      throw error;
    });
    return this.#module;
  }

  /** Whoever needs the room meanwhile waits for the same attempt. */
  #hold(joining: Promise<RoomLink>): Promise<RoomLink> {
    this.#joining = joining;
    const release = (): void => {
      if (this.#joining === joining) this.#joining = undefined;
    };
    joining.then(release, release);
    return joining;
  }

  /** @param isFirst: else whoever tries again says what becomes of it */
  async #join(phase: "connecting" | "reconnecting", isFirst: boolean): Promise<RoomLink> {
    const { call, events, notices } = this.#options;
    const attempt = ++this.#attempt;
    this.phase.value = phase;
    if (isFirst) notices.clearForTry();
    try {
      const link = await this.#enter(attempt);
      this.#backoff.reset();
      return link;
    } catch (error) {
      this.#check(attempt);
      if (isFirst && !(error instanceof AbandonedError)) {
        this.phase.value = "idle";
        // A call that was to go on in this room; one that only begins is closed by who opened it.
        if (call.isLive) call.close();
        events.failed(error);
      }
      throw error;
    }
  }

  async #enter(attempt: number): Promise<RoomLink> {
    const { agent, call, events, notices } = this.#options;
    const [module, started] = await Promise.all([
      this.loadRoom(),
      events.start(() => this.#check(attempt)),
    ]);
    this.#check(attempt);
    await events.catchUp();
    this.#check(attempt);
    const { url, token } = started;
    const link = await module.connectRoom(url, token, this.#handlers(attempt));
    // A room that cannot be left is over.
    if (attempt !== this.#attempt) link.leave().catch(() => undefined);
    this.#check(attempt);
    this.#link = link;
    this.phase.value = "connected";
    notices.clear("connection");
    notices.clear("start");
    if (!started.isAgentAvailable && !agent.isPresent.value) events.unattended();
    agent.expect();
    void call.takeUpSpeaker(link);
    await call.enter(link);
    this.touch();
    return link;
  }

  #check(attempt: number): void {
    if (attempt !== this.#attempt) throw new AbandonedError();
  }

  #handlers(attempt: number): RoomHandlers {
    const { agent, call, events, outbox } = this.#options;
    const isCurrent = (): boolean => attempt === this.#attempt;
    return {
      agent: (identity, state) => {
        if (isCurrent()) agent.see(identity, state);
      },
      heard: (id) => {
        if (isCurrent()) outbox.heard(id);
      },
      caption: (caption) => {
        if (!isCurrent()) return;
        this.touch();
        events.caption(caption);
      },
      show: (payload) => isCurrent() && events.show(payload),
      reconnecting: (isReconnecting) => {
        if (!isCurrent() || this.#link === undefined) return;
        this.phase.value = isReconnecting ? "reconnecting" : "connected";
        outbox.sendAgain();
        void outbox.deliver();
      },
      disconnected: (reason) => {
        // A join that fails says this too, before it is refused: then whoever joins decides.
        if (isCurrent() && this.#link !== undefined) this.#disconnected(reason);
      },
      playback: (isAllowed) => {
        if (isCurrent()) call.isPlaybackBlocked.value = !isAllowed;
      },
    };
  }

  #disconnected(reason: "closed" | "lost"): void {
    const { agent, call, events, transcript } = this.#options;
    this.#link = undefined;
    call.leave();
    transcript.settle();
    if (reason === "closed") return events.closed();
    agent.forget();
    this.#hold(this.#keepTrying("reconnecting")).catch(() => undefined);
  }

  /**
   * What the visitor writes meanwhile waits for its end, and so does a call that goes on.
   * @param failure of the try before, after which there is something to wait for
   */
  async #keepTrying(phase: "connecting" | "reconnecting", failure?: unknown): Promise<RoomLink> {
    const { call, events, notices, outbox } = this.#options;
    let attempt = this.#attempt;
    let error = failure;
    for (let tries = failure === undefined ? 0 : QUIET_TRIES; ; tries++) {
      this.phase.value = phase;
      if (!navigator.onLine || tries > QUIET_TRIES) notices.unreachable(explainStart(error).text);
      if (error !== undefined) await this.#backoff.wait(askedToWaitMs(error));
      this.#check(attempt);
      try {
        const joining = this.#join(phase, false);
        attempt = this.#attempt;
        const link = await joining;
        void outbox.deliver();
        return link;
      } catch (cause) {
        error = cause;
        if (cause instanceof AbandonedError) throw cause;
        if (isRefusal(cause)) break;
      }
    }
    this.phase.value = "idle";
    call.close();
    events.failed(error);
    throw error;
  }
}

function askedToWaitMs(error: unknown): number | undefined {
  const { retryAfterSeconds } = error instanceof RuntimeError ? error : {};
  return retryAfterSeconds && retryAfterSeconds * 1000;
}
