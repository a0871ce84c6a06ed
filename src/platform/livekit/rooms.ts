import { RoomServiceClient, TwirpError } from "livekit-server-sdk";
import type { Logger } from "pino";
import type { LiveKitAccess } from "../../process/environment.js";
import { isNotFound } from "./not-found.js";

/** What the services ask of LiveKit's rooms. */
export interface Rooms {
  /** Best effort and not waited for: LiveKit may be down, and the caller's answer does not depend on it. */
  deleteInBackground(names: readonly string[]): void;
  /** @returns the names of the rooms that exist; undefined when LiveKit does not answer. */
  list(names: readonly string[]): Promise<ReadonlySet<string> | undefined>;
  /** Waits for the deletions under way, a few seconds at most. */
  close(): Promise<void>;
}

/** Stands in where there is no LiveKit. */
export const NO_ROOMS: Rooms = {
  deleteInBackground: () => {},
  list: async () => new Set(),
  close: async () => {},
};

const TIMEOUT_SECONDS = 3;
const PARALLEL = 8;
const CLOSE_MS = 5_000;

/** LiveKit's RoomService over Twirp. */
export class LiveKitRooms implements Rooms {
  private readonly client: RoomServiceClient;
  private readonly pending = new Set<Promise<void>>();
  private closesAt = Infinity;

  constructor(
    settings: LiveKitAccess,
    private readonly log: Logger,
  ) {
    this.client = new RoomServiceClient(settings.url, settings.apiKey, settings.apiSecret, {
      requestTimeout: TIMEOUT_SECONDS,
    });
  }

  deleteInBackground(names: readonly string[]): void {
    if (names.length === 0) return;
    const work = this.deleteAll([...names]).finally(() => this.pending.delete(work));
    this.pending.add(work);
  }

  async list(names: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    try {
      const rooms = await this.client.listRooms([...names]);
      return new Set(rooms.map((room) => room.name));
    } catch (error) {
      this.log.warn({ err: error }, "LiveKit did not list its rooms");
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.closesAt = performance.now() + CLOSE_MS;
    await Promise.all(this.pending);
  }

  private async deleteAll(queue: string[]): Promise<void> {
    const left: string[] = [];
    let reason: unknown;
    const worker = async (): Promise<void> => {
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        try {
          await this.delete(name);
        } catch (error) {
          reason = error;
          left.push(name);
          // LiveKit does not answer: the others would only wait as long.
          if (!(error instanceof TwirpError)) left.push(...queue.splice(0));
        }
        if (performance.now() > this.closesAt) left.push(...queue.splice(0));
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, queue.length) }, worker));
    if (left.length > 0) {
      this.log.warn(
        { err: reason, room: left[0], rooms: left.length },
        "LiveKit did not delete rooms",
      );
    }
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
