import { RoomServiceClient, TwirpError } from "livekit-server-sdk";
import type { Logger } from "pino";
import type { LiveKitAccess } from "../../process/environment.js";
import { isNotFound } from "./not-found.js";

/** What the services ask of LiveKit's rooms. */
export interface Rooms {
  /**
   * Not waited for: LiveKit may be down, and the caller's answer does not depend on it. What fails is
   * tried again, and told in the log when it was in vain.
   */
  deleteInBackground(names: readonly string[]): void;
  /** @returns the names of the rooms that exist; undefined when LiveKit does not answer. */
  list(names: readonly string[]): Promise<ReadonlySet<string> | undefined>;
  /** @returns whether somebody is in a room; undefined when LiveKit does not answer. */
  holds(room: string, identity: string): Promise<boolean | undefined>;
  /** Waits for the deletions under way, a few seconds at most. */
  close(): Promise<void>;
}

/** Stands in where there is no LiveKit. */
export const NO_ROOMS: Rooms = {
  deleteInBackground: () => {},
  list: async () => new Set(),
  holds: async () => false,
  close: async () => {},
};

const TIMEOUT_SECONDS = 3;
const PARALLEL = 8;
const CLOSE_MS = 5_000;
/** Of more rooms than these LiveKit is asked first which there are: most that a resume replaces are over. */
const FEW = 2;
const BATCH = 500;
/** What comes meanwhile is one batch. */
const PAUSE_MS = 100;
const RETRY_MS = 2_000;
const ATTEMPTS = 3;
/** More than LiveKit ends in its worst minute; beyond, its webhooks and the sweep name what is still open. */
const MOST_WAITING = 10_000;

/** LiveKit's RoomService over Twirp. */
export class LiveKitRooms implements Rooms {
  private readonly client: RoomServiceClient;
  /** Rooms to be deleted, and how often each was tried. */
  private readonly waiting = new Map<string, number>();
  private working: Promise<void> | undefined;
  private closesAt = Infinity;
  private endPause = (): void => {};

  constructor(
    settings: LiveKitAccess,
    private readonly log: Logger,
  ) {
    this.client = new RoomServiceClient(settings.url, settings.apiKey, settings.apiSecret, {
      requestTimeout: TIMEOUT_SECONDS,
    });
  }

  deleteInBackground(names: readonly string[]): void {
    const room = MOST_WAITING - this.waiting.size;
    for (const name of names.slice(0, room)) this.waiting.set(name, 0);
    if (names.length > room) this.tellLeft(names.slice(room), "too many rooms wait already");
    if (this.waiting.size > 0) this.working ??= this.work();
  }

  async list(names: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    try {
      return await this.existing(names);
    } catch (error) {
      this.log.warn({ err: error }, "LiveKit did not list its rooms");
      return undefined;
    }
  }

  async holds(room: string, identity: string): Promise<boolean | undefined> {
    try {
      await this.client.getParticipant(room, identity);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      this.log.warn({ err: error, room }, "LiveKit did not say who is in a room");
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.closesAt = performance.now() + CLOSE_MS;
    this.endPause();
    await this.working;
  }

  private async work(): Promise<void> {
    while (this.waiting.size > 0 && performance.now() < this.closesAt) {
      const batch = [...this.waiting].slice(0, BATCH);
      for (const [name] of batch) this.waiting.delete(name);
      const { left, reason } = await this.deleteAll(batch.map(([name]) => name));
      const tries = new Map(batch);
      const lost: string[] = [];
      for (const name of left) {
        const tried = (tries.get(name) ?? 0) + 1;
        if (tried < ATTEMPTS && !this.isClosing) this.waiting.set(name, tried);
        else lost.push(name);
      }
      this.tellLeft(lost, reason);
      await this.pause(left.length > 0 ? RETRY_MS : PAUSE_MS);
    }
    this.working = undefined;
    this.tellLeft([...this.waiting.keys()], "the platform stops");
    this.waiting.clear();
  }

  /** Nothing waits for a pause once the platform stops. */
  private async pause(ms: number): Promise<void> {
    if (this.isClosing) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private get isClosing(): boolean {
    return this.closesAt !== Infinity;
  }

  private tellLeft(left: readonly string[], reason: unknown): void {
    if (left.length === 0) return;
    this.log.warn(
      { err: reason, room: left[0], rooms: left.length },
      "LiveKit did not delete rooms",
    );
  }

  /** @returns those that are still there, for all we know. */
  private async deleteAll(names: string[]): Promise<{ left: string[]; reason: unknown }> {
    const left: string[] = [];
    let reason: unknown;
    let queue = names;
    if (names.length > FEW) {
      try {
        const alive = await this.existing(names);
        queue = names.filter((name) => alive.has(name));
      } catch (error) {
        // LiveKit does not answer: each alone would only wait as long.
        if (!(error instanceof TwirpError)) return { left: names, reason: error };
      }
    }
    const worker = async (): Promise<void> => {
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        try {
          await this.delete(name);
        } catch (error) {
          reason = error;
          left.push(name);
          if (!(error instanceof TwirpError)) left.push(...queue.splice(0));
        }
        if (performance.now() > this.closesAt) left.push(...queue.splice(0));
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, queue.length) }, worker));
    return { left, reason };
  }

  private async existing(names: readonly string[]): Promise<ReadonlySet<string>> {
    const rooms = await this.client.listRooms([...names]);
    return new Set(rooms.map((room) => room.name));
  }

  private async delete(name: string): Promise<void> {
    try {
      await this.client.deleteRoom(name);
    } catch (error) {
      // A room that is gone is what was asked for.
      if (!isNotFound(error)) throw error;
    }
  }
}
