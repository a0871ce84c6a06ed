import {
  DisconnectReason,
  RoomEndReason,
  type RoomAgentDispatch,
  type ServerInfo,
} from "@livekit/protocol";
import type { Log } from "./guarded.js";
import { Room, type RoomEvents } from "./room.js";

/** The real server's defaults. */
const EMPTY_TIMEOUT_SECONDS = 300;
const DEPARTURE_TIMEOUT_SECONDS = 20;

/** How a room is to be made; zeros and empty strings mean the default. */
export interface RoomRequest {
  readonly name: string;
  readonly metadata: string;
  readonly emptyTimeout: number;
  readonly departureTimeout: number;
  readonly maxParticipants: number;
  readonly agents: readonly RoomAgentDispatch[];
}

interface RoomListener extends RoomEvents {
  created(room: Room, agents: readonly RoomAgentDispatch[]): void;
}

/** The live rooms by name. */
export class RoomRegistry {
  readonly #rooms = new Map<string, Room>();
  readonly #serverInfo: ServerInfo;
  readonly #listener: RoomListener;
  readonly #log: Log;

  constructor(serverInfo: ServerInfo, listener: RoomListener, log: Log) {
    this.#serverInfo = serverInfo;
    this.#listener = listener;
    this.#log = log;
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  list(): Room[] {
    return [...this.#rooms.values()];
  }

  /** The live room of that name as it is, or a new one as the request says. */
  getOrCreate(request: RoomRequest): Room {
    const existing = this.#rooms.get(request.name);
    if (existing !== undefined) return existing;
    const listener = this.#listener;
    const room = new Room(
      {
        name: request.name,
        metadata: request.metadata,
        emptyTimeoutSeconds: request.emptyTimeout || EMPTY_TIMEOUT_SECONDS,
        departureTimeoutSeconds: request.departureTimeout || DEPARTURE_TIMEOUT_SECONDS,
        maxParticipants: request.maxParticipants,
      },
      this.#serverInfo,
      {
        webhook: (event) => listener.webhook(event),
        agentLeft: (left, identity) => listener.agentLeft(left, identity),
        closed: (closed) => {
          this.#rooms.delete(closed.name);
          listener.closed(closed);
        },
      },
      this.#log,
    );
    this.#rooms.set(request.name, room);
    this.#log.debug({ room: room.name, sid: room.sid }, "embedded LiveKit: room created");
    listener.created(room, request.agents);
    return room;
  }

  closeAll(): void {
    for (const room of this.#rooms.values()) {
      room.close(DisconnectReason.SERVER_SHUTDOWN, RoomEndReason.ROOM_END_SERVER_SHUTDOWN);
    }
  }
}
