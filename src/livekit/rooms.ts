import { RoomServiceClient, TwirpError } from "livekit-server-sdk";
import type { Logger } from "pino";
import type { LiveKitAccess } from "../config.js";

/** What the services ask of LiveKit's rooms. */
export interface Rooms {
  /** Best effort and not waited for: LiveKit may be down, and the caller's answer does not depend on it. */
  deleteInBackground(names: readonly string[]): void;
  /** @returns the names of the rooms that exist; undefined when LiveKit does not answer. */
  list(names: readonly string[]): Promise<ReadonlySet<string> | undefined>;
  /** Waits for the deletions under way. */
  close(): Promise<void>;
}

/** Where there is no LiveKit. */
export const NO_ROOMS: Rooms = {
  deleteInBackground: () => {},
  list: async () => new Set(),
  close: async () => {},
};

const TIMEOUT_SECONDS = 3;
const PARALLEL = 8;

/** LiveKit's RoomService over Twirp. */
export class LiveKitRooms implements Rooms {
  private readonly client: RoomServiceClient;
  private readonly pending = new Set<Promise<void>>();

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
    await Promise.all(this.pending);
  }

  private async deleteAll(queue: string[]): Promise<void> {
    const worker = async (): Promise<void> => {
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) await this.delete(name);
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, queue.length) }, worker));
  }

  private async delete(name: string): Promise<void> {
    try {
      await this.client.deleteRoom(name);
    } catch (error) {
      // A room that is gone is what was asked for.
      if (error instanceof TwirpError && (error.code === "not_found" || error.status === 404))
        return;
      this.log.warn({ err: error, room: name }, "LiveKit did not delete a room");
    }
  }
}
