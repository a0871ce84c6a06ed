import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { llm, voice } from "@livekit/agents";
import {
  RoomEvent,
  RpcError,
  TrackKind,
  type LocalParticipant,
  type RemoteParticipant,
  type Room,
  type TextStreamReader,
} from "@livekit/rtc-node";
import type { Logger } from "pino";
import { ANSWER_METHOD, HEARD_ATTRIBUTE, NONE_HEARD, SHOW_METHOD } from "../protocol/room-words.js";
import type { ToolCall, TurnError, TurnUsage } from "../protocol/worker-api.js";
import { Captions } from "./captions.js";
import { ChatInbox } from "./chat-inbox.js";
import { answerInWords, pastContext } from "./context/past-context.js";
import { PANEL_ANSWER } from "./demo-model.js";
import { Ears } from "./ears.js";
import { followSilence, hasOpenMicrophone, Inactivity, type Nudge } from "./inactivity.js";
import { AnswerMeter } from "./latency.js";
import { LastWords } from "./last-words.js";
import type { TalkModels } from "./models/talk-models.js";
import { troubleIn } from "./models/trouble.js";
import { PanelTools, type PanelAnswer } from "./panel-tools.js";
import type { Job } from "./platform-client.js";
import { Presence } from "./presence.js";
import { answerId, newGreetingId, opening, type Saying, turnId, unanswered } from "./saying.js";
import { TalkIo } from "./talk-io.js";
import { TalkMind } from "./talk-mind.js";
import { localTurnDetector } from "./turn-detector.js";
import type { Sentences } from "./sentences.js";
import { turnHandling } from "./turn-handling.js";
import { makeTurn, TurnClock, type NewTurn, type Turn } from "./turn.js";
import { Vision } from "./vision.js";

const SHOW_TIMEOUT_MS = 10_000;
/** rtc-node waits five seconds for an answer that came before it waited; what was set has long arrived. */
const TELL_MS = 500;
/** What the framework reports of a saying may come after the next one has begun. */
const RECENT_SAYINGS = 8;

export interface DialogueDependencies {
  readonly room: Room;
  readonly me: LocalParticipant;
  readonly job: Job;
  readonly models: TalkModels;
  /** What is said without a model. */
  readonly sentences: Sentences;
  /** Takes a turn on its way to the platform. Resolves when it is there, or will never be. */
  readonly record: (turn: Turn) => Promise<void>;
  /** Resolves when what is sent to the visitor arrives. */
  readonly untilVisitorHears: (signal: AbortSignal) => Promise<void>;
  /** A piece of the agent's own words is on its way. */
  readonly onWords: () => void;
  /** The visitor has gone for good. */
  readonly onVisitorLeft: () => void;
  /** Nothing can be said any more: another agent is to take over. */
  readonly onBroken: () => void;
  readonly log: Logger;
}

/**
 * One conversation with one visitor on the framework's `AgentSession`. What the framework lacks is here: the visitor's
 * messages are confirmed once they are kept, everything that was asked is answered, an answer that was broken off is
 * given again in its place, and the platform's transcript has it all. Nobody but the visitor is listened to.
 */
export class Dialogue {
  readonly lastWords: LastWords;
  private readonly session: voice.AgentSession;
  private readonly captions: Captions;
  private readonly io: TalkIo;
  private readonly panel: PanelTools;
  private readonly mind: TalkMind;
  private readonly vision: Vision;
  private readonly inactivity: Inactivity | undefined;
  private readonly inbox: ChatInbox;
  private readonly presence: Presence;
  private readonly clock = new TurnClock();
  private readonly meter = new AnswerMeter();
  private readonly ended = new AbortController();
  /** The last things that were said or are, the newest last. */
  private readonly sayings: { readonly handle: voice.SpeechHandle; readonly saying: Saying }[] = [];
  /** What the framework is asked to say now. */
  private asked: Saying | undefined;
  /** The visitor's last words, where the framework answers by itself. */
  private lastHeard = "";
  private readonly ears: Ears;
  private telling: Promise<unknown> = Promise.resolve();
  private work: Promise<void> = Promise.resolve();
  private isAlone = false;

  constructor(private readonly deps: DialogueDependencies) {
    const { room, me, job } = deps;
    this.inbox = new ChatInbox({
      known: job.transcript.map(({ id }) => id),
      clock: this.clock,
      record: deps.record,
      confirm: (id) => this.tell({ [HEARD_ATTRIBUTE]: id }),
      onMessage: (turn) => void (this.lastWords.mayAnswer() && this.answer(turn, turn.text)),
    });
    this.lastWords = new LastWords({
      limits: job.limits,
      say: () => this.sayLastWords(),
      hangUp: deps.onVisitorLeft,
    });
    this.presence = new Presence({
      room,
      visitorIdentity: job.visitorIdentity,
      onHere: () => this.onHere(),
      onAway: () => this.onAway(),
      onLeft: deps.onVisitorLeft,
    });
    const record = (text: string, toolCall: ToolCall): void =>
      this.addTurn({ role: "tool", text, mode: "text", createdAt: this.clock.next(), toolCall });
    this.panel = new PanelTools({
      config: job.config,
      show: (payload) =>
        me.performRpc({
          destinationIdentity: job.visitorIdentity,
          method: SHOW_METHOD,
          payload,
          responseTimeout: SHOW_TIMEOUT_MS,
        }),
      onAnswer: (answer) => this.onAnswer(answer),
      record,
    });
    this.panel.reopen(job.transcript.flatMap((turn) => turn.tool_call ?? []));
    this.vision = new Vision({ room, identity: job.visitorIdentity, vision: job.config.vision });
    this.mind = new TalkMind({
      job,
      model: deps.models.llm,
      panel: this.panel,
      picture: () => this.vision.picture(),
      record,
      log: deps.log,
    });
    this.session = new voice.AgentSession({
      llm: deps.models.llm,
      vad: null,
      turnHandling: { turnDetection: localTurnDetector(), ...turnHandling(job.config) },
      maxToolSteps: this.mind.persona.maxToolSteps,
      userAwayTimeout: null,
      // Browsers cancel the agent's echo; for that the framework would be deaf to three seconds of its first speech.
      aecWarmupDuration: null,
    });
    this.inactivity = this.makeInactivity();
    this.captions = new Captions(room, me, () => this.beginWords());
    const { visitorIdentity: identity } = job;
    this.io = new TalkIo({ session: this.session, room, identity, captions: this.captions });
    this.ears = new Ears({
      session: this.session,
      io: this.io,
      mind: this.mind,
      models: deps.models,
      beginsInVoice: job.beginsInVoice,
      isVoice: () => this.isVoice,
      events: { onDeaf: (error) => this.onDeaf(error), onMute: (error) => this.onMute(error) },
      take: (work) => this.take(work),
      complain: (error, what) => this.complain(error, what),
    });
  }

  /** Begins to listen, and speaks first if the config says so. */
  async start(): Promise<void> {
    const { room, me, job } = this.deps;
    this.tell({ [HEARD_ATTRIBUTE]: NONE_HEARD });
    me.registerRpcMethod(ANSWER_METHOD, async ({ callerIdentity, payload }) => {
      if (callerIdentity !== job.visitorIdentity)
        throw new RpcError(403, "Only the visitor answers.");
      return this.panel.receive(payload);
    });
    room.on(RoomEvent.TrackSubscribed, (track, _publication, who) => {
      // What the visitor shows is not heard.
      if (track.kind === TrackKind.KIND_AUDIO) this.onTrack(who);
    });
    this.session.on(voice.AgentSessionEventTypes.SpeechCreated, ({ speechHandle }) => {
      const spoken: Saying = { id: "", mode: "voice", steps: 0 };
      const saying = this.asked ?? spoken;
      this.sayings.push({ handle: speechHandle, saying });
      if (this.sayings.length > RECENT_SAYINGS) this.sayings.shift();
      this.io.speakOrWrite(saying.mode);
    });
    // An event of this name that nobody listens to is thrown. Models that fail tell of it themselves.
    this.session.on(voice.AgentSessionEventTypes.Error, () => undefined);
    this.session.on(voice.AgentSessionEventTypes.Close, () => {
      if (!this.ended.signal.aborted) this.deps.onBroken();
    });
    this.session.on(voice.AgentSessionEventTypes.MetricsCollected, ({ metrics }) =>
      this.meter.spend(metrics),
    );
    this.session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) =>
      this.onSaid(item),
    );
    this.io.start();
    const chatCtx = pastContext(job.transcript);
    await this.session.start({ agent: this.mind.agent({ chatCtx }), record: false });
    if (this.inactivity) followSilence(this.session, this.inactivity);
    this.presence.watch();
    this.take(async () => {
      await this.deps.untilVisitorHears(this.ended.signal);
      await this.firstWords();
    });
    this.lastWords.watch();
  }

  /** What the models have taken for no turn until now. */
  get unspokenUsage(): TurnUsage | undefined {
    return this.meter.unspoken;
  }

  /** A message from the chat topic. Others than the visitor are not listened to. */
  async onChat(reader: TextStreamReader, identity: string): Promise<void> {
    if (identity !== this.deps.job.visitorIdentity || this.ended.signal.aborted) {
      await reader.close();
      return;
    }
    await this.inbox.receive(reader);
  }

  /** Falls silent and forgets everybody. What was said until now has been recorded. */
  async close(): Promise<void> {
    if (this.ended.signal.aborted) return;
    this.isAlone = true;
    this.ended.abort();
    this.presence.close();
    this.panel.close();
    this.vision.close();
    this.inactivity?.close();
    this.lastWords.close();
    await this.session.close();
    await this.io.close();
    await this.work;
  }

  /** What the visitor said to an agent that was gone before its answer was whole is answered first. */
  private async firstWords(): Promise<void> {
    const { signal } = this.ended;
    const question = unanswered(this.deps.job.transcript);
    if (question) {
      const mode = question.mode === "voice" ? await this.ears.firstMode(signal) : "text";
      return this.say({ id: answerId(question), mode }, () => this.session.generateReply());
    }
    const { startingMessage } = this.mind.persona;
    const begin = opening(this.deps.job, Date.now());
    if (startingMessage?.type === "user_initiates" || begin === "go_on") return;
    const mode = await this.ears.firstMode(signal);
    const saying = { id: newGreetingId(), mode };
    // In writing it comes whole: it says who answers here, and a first question is often there before it.
    const options = mode === "text" ? { allowInterruptions: false } : {};
    if (begin === "welcome")
      return this.say(saying, () => this.session.say(this.deps.sentences.welcomeBack, options));
    if (startingMessage?.type === "bot_initiates_static")
      return this.say(saying, () => this.session.say(startingMessage.text, options));
    const instructions = startingMessage?.prompt;
    return this.say(saying, () =>
      this.session.generateReply({ ...options, ...(instructions ? { instructions } : {}) }),
    );
  }

  /** Whether the visitor's microphone is on. */
  private get isVoice(): boolean {
    const { room, job } = this.deps;
    return hasOpenMicrophone(room.remoteParticipants.get(job.visitorIdentity));
  }

  private onAnswer(answer: PanelAnswer): void {
    const createdAt = this.clock.next();
    this.answer({ id: randomUUID(), createdAt }, answerInWords(answer), { [PANEL_ANSWER]: answer });
  }

  /** The visitor has the floor: an answer that has begun ends; one that has not comes first. */
  private answer(
    { id, createdAt: askedAt }: Pick<Turn, "id" | "createdAt">,
    content: string,
    extra = {},
  ): void {
    this.inactivity?.visitorActs();
    const { handle, saying } = this.speaking();
    if (saying?.begunAt && handle?.allowInterruptions) handle.interrupt();
    this.take(() => {
      // In the model's context a question stands where it is answered, after the answers before it.
      const userInput = llm.ChatMessage.create({ role: "user", id, content, extra });
      return this.say({ id: answerId({ id }), askedAt }, () =>
        this.session.generateReply({ userInput }),
      );
    });
  }

  /** After what was asked until now has been answered. */
  private sayLastWords(): Promise<void> {
    const mode = this.isVoice ? "voice" : "text";
    this.take(() =>
      this.say({ id: newGreetingId(), mode }, () =>
        this.session.say(this.deps.sentences.usedUp, { allowInterruptions: false }),
      ),
    );
    return this.work;
  }

  private take(work: () => Promise<void>): void {
    this.work = this.work
      .then(() => (this.ended.signal.aborted ? undefined : work()))
      .catch((error: unknown) => this.complain(error, "the agent broke off"));
  }

  private async say(
    parts: Partial<Saying> & { readonly id: string },
    speak: () => voice.SpeechHandle,
  ): Promise<void> {
    if (this.ended.signal.aborted) return;
    const saying: Saying = { mode: "text", steps: 0, ...parts };
    this.io.speakOrWrite(saying.mode);
    this.asked = saying;
    let handle: voice.SpeechHandle;
    try {
      handle = speak();
    } finally {
      this.asked = undefined;
    }
    await handle.waitForPlayout();
  }

  /** What is being said. */
  private speaking(): { readonly handle?: voice.SpeechHandle; readonly saying?: Saying } {
    const handle = this.session._activity?.currentSpeech;
    if (!handle) return {};
    return this.sayings.find((one) => one.handle === handle) ?? { handle };
  }

  /** @returns the name of the words that go out now. */
  private beginWords(): string {
    this.deps.onWords();
    const { saying } = this.speaking();
    if (!saying) return randomUUID();
    saying.begunAt = this.clock.next();
    if (saying.id === "") saying.id = answerId({ id: this.lastHeard });
    return turnId(saying);
  }

  private onSaid(item: llm.ChatItem): void {
    if (item.type !== "message") return;
    const text = item.textContent ?? "";
    if (item.role === "user") {
      if (this.inbox.has(item.id)) return;
      // Written messages have been taken down when they came.
      this.lastHeard = item.id;
      this.meter.hear(item.metrics);
      if (item.extra[PANEL_ANSWER] !== undefined) return;
      const createdAt = this.clock.next();
      this.addTurn({ id: item.id, role: "user", text, mode: "voice", createdAt });
      // The answer to one that is too many has no word yet.
      if (!this.lastWords.mayAnswer())
        this.sayings.findLast(({ saying }) => saying.id === "")?.handle.interrupt(true);
      return;
    }
    if (item.role !== "assistant") return;
    // What is said word for word is in no handle's list.
    const { saying } =
      this.sayings.findLast(({ handle }) => handle.chatItems.includes(item)) ?? this.speaking();
    const createdAt = saying?.begunAt ?? this.clock.next();
    const id = saying ? turnId(saying) : item.id;
    const cutOff = item.interrupted && this.isAlone;
    const error = troubleIn(item) ?? saying?.error;
    const mode = saying?.mode ?? "text";
    const trouble = error === undefined ? {} : { error };
    const { askedAt, begunAt } = saying ?? {};
    const measured = this.meter.measure({ metrics: item.metrics, askedAt, begunAt });
    this.addTurn({ id, role: "agent", text, mode, createdAt, cutOff, ...trouble, ...measured });
    if (!saying) return;
    saying.steps += 1;
    delete saying.begunAt;
    delete saying.askedAt;
    delete saying.error;
  }

  private makeInactivity(): Inactivity | undefined {
    const { job, onVisitorLeft } = this.deps;
    const inactivityNudge = job.config.inactivity_nudge;
    if (!inactivityNudge) return undefined;
    return new Inactivity({
      inactivityNudge,
      isVoice: () => this.isVoice,
      say: (nudge) => this.take(() => this.nudge(nudge)),
      // As if the visitor had hung up: the room goes, and the conversation is complete.
      hangUp: onVisitorLeft,
    });
  }

  private nudge(nudge: Nudge): Promise<void> {
    // It answers nothing, like a greeting.
    return this.say({ id: newGreetingId(), mode: "voice" }, () =>
      nudge.type === "bot_initiates_static"
        ? this.session.say(nudge.text)
        : this.session.generateReply({ instructions: nudge.prompt }),
    );
  }

  private onTrack(who: RemoteParticipant): void {
    if (who.identity !== this.deps.job.visitorIdentity || this.ended.signal.aborted) return;
    this.inactivity?.visitorActs();
    this.ears.listen();
  }

  /** Whoever spoke is told so: they wait for an answer. */
  private onDeaf(error: TurnError): void {
    this.take(() =>
      this.say({ id: randomUUID(), mode: "voice", error }, () =>
        this.session.say(this.deps.sentences.notUnderstood),
      ),
    );
  }

  private onMute(error: TurnError): void {
    const { saying } = this.speaking();
    if (saying) saying.error = error;
  }

  private onHere(): void {
    this.isAlone = false;
    this.deps
      .untilVisitorHears(this.ended.signal)
      .then(() => this.panel.deliverAll())
      .catch((error: unknown) => this.complain(error, "the panel did not answer"));
  }

  private onAway(): void {
    this.isAlone = true;
    this.session.interrupt({ force: true });
  }

  private addTurn(parts: NewTurn): void {
    const turn = makeTurn(parts);
    if (turn) void this.deps.record(turn);
  }

  /** What cannot be sent because the room is over is nobody's problem. */
  private complain(error: unknown, what: string): void {
    const isOver = this.ended.signal.aborted || !this.deps.room.isConnected;
    this.deps.log[isOver ? "debug" : "warn"]({ err: error }, what);
  }

  /** One after the other, so that the last one set is the one that stays. */
  private tell(attributes: Record<string, string>): void {
    this.telling = this.telling
      .then(() => Promise.race([this.deps.me.setAttributes(attributes), delay(TELL_MS)]))
      .catch((error: unknown) => this.complain(error, "what was heard was not sent"));
  }
}
