import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  DisconnectReason,
  RoomEvent,
  RpcError,
  TrackKind,
  type LocalParticipant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  type TextStreamReader,
} from "@livekit/rtc-node";
import type { Logger } from "pino";
import type { Brain, BrainContext, Utterance } from "./brain.js";
import { Captions } from "./captions.js";
import { Ear } from "./ear.js";
import { Mouth } from "./mouth.js";
import { PanelTools } from "./panel-tools.js";
import {
  ANSWER_METHOD,
  HEARD_ATTRIBUTE,
  MESSAGE_ATTRIBUTE,
  NONE_HEARD,
  SHOW_METHOD,
  STATE_ATTRIBUTE,
  type AgentState,
} from "../protocol/room-words.js";
import { MAX_TURN_CHARACTERS } from "../protocol/limits.js";
import type { Job } from "./platform-client.js";
import { answering, newGreetingId, unanswered, type Saying } from "./saying.js";
import { makeTurn, TurnClock, type NewTurn, type Turn, type TurnMode } from "./turn.js";

const SHOW_TIMEOUT_MS = 10_000;
/** Messages that come after one which does not end wait for it so long. */
const UNFINISHED_MS = 1_000;
/** rtc-node waits five seconds for an answer that came before it waited; what was set has long arrived. */
const TELL_MS = 500;
/** After a lost connection the visitor may come back; after a goodbye nobody does. */
const RETURN_MS = 3_000;
/** An agent is called because the visitor has joined: a visitor who is not there by then has left. */
const ARRIVAL_MS = 4_000;

/** Why the agent falls silent, where it is no interruption. */
const NOBODY_LISTENS = "nobody listens";

const GOODBYES: ReadonlySet<DisconnectReason | undefined> = new Set([
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
]);

export interface SessionDependencies {
  readonly room: Room;
  readonly me: LocalParticipant;
  readonly job: Job;
  readonly makeBrain: (context: BrainContext) => Brain;
  /** Takes a turn on its way to the platform. Resolves when it is there, or will never be. */
  readonly record: (turn: Turn) => Promise<void>;
  /** Resolves when what is sent to the visitor arrives. */
  readonly untilVisitorHears: (signal: AbortSignal) => Promise<void>;
  /** The first piece of the agent's own words is on its way; called once. */
  readonly onFirstWord: () => void;
  /** The visitor has gone for good. */
  readonly onVisitorLeft: () => void;
  readonly log: Logger;
}

/**
 * One talk with one visitor, written and spoken in turn: who may speak, captions, states and the
 * transcript. What is said is the brain's business. Nobody but the visitor is listened to.
 */
export class Session {
  private readonly captions: Captions;
  private readonly mouth: Mouth;
  private readonly panel: PanelTools;
  private readonly brain: Brain;
  private readonly clock = new TurnClock();
  /** By message: resolves when the platform has it. */
  private readonly heard: Map<string, Promise<void>>;
  private readonly ears = new Map<RemoteTrack, Ear>();
  private state: AgentState = "initializing";
  private telling: Promise<unknown> = Promise.resolve();
  private confirming: Promise<unknown> = Promise.resolve();
  private speech = new AbortController();
  /** The greeting is heard out: it says who answers here, and a first question is often there before it. */
  private readonly greeting = new AbortController();
  private work: Promise<void> = Promise.resolve();
  /** Resolves when every message so far has had its turn. */
  private chat: Promise<void> = Promise.resolve();
  /** How often somebody took the floor: only the last one gives it back. */
  private taken = 0;
  private absence: NodeJS.Timeout | undefined;
  private hasSpoken = false;
  private closed = false;

  constructor(private readonly deps: SessionDependencies) {
    const { me, job } = deps;
    this.captions = new Captions(me);
    this.mouth = new Mouth(me);
    this.heard = new Map(job.transcript.map(({ id }) => [id, Promise.resolve()]));
    this.panel = new PanelTools({
      config: job.config,
      show: (payload) =>
        me.performRpc({
          destinationIdentity: job.visitorIdentity,
          method: SHOW_METHOD,
          payload,
          responseTimeout: SHOW_TIMEOUT_MS,
        }),
      onAnswer: (answer) => this.take(async (signal) => this.brain.receive(answer, signal), "text"),
      record: (text, toolCall) =>
        this.addTurn({ role: "tool", text, mode: "text", createdAt: this.clock.next(), toolCall }),
    });
    this.panel.reopen(job.transcript.flatMap((turn) => turn.tool_call ?? []));
    this.brain = deps.makeBrain({
      config: job.config,
      resumed: job.resumed,
      transcript: job.transcript,
      panel: this.panel,
    });
  }

  /** Begins to listen, and speaks first if the config says so. */
  start(): void {
    const { room, me, job } = this.deps;
    this.tell({ [STATE_ATTRIBUTE]: this.state, [HEARD_ATTRIBUTE]: NONE_HEARD });
    me.registerRpcMethod(ANSWER_METHOD, async ({ callerIdentity, payload }) => {
      if (callerIdentity !== job.visitorIdentity)
        throw new RpcError(403, "Only the visitor answers.");
      return this.panel.receive(payload);
    });
    room.on(RoomEvent.ParticipantConnected, (who) => this.onConnected(who));
    room.on(RoomEvent.ParticipantDisconnected, (who) => this.onDisconnected(who));
    room.on(RoomEvent.TrackSubscribed, (track, publication, who) =>
      this.onTrack(track, publication, who),
    );
    room.on(RoomEvent.TrackUnsubscribed, (track) => void this.ears.get(track)?.close());
    const visitor = room.remoteParticipants.get(job.visitorIdentity);
    if (visitor) this.showOpen();
    else this.awaitVisitor(ARRIVAL_MS);
    for (const publication of visitor?.trackPublications.values() ?? []) {
      if (visitor && publication.track) this.onTrack(publication.track, publication, visitor);
    }
    this.take(
      async (signal) => {
        await this.deps.untilVisitorHears(signal);
        return signal.aborted ? undefined : this.firstWords(signal);
      },
      "text",
      this.greeting,
    );
  }

  /** A message from the chat topic. Others than the visitor are not listened to. */
  async onChat(reader: TextStreamReader, identity: string): Promise<void> {
    if (identity !== this.deps.job.visitorIdentity || this.closed) {
      await reader.close();
      return;
    }
    // Streams are read side by side; what counts is when each one began.
    const createdAt = this.clock.next();
    const earlier = this.chat;
    const read = readBounded(reader).then(async (text) => {
      const id = readMessageId(reader);
      const isNew = !this.heard.has(id);
      const turn = isNew && makeTurn({ id, role: "user", text, mode: "text", createdAt });
      if (turn) this.heard.set(id, this.deps.record(turn));
      await earlier;
      this.confirm(id);
      if (!turn) return;
      this.take(async (signal) => answering(turn, this.brain.answer(turn.text, signal)), "text");
    });
    this.chat = Promise.race([read.catch(() => undefined), delay(UNFINISHED_MS)]);
    await read;
  }

  /** The panel keeps a message until it is told: a process that dies takes nothing with it that is not on the platform. */
  private confirm(id: string): void {
    this.confirming = Promise.all([this.confirming, this.heard.get(id)]).then(() =>
      this.tell({ [HEARD_ATTRIBUTE]: id }),
    );
  }

  /** What the visitor said to an agent that was gone before its answer was whole is answered first. */
  private firstWords(signal: AbortSignal): Saying | undefined {
    const question = unanswered(this.deps.job.transcript);
    if (question) return answering(question, this.brain.answer(question.text, signal));
    const greeting = this.brain.greet(signal);
    return greeting && { ...greeting, id: newGreetingId() };
  }

  /** Falls silent and forgets everybody. What was said until now has been recorded. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.absence);
    this.fallSilent();
    this.panel.close();
    await Promise.all([...this.ears.values()].map((ear) => ear.close()));
    await this.work;
  }

  /** The visitor has the floor: the agent stops, and then says what `makeReply` gives, unless it is interrupted. */
  private take(
    makeReply: (signal: AbortSignal) => Promise<Saying | undefined>,
    mode: TurnMode,
    speech = new AbortController(),
  ): void {
    this.speech.abort();
    if (speech !== this.greeting) this.speech = speech;
    this.taken += 1;
    const { signal } = speech;
    const number = this.taken;
    this.work = this.work
      .then(async () => {
        if (signal.aborted || this.closed) return;
        this.setState(this.state === "initializing" ? "initializing" : "thinking");
        const reply = await makeReply(signal);
        if (reply && !signal.aborted) await this.say(reply, mode, signal);
      })
      .catch((error: unknown) => this.complain(error, "the agent broke off"))
      .then(() => {
        if (this.taken === number) this.setState("listening");
      });
  }

  private async say(reply: Saying, mode: TurnMode, signal: AbortSignal): Promise<void> {
    const { id = randomUUID() } = reply;
    let createdAt: Date | undefined;
    const trackSid = reply.samples ? await this.mouth.open() : undefined;
    let said = "";
    let isWhole = false;
    const segment = await this.captions.open(id, trackSid);
    this.setState("speaking");
    const playing = reply.samples ? this.play(reply.samples, signal) : undefined;
    try {
      for await (const piece of reply.text) {
        if (signal.aborted) break;
        // What the brain did before its first word comes before it in the transcript.
        createdAt ??= this.clock.next();
        said += piece;
        await segment.write(piece);
        this.noteFirstWord();
      }
      // Who is cut off leaves the words open: another agent says them anew.
      if (signal.reason !== NOBODY_LISTENS) await segment.close();
      await playing;
      isWhole = !signal.aborted;
    } finally {
      const isInterrupted = signal.aborted && signal.reason !== NOBODY_LISTENS;
      const cutOff = !isWhole && !isInterrupted;
      const times = { createdAt: createdAt ?? this.clock.next() };
      this.addTurn({ id, role: "agent", text: said, mode, ...times, cutOff });
    }
  }

  private noteFirstWord(): void {
    if (this.hasSpoken) return;
    this.hasSpoken = true;
    this.deps.onFirstWord();
  }

  private fallSilent(): void {
    this.speech.abort(NOBODY_LISTENS);
    this.greeting.abort(NOBODY_LISTENS);
  }

  private async play(samples: Int16Array, signal: AbortSignal): Promise<void> {
    for (const ear of this.ears.values()) ear.agentIsHeard = true;
    try {
      await this.mouth.play(samples, signal);
    } finally {
      for (const ear of this.ears.values()) ear.agentIsHeard = false;
    }
  }

  private onTrack(
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    who: RemoteParticipant,
  ): void {
    const isVoice = track.kind === TrackKind.KIND_AUDIO;
    if (!isVoice || who.identity !== this.deps.job.visitorIdentity || this.closed) return;
    const ear = new Ear(track, {
      onSpeech: () => this.speech.abort(),
      onUtterance: (utterance) => this.onUtterance(utterance, publication.sid),
    });
    this.ears.set(track, ear);
    // Published now, so that the first answer does not wait for it.
    this.mouth.open().catch((error: unknown) => this.complain(error, "no voice"));
    ear
      .listen()
      .catch((error: unknown) => this.complain(error, "the microphone broke off"))
      .finally(() => this.ears.delete(track));
  }

  private onUtterance(utterance: Utterance, trackSid: string | undefined): void {
    if (this.closed) return;
    const spoken = this.understand(utterance, trackSid);
    this.take(async (signal) => {
      const turn = await spoken;
      return turn && answering(turn, this.brain.answerSpeech(utterance, turn.text, signal));
    }, "voice");
  }

  /** Recorded whoever speaks next: an interruption does not unsay it. */
  private async understand(
    utterance: Utterance,
    trackSid: string | undefined,
  ): Promise<Turn | undefined> {
    const createdAt = this.clock.next();
    const words = await this.brain.transcribe(utterance);
    const turn = this.addTurn({ role: "user", text: words, mode: "voice", createdAt });
    if (turn) await this.captions.visitor(this.deps.job.visitorIdentity, turn.text, trackSid);
    return turn;
  }

  private onConnected(who: RemoteParticipant): void {
    if (who.identity !== this.deps.job.visitorIdentity) return;
    clearTimeout(this.absence);
    this.showOpen();
  }

  private showOpen(): void {
    this.deps
      .untilVisitorHears(this.greeting.signal)
      .then(() => this.panel.deliverAll())
      .catch((error: unknown) => this.complain(error, "the panel did not answer"));
  }

  private onDisconnected(who: RemoteParticipant): void {
    if (who.identity !== this.deps.job.visitorIdentity) return;
    this.fallSilent();
    if (GOODBYES.has(who.disconnectReason)) this.leave();
    else this.awaitVisitor(RETURN_MS);
  }

  private awaitVisitor(ms: number): void {
    clearTimeout(this.absence);
    this.absence = setTimeout(() => this.leave(), ms);
  }

  private leave(): void {
    clearTimeout(this.absence);
    if (!this.closed) this.deps.onVisitorLeft();
  }

  private addTurn(parts: NewTurn): Turn | undefined {
    const turn = makeTurn(parts);
    if (turn) void this.deps.record(turn);
    return turn;
  }

  /** What cannot be sent because the room is over is nobody's problem. */
  private complain(error: unknown, what: string): void {
    if (this.closed || !this.deps.room.isConnected) this.deps.log.debug({ err: error }, what);
    else this.deps.log.warn({ err: error }, what);
  }

  private setState(state: AgentState): void {
    if (state === this.state || this.closed) return;
    this.state = state;
    this.tell({ [STATE_ATTRIBUTE]: state });
  }

  /** One after the other, so that the last one set is the one that stays. */
  private tell(attributes: Record<string, string>): void {
    this.telling = this.telling
      .then(() => Promise.race([this.deps.me.setAttributes(attributes), delay(TELL_MS)]))
      .catch((error: unknown) => this.complain(error, "the state was not sent"));
  }
}

/** Only our panel names its messages. */
function readMessageId({ info }: TextStreamReader): string {
  const id = info.attributes?.[MESSAGE_ATTRIBUTE] ?? "";
  return /^[\da-f-]{36}$/.test(id) ? id : randomUUID();
}

/** At most what a turn holds: a stream may be endless. */
async function readBounded(reader: TextStreamReader): Promise<string> {
  let text = "";
  for await (const piece of reader) {
    text += piece;
    if (text.length > MAX_TURN_CHARACTERS) break;
  }
  return text;
}
