import type { IncomingMessage } from "node:http";
import {
  DisconnectReason,
  LeaveRequest,
  LeaveRequest_Action,
  Pong,
  RequestResponse,
  RequestResponse_Reason,
  SignalRequest,
  SignalResponse,
  type AddTrackRequest,
  type UpdateParticipantMetadata,
  type UpdateSubscription,
} from "@livekit/protocol";
import type { WebSocket } from "ws";
import { authenticate, type Refusal } from "./authenticate.js";
import { isSpokenHere, readJoinRequest } from "./join-request.js";
import { fitsName } from "./bounds.js";
import { guarded, type Log } from "./guarded.js";
import type { JoinOptions, Participant } from "./participant.js";
import type { Room } from "./room.js";
import type { RoomRegistry } from "./room-registry.js";
import { onMessage, socketLink } from "./socket.js";
import { grantOf, type Claims, type TokenAuthority } from "./tokens.js";

/** A client whose WebSocket broke without a goodbye keeps its place for so long, as in the real server. */
const LOST_SIGNAL_GRACE_MS = 20_000;
/** Clients ping every five seconds; one that is silent for this long is gone. */
const SILENCE_TIMEOUT_MS = 45_000;
const RESPONSE_DELAY_MS = 10;
const TOKEN_REFRESH_INTERVAL_MS = 5 * 60_000;
const REFRESHED_TOKEN_TTL_SECONDS = 600;

/** A join that may go ahead. */
export interface Admission {
  readonly ok: true;
  readonly claims: Claims;
  readonly options: JoinOptions;
  /** The client wants to go on with a broken session. */
  readonly reconnect: boolean;
}

/** The WebSocket protocol between a client and its room: at `/rtc`, and at `/rtc/v1` with one connection. */
export class Signalling {
  readonly #rooms: RoomRegistry;
  readonly #tokens: TokenAuthority;
  readonly #log: Log;

  constructor(rooms: RoomRegistry, tokens: TokenAuthority, log: Log) {
    this.#rooms = rooms;
    this.#tokens = tokens;
    this.#log = log;
  }

  /** Checks a join as far as can be without joining. */
  async admit(request: IncomingMessage, url: URL): Promise<Admission | Refusal> {
    const query = url.searchParams;
    const join = /^\/rtc\/v1\b/.test(url.pathname)
      ? readJoinRequest(query.get("join_request") ?? "")
      : null;
    if (join === undefined || (join !== null && !isSpokenHere(join))) {
      return refused(404, "404 page not found");
    }
    const authentication = await authenticate(request, this.#tokens, query.get("access_token"));
    if (!authentication.ok) return authentication;
    const { claims } = authentication;
    if (claims === undefined || !claims.video.roomJoin) return refused(401, "permissions denied");
    const { identity, video } = claims;
    if (identity === "") return refused(400, "identity cannot be empty");
    if (!fitsName(identity)) return refused(400, "participant identity length exceeds limits");
    if (video.room === "") return refused(400, "room name cannot be empty");
    if (!fitsName(video.room)) return refused(400, "room name length exceeds limits");
    if (this.#rooms.get(video.room)?.hasPlaceFor(claims) === false) {
      return refused(503, "room has reached its maximum number of participants");
    }
    return {
      ok: true,
      claims,
      reconnect: join?.reconnect ?? isTrue(query.get("reconnect") ?? ""),
      options: join
        ? {
            autoSubscribe: join.connectionSettings?.autoSubscribe ?? true,
            clientProtocol: join.clientInfo?.clientProtocol ?? 0,
            single: true,
            offer: join.publisherOffer,
          }
        : {
            autoSubscribe: isTrue(query.get("auto_subscribe") ?? "1"),
            clientProtocol: Number.parseInt(query.get("client_protocol") ?? "", 10) || 0,
            single: false,
          },
    };
  }

  accept(socket: WebSocket, admission: Admission): void {
    const { claims } = admission;
    const link = socketLink(socket, this.#log);
    if (admission.reconnect) {
      // Connections cannot be resumed here; the client then joins anew, keeping its own state.
      const value = new LeaveRequest({
        canReconnect: true,
        reason: DisconnectReason.STATE_MISMATCH,
        action: LeaveRequest_Action.RECONNECT,
      });
      link.send(new SignalResponse({ message: { case: "leave", value } }).toBinary());
      link.close();
      return;
    }
    const room = this.#rooms.getOrCreate({ ...claims.roomConfig, name: claims.video.room });
    const participant = room.join(claims, admission.options, link);
    this.#serve(socket, room, participant);
  }

  #serve(socket: WebSocket, room: Room, participant: Participant): void {
    const silence = setTimeout(() => socket.terminate(), SILENCE_TIMEOUT_MS);
    const refresh = setInterval(
      () => this.#refreshToken(room, participant),
      TOKEN_REFRESH_INTERVAL_MS,
    );
    onMessage(socket, (bytes) => {
      silence.refresh();
      if (participant.isGone) return;
      guarded(this.#log, "a signal request", () => this.#handle(room, participant, bytes));
    });
    socket.on("close", () => {
      clearTimeout(silence);
      clearInterval(refresh);
      if (participant.isGone) return;
      participant.isLost = true;
      setTimeout(() => {
        room.remove(participant, DisconnectReason.SIGNAL_CLOSE);
      }, LOST_SIGNAL_GRACE_MS).unref();
    });
  }

  #handle(room: Room, participant: Participant, bytes: Uint8Array): void {
    const { message } = SignalRequest.fromBinary(bytes);
    switch (message.case) {
      case "offer":
        participant.applyOffer(message.value);
        break;
      case "answer":
        participant.applyAnswer(message.value);
        break;
      case "trickle":
        participant.addCandidate(message.value);
        break;
      case "addTrack":
        this.#addTrack(participant, message.value);
        break;
      case "mute":
        room.muteTrack(participant, message.value.sid, message.value.muted, false);
        break;
      case "subscription":
        room.setSubscribed(participant, wantedTracks(message.value), message.value.subscribe);
        break;
      case "trackSetting":
        for (const sid of message.value.trackSids) {
          participant.subscriptions.get(sid)?.setPaused(message.value.disabled);
        }
        break;
      case "updateAudioTrack":
        room.setAudioFeatures(participant, message.value.trackSid, message.value.features);
        break;
      case "updateMetadata":
        this.#changeProfile(room, participant, message.value);
        break;
      case "leave":
        room.remove(participant, DisconnectReason.CLIENT_INITIATED);
        break;
      case "ping":
        participant.send({ case: "pong", value: BigInt(Date.now()) });
        break;
      case "pingReq":
        participant.send({
          case: "pongResp",
          value: new Pong({
            lastPingTimestamp: message.value.timestamp,
            timestamp: BigInt(Date.now()),
          }),
        });
        break;
      case "publishDataTrackRequest":
        respond(participant, {
          reason: RequestResponse_Reason.UNSUPPORTED_TYPE,
          message: "data tracks are not supported",
          request: { case: "publishDataTrack", value: message.value },
        });
        break;
      default:
        this.#log.debug({ case: message.case }, "embedded LiveKit: signal request passed over");
    }
  }

  #addTrack(participant: Participant, request: AddTrackRequest): void {
    const outcome = participant.announceTrack(request);
    if (outcome === "ok") return;
    this.#log.warn(
      { participant: participant.sid, outcome },
      "embedded LiveKit: track not published",
    );
    respond(participant, {
      reason:
        outcome === "unsupported"
          ? RequestResponse_Reason.UNSUPPORTED_TYPE
          : RequestResponse_Reason.NOT_ALLOWED,
      message: `publishing this track is ${outcome}`,
      request: { case: "addTrack", value: request },
    });
  }

  #changeProfile(room: Room, participant: Participant, request: UpdateParticipantMetadata): void {
    const { requestId } = request;
    const answer = { requestId, request: { case: "updateMetadata" as const, value: request } };
    if (!participant.permission.canUpdateMetadata) {
      const message = "does not have permission to update own metadata";
      respond(participant, { ...answer, reason: RequestResponse_Reason.NOT_ALLOWED, message });
      return;
    }
    const changed = room.changeProfile(participant, {
      attributes: request.attributes,
      ...(request.metadata === "" ? {} : { metadata: request.metadata }),
      ...(request.name === "" ? {} : { name: request.name }),
    });
    respond(participant, {
      ...answer,
      reason: changed ? RequestResponse_Reason.OK : RequestResponse_Reason.LIMIT_EXCEEDED,
      message: changed ? "" : "metadata exceeds limits",
    });
  }

  #refreshToken(room: Room, participant: Participant): void {
    const claims = {
      ...participant.claims,
      name: participant.name,
      metadata: participant.metadata,
      attributes: participant.attributes,
      video: grantOf(participant.permission, room.name),
    };
    this.#tokens.signJoin(claims, REFRESHED_TOKEN_TTL_SECONDS).then(
      (token) => participant.send({ case: "refreshToken", value: token }),
      (error: unknown) => this.#log.warn({ err: error }, "embedded LiveKit: token not refreshed"),
    );
  }
}

function refused(status: number, message: string): Refusal {
  return { ok: false, status, message };
}

function isTrue(value: string): boolean {
  return value === "1" || value === "true";
}

/** Never at once: rtc-node sends first and then begins to wait for what no real server is near enough to have answered. */
function respond(
  participant: Participant,
  response: ConstructorParameters<typeof RequestResponse>[0],
): void {
  const value = new RequestResponse(response);
  setTimeout(() => participant.send({ case: "requestResponse", value }), RESPONSE_DELAY_MS);
}

function wantedTracks(request: UpdateSubscription): string[] {
  return [...request.trackSids, ...request.participantTracks.flatMap((one) => one.trackSids)];
}
