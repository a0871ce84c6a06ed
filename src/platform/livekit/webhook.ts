import { WebhookReceiver } from "livekit-server-sdk";
import { AppError } from "../errors.js";
import type { LiveKitAccess } from "../../process/environment.js";
import { AGENT_KIND } from "./agent-kind.js";

/** What happened in a room, as far as conversations care. */
export interface RoomEvent {
  readonly kind: "room_started" | "room_finished" | "participant_joined" | "participant_left";
  readonly room: string;
  /** Only with `participant_*`. */
  readonly identity: string | undefined;
  /** Whether it is about an agent. */
  readonly isAgent: boolean;
  /** LiveKit's own clock, in whole seconds: the same at every repetition of the event. */
  readonly at: Date;
}

const KINDS: ReadonlySet<string> = new Set([
  "room_started",
  "room_finished",
  "participant_joined",
  "participant_left",
]);

/** Verifies that a webhook comes from our LiveKit. */
export class WebhookVerifier {
  private readonly receiver: WebhookReceiver;

  constructor(settings: LiveKitAccess) {
    this.receiver = new WebhookReceiver(settings.apiKey, settings.apiSecret);
  }

  /**
   * @param body the exact bytes, as text: the signature is over them.
   * @returns undefined for an event that does not concern us.
   * @throws AppError `unauthenticated` when the signature does not fit.
   */
  async verify(body: string, authorization: string | undefined): Promise<RoomEvent | undefined> {
    let event;
    try {
      event = await this.receiver.receive(body, authorization);
    } catch (error) {
      throw new AppError("unauthenticated", "The webhook's signature is not valid.", {
        cause: error,
      });
    }
    if (!event.room || !isKind(event.event)) return undefined;
    const at = new Date(Number(event.createdAt) * 1000);
    // LiveKit's events have a time, and our rooms no NUL in their names; the database takes nothing else.
    if (event.room.name.includes("\0") || !(at.getTime() > 0)) return undefined;
    return {
      kind: event.event,
      room: event.room.name,
      identity: event.participant?.identity,
      isAgent: event.participant?.kind === AGENT_KIND,
      at,
    };
  }
}

function isKind(kind: string): kind is RoomEvent["kind"] {
  return KINDS.has(kind);
}
