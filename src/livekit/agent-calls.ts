import { AgentDispatchClient, RoomServiceClient } from "livekit-server-sdk";
import type { LiveKitAccess } from "../config.js";

const TIMEOUT_SECONDS = 3;

/** Calls an agent into a room that was made when nobody could take the call. */
export interface AgentCalls {
  /** @returns the identities in the room; empty when it is gone. @throws when LiveKit does not answer. */
  present(room: string): Promise<ReadonlySet<string>>;
  /** Whether some agent has taken the call and its job goes on, even if it has not arrived yet. */
  isTaken(room: string): Promise<boolean>;
  call(room: string, agentName: string, metadata: object): Promise<void>;
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

  async present(room: string): Promise<ReadonlySet<string>> {
    const participants = await this.rooms.listParticipants(room);
    return new Set(participants.map(({ identity }) => identity));
  }

  async isTaken(room: string): Promise<boolean> {
    const dispatches = await this.dispatches.listDispatch(room);
    const jobs = dispatches.flatMap(({ state }) => state?.jobs ?? []);
    return jobs.some(({ state }) => state !== undefined && state.endedAt === 0n);
  }

  async call(room: string, agentName: string, metadata: object): Promise<void> {
    await this.dispatches.createDispatch(room, agentName, { metadata: JSON.stringify(metadata) });
  }
}
