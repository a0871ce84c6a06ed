import type { IncomingMessage, ServerResponse } from "node:http";
import {
  CreateAgentDispatchRequest,
  CreateRoomRequest,
  DataPacket,
  DeleteAgentDispatchRequest,
  DeleteRoomRequest,
  DeleteRoomResponse,
  DisconnectReason,
  ListAgentDispatchRequest,
  ListAgentDispatchResponse,
  ListParticipantsRequest,
  ListParticipantsResponse,
  ListRoomsRequest,
  ListRoomsResponse,
  MuteRoomTrackRequest,
  MuteRoomTrackResponse,
  RemoveParticipantResponse,
  RoomConfiguration,
  RoomEndReason,
  RoomParticipantIdentity,
  SendDataRequest,
  SendDataResponse,
  UpdateParticipantRequest,
  UpdateRoomMetadataRequest,
  UpdateSubscriptionsRequest,
  UpdateSubscriptionsResponse,
  UserPacket,
} from "@livekit/protocol";
import { authenticate } from "./authenticate.js";
import type { AgentDispatcher } from "./agent-dispatcher.js";
import { fitsMetadata, fitsName, MAX_HTTP_BODY_BYTES } from "./bounds.js";
import type { Log } from "./guarded.js";
import type { Participant } from "./participant.js";
import type { Room } from "./room.js";
import type { RoomRegistry } from "./room-registry.js";
import type { TokenAuthority, VideoGrant } from "./tokens.js";

const STATUS_OF = {
  unauthenticated: 401,
  not_found: 404,
  bad_route: 404,
  malformed: 400,
  invalid_argument: 400,
  internal: 500,
} as const;

class TwirpError extends Error {
  readonly code: keyof typeof STATUS_OF;

  constructor(code: keyof typeof STATUS_OF, message: string) {
    super(message);
    this.code = code;
  }
}

type JsonValue = ReturnType<ListRoomsResponse["toJson"]>;

interface RequestType<Request> {
  fromJson(json: JsonValue, options: { ignoreUnknownFields: boolean }): Request;
}

interface Reply {
  toJson(options: { emitDefaultValues: boolean }): JsonValue;
}

/** Checks the grant, then does the call. */
type Method = (grant: VideoGrant | undefined, body: JsonValue) => Reply;

/** LiveKit's server API: `POST /twirp/livekit.<Service>/<Method>`. */
export class TwirpApi {
  readonly #rooms: RoomRegistry;
  readonly #dispatcher: AgentDispatcher;
  readonly #tokens: TokenAuthority;
  readonly #log: Log;
  readonly #methods: ReadonlyMap<string, Method>;

  constructor(rooms: RoomRegistry, dispatcher: AgentDispatcher, tokens: TokenAuthority, log: Log) {
    this.#rooms = rooms;
    this.#dispatcher = dispatcher;
    this.#tokens = tokens;
    this.#log = log;
    this.#methods = new Map(Object.entries({ ...this.#roomService(), ...this.#dispatchService() }));
  }

  async serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const authentication = await authenticate(request, this.#tokens);
    if (!authentication.ok) {
      response.writeHead(authentication.status, { "content-type": "text/plain; charset=utf-8" });
      response.end(authentication.message);
      return;
    }
    try {
      const call = request.method === "POST" ? this.#methods.get(path) : undefined;
      if (call === undefined) throw new TwirpError("bad_route", `no handler for path "${path}"`);
      if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
        throw new TwirpError(
          "bad_route",
          "unexpected Content-Type, only application/json is served",
        );
      }
      const body = await readJson(request, response);
      const reply = call(authentication.claims?.video, body);
      answer(response, 200, reply.toJson({ emitDefaultValues: true }));
    } catch (error) {
      const twirp =
        error instanceof TwirpError ? error : new TwirpError("internal", "internal error");
      if (twirp !== error)
        this.#log.warn({ err: error, path }, "embedded LiveKit: API call failed");
      answer(response, STATUS_OF[twirp.code], { code: twirp.code, msg: twirp.message });
    }
  }

  #roomService(): Record<string, Method> {
    const service = "/twirp/livekit.RoomService";
    return {
      [`${service}/CreateRoom`]: method(CreateRoomRequest, mayCreate, (request) => {
        checkName(request.name);
        if (request.name === "")
          throw new TwirpError("invalid_argument", "room name cannot be empty");
        checkMetadata(request.metadata);
        return this.#rooms.getOrCreate(request).info();
      }),
      [`${service}/DeleteRoom`]: method(DeleteRoomRequest, mayCreate, (request) => {
        const room = this.#room(request.room);
        room.close(DisconnectReason.ROOM_DELETED, RoomEndReason.ROOM_END_API_DELETE);
        return new DeleteRoomResponse();
      }),
      [`${service}/ListRooms`]: method(ListRoomsRequest, mayList, ({ names }) => {
        const rooms = this.#rooms
          .list()
          .filter(({ name }) => names.length === 0 || names.includes(name));
        return new ListRoomsResponse({ rooms: rooms.map((room) => room.info()) });
      }),
      [`${service}/ListParticipants`]: method(
        ListParticipantsRequest,
        mayAdminister,
        ({ room }) => {
          const participants = [...(this.#rooms.get(room)?.participants.values() ?? [])];
          return new ListParticipantsResponse({
            participants: participants.map((one) => one.info()),
          });
        },
      ),
      [`${service}/GetParticipant`]: method(RoomParticipantIdentity, mayAdminister, (request) =>
        this.#participant(request.room, request.identity).info(),
      ),
      [`${service}/RemoveParticipant`]: method(
        RoomParticipantIdentity,
        mayAdminister,
        (request) => {
          const participant = this.#participant(request.room, request.identity);
          this.#room(request.room).remove(participant, DisconnectReason.PARTICIPANT_REMOVED);
          return new RemoveParticipantResponse();
        },
      ),
      [`${service}/MutePublishedTrack`]: method(MuteRoomTrackRequest, mayAdminister, (request) => {
        const participant = this.#participant(request.room, request.identity);
        const { trackSid, muted } = request;
        const track = this.#room(request.room).muteTrack(participant, trackSid, muted, true);
        if (track === undefined) throw new TwirpError("not_found", "track is not found");
        return new MuteRoomTrackResponse({ track });
      }),
      [`${service}/UpdateParticipant`]: method(
        UpdateParticipantRequest,
        mayAdminister,
        (request) => {
          const participant = this.#participant(request.room, request.identity);
          const room = this.#room(request.room);
          const changed = room.changeProfile(participant, {
            attributes: request.attributes,
            ...(request.metadata === "" ? {} : { metadata: request.metadata }),
            ...(request.name === "" ? {} : { name: request.name }),
          });
          if (!changed) throw new TwirpError("invalid_argument", "metadata size exceeds limits");
          room.changePermission(participant, request.permission);
          return participant.info();
        },
      ),
      [`${service}/UpdateSubscriptions`]: method(
        UpdateSubscriptionsRequest,
        mayAdminister,
        (request) => {
          const participant = this.#participant(request.room, request.identity);
          const sids = request.participantTracks.flatMap((one) => one.trackSids);
          const wanted = [...request.trackSids, ...sids];
          this.#room(request.room).setSubscribed(participant, wanted, request.subscribe);
          return new UpdateSubscriptionsResponse();
        },
      ),
      [`${service}/SendData`]: method(SendDataRequest, mayAdminister, (request) => {
        const { data: payload, destinationIdentities, destinationSids, topic } = request;
        const room = this.#room(request.room);
        const bySid = [...room.participants.values()].filter(({ sid }) =>
          destinationSids.includes(sid),
        );
        const user = new UserPacket({ payload, topic, destinationIdentities, destinationSids });
        room.sendServerData(
          new DataPacket({
            kind: request.kind,
            destinationIdentities: [...destinationIdentities, ...bySid.map((one) => one.identity)],
            value: { case: "user", value: user },
          }),
        );
        return new SendDataResponse();
      }),
      [`${service}/UpdateRoomMetadata`]: method(
        UpdateRoomMetadataRequest,
        mayAdminister,
        (request) => {
          checkMetadata(request.metadata);
          const room = this.#room(request.room);
          room.changeMetadata(request.metadata);
          return room.info();
        },
      ),
    };
  }

  #dispatchService(): Record<string, Method> {
    const service = "/twirp/livekit.AgentDispatchService";
    return {
      [`${service}/CreateDispatch`]: method(
        CreateAgentDispatchRequest,
        mayAdminister,
        (request) => {
          checkName(request.room);
          checkMetadata(request.metadata);
          const room = this.#rooms.getOrCreate({ ...new RoomConfiguration(), name: request.room });
          return this.#dispatcher.create(room, request);
        },
      ),
      [`${service}/DeleteDispatch`]: method(
        DeleteAgentDispatchRequest,
        mayAdminister,
        (request) => {
          const dispatch = this.#dispatcher.delete(this.#room(request.room), request.dispatchId);
          if (dispatch === undefined) throw new TwirpError("not_found", "dispatch not found");
          return dispatch;
        },
      ),
      [`${service}/ListDispatch`]: method(ListAgentDispatchRequest, mayAdminister, (request) => {
        const all = this.#dispatcher.list(this.#room(request.room));
        const agentDispatches = all.filter(
          ({ id }) => request.dispatchId === "" || id === request.dispatchId,
        );
        return new ListAgentDispatchResponse({ agentDispatches });
      }),
    };
  }

  #room(name: string): Room {
    const room = this.#rooms.get(name);
    if (room === undefined) throw new TwirpError("not_found", "room not found");
    return room;
  }

  #participant(roomName: string, identity: string): Participant {
    const participant = this.#rooms.get(roomName)?.participants.get(identity);
    if (participant === undefined) throw new TwirpError("not_found", "participant not found");
    return participant;
  }
}

function method<Request>(
  type: RequestType<Request>,
  allows: (grant: VideoGrant, request: Request) => boolean,
  handle: (request: Request) => Reply,
): Method {
  return (grant, body) => {
    const request = parse(type, body);
    if (grant === undefined || !allows(grant, request)) {
      throw new TwirpError("unauthenticated", "permissions denied");
    }
    return handle(request);
  };
}

function mayCreate(grant: VideoGrant): boolean {
  return grant.roomCreate;
}

function mayList(grant: VideoGrant): boolean {
  return grant.roomList;
}

function mayAdminister(grant: VideoGrant, request: { readonly room: string }): boolean {
  return grant.roomAdmin && grant.room === request.room;
}

function checkName(name: string): void {
  if (!fitsName(name)) throw new TwirpError("invalid_argument", "room name length exceeds limits");
}

function checkMetadata(metadata: string): void {
  if (!fitsMetadata(metadata, {})) {
    throw new TwirpError("invalid_argument", "metadata size exceeds limits");
  }
}

function parse<Request>(type: RequestType<Request>, body: JsonValue): Request {
  try {
    return type.fromJson(body, { ignoreUnknownFields: true });
  } catch {
    throw new TwirpError("malformed", "the json request could not be decoded");
  }
}

async function readJson(request: IncomingMessage, response: ServerResponse): Promise<JsonValue> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_HTTP_BODY_BYTES) {
      // With what is left unread the connection ends, and no other request is to try it.
      response.setHeader("connection", "close");
      throw new TwirpError("invalid_argument", "request is too large");
    }
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new TwirpError("malformed", "the json request could not be decoded");
  }
}

function answer(response: ServerResponse, status: number, body: JsonValue): void {
  // The SDK reads error codes only when the type carries no charset.
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
