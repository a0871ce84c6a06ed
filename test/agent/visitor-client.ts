import {
  RoomEvent,
  type LocalParticipant,
  type Room,
  type TextStreamReader,
} from "@livekit/rtc-node";
import { openRoom } from "../../src/agent/talk-room.js";
import { until, type ParleyProcess } from "../support/process.js";

/** What somebody said in the room, complete. */
export interface Said {
  readonly identity: string;
  readonly text: string;
  readonly pieces: number;
  /** When its first piece came, by `performance.now()`. */
  readonly begunAt: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a start answered. */
export interface Started {
  readonly conversationId: string;
  readonly visitorToken: string;
  readonly agentAvailable: boolean;
  readonly url: string;
  readonly token: string;
  readonly room: string;
}

const connected = new Set<VisitorClient>();

/** Ends, after a file's tests, what they left connected. */
export async function leaveAll(): Promise<void> {
  await Promise.all([...connected].map((visitor) => visitor.leave()));
}

/** Starts, or with a conversation's id resumes, by REST. */
export async function start(
  parley: Pick<ParleyProcess, "json">,
  widgetId: string,
  body: { user_id: string; conversation_id?: string; custom_metadata?: object },
  headers: Record<string, string> = {},
): Promise<Started> {
  const path = `/core/public/web-widgets/${widgetId}/conversations`;
  const answer = await parley.json(path, { body, headers });
  if (answer.status !== 200) throw new Error(`start: ${answer.text}`);
  return startedOf(answer.text);
}

/** What a start's answer says. */
export function startedOf(answer: string): Started {
  const read = JSON.parse(answer);
  return {
    conversationId: read.conversation.id,
    visitorToken: read.visitor_token,
    agentAvailable: read.capabilities.agentAvailable,
    url: read.connection_details.url,
    token: read.connection_details.token,
    room: read.connection_details.room,
  };
}

/** A visitor's browser, played by LiveKit's own client for Node. */
export class VisitorClient {
  readonly said: Said[] = [];
  /** Every value that the agent's state took, in order. */
  readonly states: string[] = [];
  readonly shown: { id: string; kind: string; type?: string; data: object }[] = [];
  /** The words so far of what is being said. */
  hearing = "";
  disconnected = false;

  private constructor(
    readonly room: Room,
    readonly started: Started,
  ) {}

  static async join(started: Started): Promise<VisitorClient> {
    const room = openRoom();
    const visitor = new VisitorClient(room, started);
    room.registerTextStreamHandler("lk.transcription", (reader, { identity }) => {
      void visitor.read(reader, identity);
    });
    const noteState = (attributes: Record<string, string>): void => {
      const state = attributes["lk.agent.state"];
      if (state !== undefined) visitor.states.push(state);
    };
    room.on(RoomEvent.ParticipantConnected, (who) => noteState(who.attributes));
    room.on(RoomEvent.ParticipantAttributesChanged, (changed) => noteState(changed));
    room.on(RoomEvent.Disconnected, () => {
      visitor.disconnected = true;
    });
    await room.connect(started.url, started.token, { autoSubscribe: true, dynacast: false });
    connected.add(visitor);
    visitor.me.registerRpcMethod("parley.show", async ({ payload }) => {
      visitor.shown.push(JSON.parse(payload));
      return JSON.stringify({ shown: true });
    });
    return visitor;
  }

  get me(): LocalParticipant {
    if (!this.room.localParticipant) throw new Error("not connected");
    return this.room.localParticipant;
  }

  /** The agent that is in the room; empty while none is. */
  get agentIdentity(): string {
    const identities = [...this.room.remoteParticipants.keys()];
    return identities.find((id) => id.startsWith("agent-")) ?? "";
  }

  /** Waits until an agent is there that is not this one, and listens. */
  async getsAnother(agentIdentity: string): Promise<void> {
    await until(
      () =>
        [...this.room.remoteParticipants.values()].some(
          ({ identity, attributes }) =>
            identity.startsWith("agent-") &&
            identity !== agentIdentity &&
            attributes["parley.heard"] !== undefined,
        )
          ? true
          : undefined,
      () => `there is only ${[...this.room.remoteParticipants.keys()].join()}`,
    );
  }

  /** @param id as the panel gives to each message, so that it may send it again. */
  async write(text: string, id?: string): Promise<void> {
    const named = id === undefined ? {} : { attributes: { "parley.message": id } };
    await this.me.sendText(text, { topic: "lk.chat", ...named });
  }

  /** Waits until the agent says that it has heard a message. */
  async isHeard(id: string): Promise<void> {
    const heard = (): string[] =>
      [...this.room.remoteParticipants.values()].map((who) => who.attributes["parley.heard"] ?? "");
    await until(
      () => (heard().includes(id) ? true : undefined),
      () => `${id} was not heard, but ${heard().join()}`,
    );
  }

  /** Waits until the agent has said something that fits. */
  async hears(pattern: RegExp): Promise<Said> {
    return until(
      () => this.said.find((one) => one.identity.startsWith("agent-") && pattern.test(one.text)),
      () => `did not hear ${pattern}, but ${JSON.stringify(this.said.map((one) => one.text))}`,
    );
  }

  /** Answers a card or form, as the panel does. */
  async answer(payload: object): Promise<unknown> {
    const answer = await this.me.performRpc({
      destinationIdentity: this.agentIdentity,
      method: "parley.answer",
      payload: JSON.stringify(payload),
    });
    return JSON.parse(answer);
  }

  async leave(): Promise<void> {
    connected.delete(this);
    await this.room.disconnect();
  }

  private async read(reader: TextStreamReader, identity: string): Promise<void> {
    let text = "";
    let pieces = 0;
    let begunAt = 0;
    try {
      for await (const piece of reader) {
        begunAt ||= performance.now();
        text += piece;
        this.hearing = text;
        pieces += 1;
      }
    } catch {
      // The room ended in the middle of a word.
    }
    const attributes = reader.info.attributes ?? {};
    this.said.push({ identity, text, pieces, begunAt, attributes });
  }
}
