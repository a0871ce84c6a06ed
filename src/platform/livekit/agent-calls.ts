import { AgentDispatchClient, RoomServiceClient } from "livekit-server-sdk";
import type { LiveKitAccess } from "../../process/environment.js";
import { isNotFound } from "./not-found.js";
import { AGENT_KIND } from "./agent-kind.js";

const TIMEOUT_SECONDS = 3;

export interface Present {
  readonly identity: string;
  readonly isAgent: boolean;
}

/** Calls an agent into a room that was made when nobody could take the call. */
export interface AgentCalls {
  /** @returns who is in the room; nobody when it is gone. @throws when LiveKit does not answer. */
  present(room: string): Promise<readonly Present[]>;
  /**
   * Whether some agent has taken a call and its job goes on, even if it has not arrived yet.
   *
   * @param callId the one call that is asked about; without it any of this room.
   */
  isTaken(room: string, callId?: string): Promise<boolean>;
  /** @returns the call's id. */
  call(room: string, agentName: string, metadata: object): Promise<string>;
  /** Takes somebody out of the room whose process is known to be gone: LiveKit would wait for it. */
  remove(room: string, identity: string): Promise<void>;
}

/** LiveKit's own way: a room's first dispatch is not repeated, but another can be made. */
export class LiveKitAgentCalls implements AgentCalls {
  private readonly rooms: RoomServiceClient;
  private readonly dispatches: AgentDispatchClient;

  constructor({ url, apiKey, apiSecret }: LiveKitAccess) {
    const options = { requestTimeout: TIMEOUT_SECONDS };
    this.rooms = new RoomServiceClient(url, apiKey, apiSecret, options);
    this.dispatches = new AgentDispatchClient(url, apiKey, apiSecret, options);
  }

  async present(room: string): Promise<readonly Present[]> {
    const participants = await this.rooms.listParticipants(room);
    return participants.map(({ identity, kind }) => ({
      identity,
      isAgent: kind === AGENT_KIND,
    }));
  }

  async isTaken(room: string, callId?: string): Promise<boolean> {
    const dispatches = await this.dispatches.listDispatch(room);
    return dispatches
      .filter(({ id }) => callId === undefined || id === callId)
      .flatMap(({ state }) => state?.jobs ?? [])
      .some(({ state }) => state !== undefined && state.endedAt === 0n);
  }

  async call(room: string, agentName: string, metadata: object): Promise<string> {
    const options = { metadata: JSON.stringify(metadata) };
    return (await this.dispatches.createDispatch(room, agentName, options)).id;
  }

  async remove(room: string, identity: string): Promise<void> {
    await this.rooms.removeParticipant(room, identity).catch((error: unknown) => {
      // It is gone already, which is what was asked for.
      if (!isNotFound(error)) throw error;
    });
  }
}
