import { DisconnectReason, RoomEvent, type RemoteParticipant, type Room } from "@livekit/rtc-node";

/** After a lost connection the visitor may come back; after a goodbye nobody does. */
const RETURN_MS = 3_000;
/** An agent is called because the visitor has joined: a visitor who is not there by then has left. */
const ARRIVAL_MS = 4_000;

const GOODBYES: ReadonlySet<DisconnectReason | undefined> = new Set([
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
]);

export interface PresenceOptions {
  readonly room: Room;
  readonly visitorIdentity: string;
  /** The visitor is here, from the beginning or again. */
  readonly onHere: () => void;
  /** Nobody listens at the moment. */
  readonly onAway: () => void;
  /** The visitor has gone for good. Called once. */
  readonly onLeft: () => void;
}

/** Whether the visitor is in the room. Whoever else comes and goes does not count. */
export class Presence {
  private absence: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(private readonly options: PresenceOptions) {}

  watch(): void {
    const { room, visitorIdentity } = this.options;
    room.on(RoomEvent.ParticipantConnected, (who) => this.onConnected(who));
    room.on(RoomEvent.ParticipantDisconnected, (who) => this.onDisconnected(who));
    if (room.remoteParticipants.has(visitorIdentity)) this.options.onHere();
    else this.await(ARRIVAL_MS);
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.absence);
  }

  private onConnected({ identity }: RemoteParticipant): void {
    if (identity !== this.options.visitorIdentity || this.isOver) return;
    clearTimeout(this.absence);
    this.options.onHere();
  }

  private onDisconnected({ identity, disconnectReason }: RemoteParticipant): void {
    if (identity !== this.options.visitorIdentity || this.isOver) return;
    this.options.onAway();
    if (GOODBYES.has(disconnectReason)) this.leave();
    else this.await(RETURN_MS);
  }

  private await(ms: number): void {
    clearTimeout(this.absence);
    this.absence = setTimeout(() => this.leave(), ms);
  }

  private leave(): void {
    if (this.isOver) return;
    this.close();
    this.options.onLeft();
  }
}
