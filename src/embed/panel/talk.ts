import { computed, signal } from "@preact/signals";
import type { TalkMode } from "../config.js";
import { logError } from "../log.js";
import type { Identity, PanelEvent } from "../protocol.js";
import type { Fields } from "../read.js";
import { readShow } from "./card.js";
import type { FormDefinition, FormValues } from "./form.js";
import { MAX_METADATA_BYTES } from "./identity.js";
import { jsonBytes } from "./json-bytes.js";
import { explainMicrophone, type MicrophoneProblem } from "./microphone-problem.js";
import type { ParentLink } from "./parent-link.js";
import type { PreForm } from "./pre-form.js";
import { randomId } from "./random-id.js";
import type {
  AgentState,
  Device,
  Microphone,
  RoomHandlers,
  RoomLink,
  RoomModule,
} from "./room-link.js";
import { RuntimeError, type RuntimeApi, type Started } from "./runtime-api.js";
import type { KeptCard, Session, SessionStore } from "./session-store.js";
import { MICROPHONE_PROBLEMS, STRINGS } from "./strings.js";
import { Transcript, type CardAnswer, type CardEntry, type MessageEntry } from "./transcript.js";

export type Phase = "idle" | "connecting" | "connected" | "reconnecting" | "ended";
export type VoicePhase = "off" | "opening" | "on";
export type NoticeKind = "microphone" | "length" | "agent" | "connection" | "start" | "elsewhere";

export interface Notice {
  kind: NoticeKind;
  text: string;
  action: { label: string; run: () => void } | undefined;
}

export interface TalkOptions {
  api: RuntimeApi;
  parent: ParentLink;
  sessions: SessionStore;
  preForm: PreForm;
  loadRoom: () => Promise<RoomModule>;
  feedbackForm: FormDefinition | undefined;
  defaultMode: TalkMode;
  startsOnOpen: boolean;
}

/** The platform keeps no more of one. */
export const MAX_MESSAGE_CHARACTERS = 20_000;
const AGENT_WAIT_MS = 10_000;
/** An agent that never says what it does is taken for ready after this. */
const AGENT_SETTLE_MS = 3000;
/** A room that ends lets its agent go first: only one that stays open has been left. */
const LEFT_SETTLE_MS = 1500;
/** A silent text talk gives its room back; the next message joins a fresh one. */
const IDLE_MS = 10 * 60_000;
const RECOVERY_DELAYS_MS = [0, 1000, 2000, 4000, 8000, 15_000];
const ANSWER_DELAYS_MS = [0, 1000, 3000];
/** Of 15 KB each at most, where a browser keeps a few MB. */
const KEPT_CARDS = 20;

/** The talk that this attempt belonged to was given up meanwhile: whoever did so has set the state. */
class AbandonedError extends Error {}

/** One visitor's talk with the agent: text and voice, one room at a time, one transcript. */
export class Talk {
  readonly phase = signal<Phase>("idle");
  readonly voice = signal<VoicePhase>("off");
  readonly isMuted = signal(false);
  /** What the visitor chose; nothing: what the browser takes. */
  readonly microphoneId = signal<string | undefined>(undefined);
  readonly speakerId = signal<string | undefined>(undefined);
  readonly notice = signal<Notice | undefined>(undefined);
  readonly agentState = signal<AgentState | undefined>(undefined);
  readonly isAgentPresent = signal(false);
  readonly isPlaybackBlocked = signal(false);
  readonly isRestoring = signal(false);
  readonly hasConversation = signal(false);
  readonly isFeedbackOpen = signal(false);
  readonly transcript = new Transcript();
  readonly needsForm = computed(
    () => this.#options.preForm.isMissing.value && !this.hasConversation.value,
  );
  readonly isThinking = computed(() => {
    const isWaiting = this.transcript.entries.value.some(
      (entry) => entry.kind === "message" && entry.state.value === "sending",
    );
    return this.agentState.value === "thinking" || (isWaiting && this.notice.value === undefined);
  });

  readonly #options: TalkOptions;
  readonly #owner = randomId();
  /** What the agent has not heard yet, in order. */
  readonly #outbox: MessageEntry[] = [];
  /** Of these, what this room's agent was sent. */
  readonly #underWay = new Set<MessageEntry>();
  #identity: Identity | undefined;
  #session: Session | undefined;
  #guestId: string | undefined;
  #link: RoomLink | undefined;
  #joining: Promise<RoomLink> | undefined;
  #module: Promise<RoomModule> | undefined;
  #microphone: Microphone | undefined;
  /** What the visitor wants before it can be: before it is known who they are, or before the form. */
  #pending: (() => void)[] = [];
  #hasBegun = false;
  /** The talk went on in another window: only the platform has all of it. */
  #isBehind = false;
  /** Counts the rooms: events of an earlier one are ignored. */
  #attempt = 0;
  #isVisible = false;
  #unread = 0;
  #isResetDue = false;
  #agentTimer: ReturnType<typeof setTimeout> | undefined;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  #leftTimer: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #isAgentSettled = false;

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  /** The panel came into view for the first time. */
  async begin(identity: Identity | undefined): Promise<void> {
    this.#identity = identity;
    if (identity !== undefined) this.#options.preForm.identify(identity.userId);
    this.setVisible(true);
    const restored = this.#restore();
    this.#hasBegun = true;
    if (!this.needsForm.value) this.#runPending();
    await restored;
  }

  /** The visitor opened the panel, or asked for a new conversation: some widgets begin one then. */
  startByItself(): void {
    const { defaultMode, startsOnOpen } = this.#options;
    // A talk that goes on is joined again when somebody has something to say.
    const isStarted = this.hasConversation.value || this.phase.value !== "idle";
    if (isStarted || (defaultMode === "text" && !startsOnOpen)) return;
    const start = async (): Promise<void> => {
      if (defaultMode === "voice") await this.startVoice();
      // The notice says what failed, here and wherever else a start's failure is ignored.
      if (this.#link === undefined) await this.#connected().catch(() => undefined);
    };
    if (this.needsForm.value) this.#pending.push(() => void start());
    else void start();
  }

  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    if (visible && this.#unread > 0) this.#setUnread(0);
  }

  /** Warms the large file up while the visitor's hand is on the way. */
  preload(): void {
    // It is downloaded again when it is needed, and then its failure is told.
    this.#loadRoom().catch(() => undefined);
  }

  say(text: string): void {
    this.#clearNotice("length");
    const trimmed = this.fit(text.trim());
    if (trimmed === "") return;
    if (this.phase.value === "ended") this.#reset();
    if (!this.#hasBegun || this.needsForm.value) {
      this.#pending.push(() => this.say(trimmed));
      return;
    }
    const entry = this.transcript.say(trimmed);
    this.#emit("message", { role: "user", text: trimmed, mode: "text" });
    this.#send(entry);
  }

  /** @returns as much of a text as a message may have; the visitor is told when it is not all. */
  fit(text: string): string {
    if (text.length > MAX_MESSAGE_CHARACTERS) this.#setNotice("length", STRINGS.tooLong);
    return text.slice(0, MAX_MESSAGE_CHARACTERS);
  }

  sendAgain(entry: MessageEntry): void {
    entry.state.value = "sending";
    this.#send(entry);
  }

  submitForm(values: FormValues): void {
    this.#options.preForm.submit(values);
    if (this.#pending.length === 0) this.startByItself();
    this.#runPending();
  }

  async startVoice(): Promise<void> {
    if (this.voice.value !== "off") return;
    if (this.phase.value === "ended") this.#reset();
    if (!this.#hasBegun || this.needsForm.value) {
      this.#pending.push(() => void this.startVoice());
      return;
    }
    this.voice.value = "opening";
    this.#clearNotice("microphone");
    const microphone = await this.#openMicrophone();
    if (microphone === undefined) return;
    this.#microphone = microphone;
    this.isMuted.value = false;
    microphone.onLost(() => this.#loseMicrophone(microphone));
    try {
      await this.#enterVoice(await this.#connected());
    } catch {
      // Stopped and started again meanwhile, the voice is a younger microphone's.
      if (this.#microphone === microphone) this.#closeMicrophone();
    }
  }

  stopVoice(): void {
    const [link, microphone] = [this.#link, this.#microphone];
    // A room that is breaking takes nothing back; the microphone is closed below all the same.
    if (microphone !== undefined) link?.unpublish(microphone).catch(() => undefined);
    link?.setListening(false);
    if (this.voice.value === "on") this.transcript.note(STRINGS.voiceOff);
    this.#closeMicrophone();
    this.#touch();
  }

  async toggleMute(): Promise<void> {
    const microphone = this.#microphone;
    const isMuted = !this.isMuted.value;
    this.isMuted.value = isMuted;
    try {
      await microphone?.setMuted(isMuted);
    } catch (error) {
      // A device that was unplugged or given away while it was muted may not open again.
      if (this.#microphone !== microphone) return;
      this.isMuted.value = !isMuted;
      this.#tellMicrophone(explainMicrophone(error, surroundings()));
    }
  }

  /** The visitor's gesture lets sound begin where the browser held it back. */
  hear(): void {
    this.#link?.startAudio();
  }

  dismissNotice(): void {
    this.#clearNotice();
  }

  async devices(): Promise<{ inputs: Device[]; outputs: Device[] }> {
    return (await this.#loadRoom()).listDevices();
  }

  async useMicrophone(id: string): Promise<void> {
    await this.#microphone?.use(id);
    this.microphoneId.value = id;
  }

  async useSpeaker(id: string): Promise<void> {
    await this.#link?.useSpeaker(id);
    this.speakerId.value = id;
  }

  levels(): { own: number; agent: number } {
    return { own: this.#microphone?.level() ?? 0, agent: this.#link?.agentLevel() ?? 0 };
  }

  async answer(entry: CardEntry, answer: CardAnswer): Promise<void> {
    entry.answer.value = answer;
    entry.state.value = "sending";
    const payload = JSON.stringify({ id: entry.show.id, ...answer });
    const { conversationId } = this.#session ?? {};
    for (const delay of ANSWER_DELAYS_MS) {
      await sleep(delay);
      // Ended meanwhile, it is nobody's answer: joining would begin a new conversation.
      const isSame = this.#session?.conversationId === conversationId;
      if (!isSame || !this.hasConversation.value) break;
      try {
        const link = await this.#connected();
        // An agent that came since does not know what another one asked.
        if (!(await link.sendAnswer(payload))) break;
        entry.state.value = "answered";
        this.#keepAnswer(entry.show.id, answer);
        return;
      } catch {
        // The same answer may be sent again: the agent knows it by its id.
      }
    }
    entry.state.value = "failed";
  }

  /** Leaves at once; what was said stays readable. */
  end(): void {
    if (!this.hasConversation.value && this.phase.value === "idle") return;
    this.#finish();
  }

  newConversation(): void {
    if (this.phase.value !== "ended" && this.#wantsFeedback()) {
      this.#isResetDue = true;
      this.#finish();
      return;
    }
    this.#endQuietly();
    this.#reset();
    this.startByItself();
  }

  async sendFeedback(values: FormValues): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    if (Object.keys(values).length === 0) return this.closeFeedback();
    try {
      await this.#options.api.feedback(session.conversationId, session.visitorToken, values);
    } catch (error) {
      const status = error instanceof RuntimeError ? error.status : 0;
      // Somebody was faster: the visitor's opinion is known.
      if (status === 409) return;
      if (!isRefusal(status)) throw error;
      logError("The platform did not take the feedback:", error);
      this.closeFeedback();
    }
  }

  closeFeedback(): void {
    this.isFeedbackOpen.value = false;
    if (!this.#isResetDue) return;
    this.#reset();
    this.startByItself();
  }

  identify(identity: Identity): void {
    const [before, isSame] = [this.#identity, this.#identity?.userId === identity.userId];
    this.#identity = identity;
    if (isSame) return;
    const { sessions, preForm } = this.#options;
    preForm.identify(identity.userId);
    // A guest who gives a name goes on with the same talk; anybody else gets their own.
    const own = sessions.load(identity.userId);
    if (before === undefined && this.hasConversation.value && own === undefined) {
      if (this.#session !== undefined) {
        sessions.save(identity.userId, this.#session);
        sessions.forget(undefined, this.#session.conversationId);
      }
      return;
    }
    if (before === undefined && !this.hasConversation.value && own === undefined) return;
    this.#abandon();
    this.#reset();
    void this.#restore();
  }

  logout(): void {
    const { sessions, preForm } = this.#options;
    sessions.forgetAll();
    this.#endQuietly();
    this.#identity = undefined;
    this.#guestId = undefined;
    this.#reset();
    preForm.forget();
  }

  #runPending(): void {
    for (const run of this.#pending.splice(0)) run();
  }

  async #restore(): Promise<void> {
    const { sessions, api } = this.#options;
    const session = sessions.load(this.#identity?.userId);
    if (session === undefined) return;
    this.#setSession(session);
    if (session.visitorToken === undefined) return;
    this.isRestoring.value = true;
    try {
      const past = await api.messages(session.conversationId, session.visitorToken);
      const now = this.#session;
      if (now?.conversationId !== session.conversationId) return;
      const cards = now.cards.flatMap(({ payload, after, answer }) => {
        const show = readShow(payload);
        return show === undefined ? [] : [{ show, after, answer }];
      });
      if (this.#isBehind) this.transcript.clear(this.#outbox);
      this.#isBehind = false;
      this.transcript.restore(past.messages, cards);
      if (past.visitorToken !== undefined) this.#amend({ visitorToken: past.visitorToken });
    } catch (error) {
      // Out of reach is not lost: the talk can still be joined later.
      const isGone = error instanceof RuntimeError && [401, 403, 404].includes(error.status);
      if (isGone && this.#session === session) this.#dropSession();
    } finally {
      this.isRestoring.value = false;
    }
  }

  #send(entry: MessageEntry): void {
    this.#outbox.push(entry);
    this.#touch();
    this.#connected().then(
      () => this.#deliver(),
      (error: unknown) => {
        if (!(error instanceof AbandonedError)) this.#failOutbox();
      },
    );
  }

  /** A room does not keep messages for an agent that is not there yet: they wait here. */
  async #deliver(): Promise<void> {
    const link = this.#link;
    if (link === undefined || this.phase.value === "reconnecting" || !this.#isAgentSettled) return;
    const entry = this.#outbox.find((one) => !this.#underWay.has(one));
    if (entry === undefined) return;
    this.#underWay.add(entry);
    try {
      await link.sendText(entry.text.value, entry.id);
    } catch {
      // Unless it waits again by now, for a better connection or the next agent.
      if (link === this.#link && this.#underWay.has(entry)) this.#settle([entry], "failed");
    }
    await this.#deliver();
  }

  #onHeard(id: string): void {
    const index = this.#outbox.findIndex((entry) => entry.id === id);
    this.#settle(this.#outbox.slice(0, index + 1), "done");
  }

  #failOutbox(): void {
    this.#settle([...this.#outbox], "failed");
  }

  #settle(entries: readonly MessageEntry[], state: "done" | "failed"): void {
    for (const entry of entries) {
      this.#outbox.splice(this.#outbox.indexOf(entry), 1);
      this.#underWay.delete(entry);
      entry.state.value = state;
    }
  }

  async #connected(): Promise<RoomLink> {
    if (this.#link !== undefined) return this.#link;
    return this.#joining ?? this.#hold(this.#join("connecting"));
  }

  /** Whoever needs the room meanwhile waits for the same attempt. */
  #hold(joining: Promise<RoomLink>): Promise<RoomLink> {
    this.#joining = joining;
    const release = (): void => {
      if (this.#joining === joining) this.#joining = undefined;
    };
    joining.then(release, release);
    return joining;
  }

  /** @param phase "reconnecting": whoever recovers the talk says what becomes of it. */
  async #join(phase: "connecting" | "reconnecting"): Promise<RoomLink> {
    const attempt = ++this.#attempt;
    this.phase.value = phase;
    // Why there is no microphone stays true while the talk goes on by text; what was cut off stays so.
    const { kind } = this.notice.value ?? {};
    if (kind !== "microphone" && kind !== "length") this.#clearNotice();
    try {
      const [module, started] = await Promise.all([this.#loadRoom(), this.#start(attempt)]);
      this.#check(attempt);
      if (this.#isBehind) await this.#restore();
      this.#check(attempt);
      const { url, token } = started;
      const link = await module.connectRoom(url, token, this.#handlers(attempt));
      // A room that cannot be left is over.
      if (attempt !== this.#attempt) link.leave().catch(() => undefined);
      this.#check(attempt);
      this.#link = link;
      this.phase.value = "connected";
      this.#expectAgent(started.isAgentAvailable);
      void this.#takeUpSpeaker(link);
      if (this.voice.value === "on") await this.#enterVoice(link).catch(() => this.stopVoice());
      this.#touch();
      return link;
    } catch (error) {
      this.#check(attempt);
      if (phase === "connecting") {
        this.phase.value = "idle";
        // A call that was to go on in this room; one that only begins is closed by who opened it.
        if (this.voice.value === "on") this.#closeMicrophone();
        this.#explain(error);
      }
      throw error;
    }
  }

  #check(attempt: number): void {
    if (attempt !== this.#attempt) throw new AbandonedError();
  }

  async #start(attempt: number): Promise<Started> {
    const { api, parent } = this.#options;
    // As another window left it, where the talk went on there.
    const stored = this.#options.sessions.load(this.#identity?.userId);
    const isSame = stored?.conversationId === this.#session?.conversationId;
    const session = isSame ? stored : this.#session;
    // First: the platform ends another window's room, and that one reads here where the talk went on.
    if (session !== undefined) this.#keep({ ...session, owner: this.#owner });
    const request = async (conversationId: string | undefined): Promise<Started> => {
      const answer = await parent.ticket();
      this.#check(attempt);
      if (answer !== undefined && answer.ticket === undefined) {
        throw new RuntimeError(answer.status, "There is no ticket.", undefined);
      }
      return api.start({
        userId: this.#userId(conversationId !== undefined),
        metadata: this.#metadata(conversationId !== undefined),
        conversationId,
        visitorToken: session?.visitorToken,
        ticket: answer?.ticket,
      });
    };
    let started: Started;
    try {
      started = await request(session?.conversationId);
    } catch (error) {
      const isGone = error instanceof RuntimeError && [401, 403, 404].includes(error.status);
      if (session === undefined || !isGone) throw error;
      this.#check(attempt);
      this.#dropSession();
      started = await request(undefined);
      this.transcript.note(STRINGS.expired);
    }
    this.#check(attempt);
    const isResumed = session?.conversationId === started.conversationId;
    this.#keep({
      userId: this.#userId(isResumed),
      conversationId: started.conversationId,
      visitorToken: started.visitorToken ?? (isResumed ? session.visitorToken : undefined),
      owner: this.#owner,
      cards: (isResumed ? this.#session?.cards : undefined) ?? [],
    });
    this.#emit("conversation_started", {
      conversationId: started.conversationId,
      resumed: isResumed,
    });
    return started;
  }

  /** A conversation belongs to the name under which it began. */
  #userId(isResume: boolean): string {
    if (isResume && this.#session !== undefined) return this.#session.userId;
    if (this.#identity !== undefined) return this.#identity.userId;
    return (this.#guestId ??= `guest_${randomId()}`);
  }

  #metadata(isResume: boolean): Fields {
    const identity = this.#identity;
    // Named only after it began: the owner learns it as a note.
    const isNamedLate = isResume && identity && identity.userId !== this.#session?.userId;
    const own = {
      ...this.#options.preForm.values.value,
      ...(isNamedLate ? { identified_as: identity.userId } : {}),
    };
    const metadata = { ...identity?.metadata, ...own };
    if (jsonBytes(metadata) <= MAX_METADATA_BYTES) return metadata;
    logError("The visitor's metadata does not fit beside their form's answers: left out.");
    return own;
  }

  #handlers(attempt: number): RoomHandlers {
    const isCurrent = (): boolean => attempt === this.#attempt;
    return {
      agent: (isPresent, state) => {
        if (isCurrent()) this.#onAgent(isPresent, state);
      },
      heard: (id) => {
        if (isCurrent()) this.#onHeard(id);
      },
      caption: ({ segment, role, text, isFinal }) => {
        if (!isCurrent()) return;
        const mode = role === "user" || this.voice.value === "on" ? "voice" : "text";
        this.#touch();
        const done = this.transcript.hear({ segment, role, text, isFinal, mode });
        if (done !== undefined) this.#onMessage(done);
      },
      show: (payload) => {
        const show = readShow(payload);
        if (show === undefined || !isCurrent()) return false;
        const after = this.transcript.messageCount;
        if (this.transcript.show(show) === undefined) return true;
        this.#keepCards((cards) => [...cards, { id: show.id, payload, after, answer: undefined }]);
        this.#countUnread();
        return true;
      },
      reconnecting: (isReconnecting) => {
        if (!isCurrent() || this.#link === undefined) return;
        this.phase.value = isReconnecting ? "reconnecting" : "connected";
        // What was sent into the gap may be lost; what was not is heard once all the same: the agent knows it by its id.
        this.#underWay.clear();
        void this.#deliver();
      },
      disconnected: (reason) => {
        // A join that fails says this too, before it is refused: then whoever joins decides.
        if (!isCurrent() || this.#link === undefined) return;
        this.#link = undefined;
        this.transcript.settle();
        if (reason === "lost") void this.#hold(this.#recover());
        else this.#onClosed();
      },
      playback: (isAllowed) => {
        if (isCurrent()) this.isPlaybackBlocked.value = !isAllowed;
      },
    };
  }

  #onAgent(isPresent: boolean, state: AgentState | undefined): void {
    const wasPresent = this.isAgentPresent.value;
    this.isAgentPresent.value = isPresent;
    this.agentState.value = state;
    if (!isPresent) {
      clearTimeout(this.#settleTimer);
      this.#isAgentSettled = false;
      this.#underWay.clear();
      if (wasPresent) this.#leftTimer = setTimeout(() => this.#tellAgentLeft(), LEFT_SETTLE_MS);
      return;
    }
    clearTimeout(this.#agentTimer);
    clearTimeout(this.#leftTimer);
    this.#clearNotice("agent");
    if (state !== undefined && state !== "initializing") this.#settleAgent();
    else if (!wasPresent) {
      this.#settleTimer = setTimeout(() => this.#settleAgent(), AGENT_SETTLE_MS);
    }
  }

  #settleAgent(): void {
    clearTimeout(this.#settleTimer);
    if (this.#isAgentSettled) return;
    this.#isAgentSettled = true;
    void this.#deliver();
  }

  #expectAgent(isAvailable: boolean): void {
    if (this.isAgentPresent.value) return;
    if (!isAvailable) this.#tellNoAgent(STRINGS.agentDown);
    clearTimeout(this.#agentTimer);
    this.#agentTimer = setTimeout(() => {
      if (!this.isAgentPresent.value) this.#tellNoAgent(STRINGS.noAgent);
    }, AGENT_WAIT_MS);
  }

  #tellNoAgent(text: string): void {
    this.#setNotice("agent", text, { label: STRINGS.retry, run: () => this.#rejoin() });
    this.#emit("error", { code: "no_agent", message: text });
  }

  #tellAgentLeft(): void {
    this.transcript.settle();
    const action = { label: STRINGS.stay, run: () => this.#rejoin() };
    this.#setNotice("agent", STRINGS.agentLeft, action);
  }

  /** A fresh room calls a fresh agent: an agent is sent only when a room begins. */
  #rejoin(): void {
    const wasInVoice = this.voice.value === "on";
    this.#abandon({ keepVoice: wasInVoice });
    this.#connected().then(
      () => this.#deliver(),
      () => undefined,
    );
  }

  /** What the visitor writes meanwhile waits for its end. */
  async #recover(): Promise<RoomLink> {
    this.#forgetAgent();
    let attempt = this.#attempt;
    for (const delay of RECOVERY_DELAYS_MS) {
      this.phase.value = "reconnecting";
      if (!navigator.onLine) {
        this.#setNotice("connection", STRINGS.offline);
        await new Promise((resolve) => window.addEventListener("online", resolve, { once: true }));
      }
      await sleep(delay);
      this.#check(attempt);
      try {
        const joining = this.#join("reconnecting");
        attempt = this.#attempt;
        const link = await joining;
        void this.#deliver();
        return link;
      } catch (error) {
        if (error instanceof AbandonedError) throw error;
        if (error instanceof RuntimeError && isRefusal(error.status)) break;
      }
    }
    this.phase.value = "idle";
    this.#closeMicrophone();
    this.#failOutbox();
    this.#setNotice("connection", STRINGS.lost, {
      label: STRINGS.retry,
      run: () => this.#retry(),
    });
    throw new Error("The connection was lost.");
  }

  /** Another window of the same visitor has taken the talk over, or it was ended for everybody. */
  #onClosed(): void {
    const stored = this.#options.sessions.load(this.#identity?.userId);
    const isElsewhere =
      stored?.conversationId === this.#session?.conversationId && stored?.owner !== this.#owner;
    if (!isElsewhere) return this.#finish();
    this.#isBehind = true;
    this.#abandon();
    this.phase.value = "idle";
    const action = { label: STRINGS.stay, run: () => this.#rejoin() };
    this.#setNotice("elsewhere", STRINGS.elsewhere, action);
  }

  #finish(): void {
    const wantsFeedback = this.#wantsFeedback();
    this.#endQuietly();
    this.#failOutbox();
    this.phase.value = "ended";
    this.isFeedbackOpen.value = wantsFeedback;
  }

  #endQuietly(): void {
    const { conversationId } = this.#session ?? {};
    const hadConversation = this.hasConversation.value;
    this.#abandon();
    this.#forgetSession();
    this.hasConversation.value = false;
    if (hadConversation) this.#emit("conversation_ended", { conversationId });
  }

  #wantsFeedback(): boolean {
    return this.#options.feedbackForm !== undefined && this.hasConversation.value;
  }

  #reset(): void {
    this.#isResetDue = false;
    this.#isBehind = false;
    this.#session = undefined;
    this.hasConversation.value = false;
    this.transcript.clear();
    if (this.#unread > 0) this.#setUnread(0);
    this.#outbox.length = 0;
    this.#pending = [];
    this.#options.preForm.reset();
    this.#clearNotice();
    this.isFeedbackOpen.value = false;
    this.phase.value = "idle";
  }

  /** Gives the room back without ending the conversation. */
  #abandon({ keepVoice = false }: { keepVoice?: boolean } = {}): void {
    this.#attempt++;
    const link = this.#link;
    this.#link = undefined;
    this.#joining = undefined;
    clearTimeout(this.#idleTimer);
    this.#forgetAgent();
    const microphone = this.#microphone;
    const leave = async (): Promise<void> => {
      // The microphone goes on to the next room only if this one does not stop it on the way out.
      if (keepVoice && microphone !== undefined) await link?.unpublish(microphone);
      await link?.leave();
    };
    // A room that cannot be left is over.
    leave().catch(() => undefined);
    if (!keepVoice) this.#closeMicrophone();
    this.transcript.settle();
  }

  #forgetAgent(): void {
    clearTimeout(this.#agentTimer);
    clearTimeout(this.#settleTimer);
    clearTimeout(this.#leftTimer);
    this.#underWay.clear();
    this.#isAgentSettled = false;
    this.isAgentPresent.value = false;
    this.agentState.value = undefined;
  }

  #touch(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.voice.value !== "off" || this.#link === undefined) return;
      this.#abandon();
      this.phase.value = "idle";
    }, IDLE_MS);
  }

  async #openMicrophone(): Promise<Microphone | undefined> {
    try {
      const module = await this.#loadRoom();
      try {
        const microphone = await module.openMicrophone(this.microphoneId.value);
        if (this.voice.value === "opening") return microphone;
        microphone.close();
      } catch (error) {
        this.#closeMicrophone();
        this.#tellMicrophone(explainMicrophone(error, surroundings()));
      }
    } catch (error) {
      this.#closeMicrophone();
      this.#explain(error);
    }
    return undefined;
  }

  async #enterVoice(link: RoomLink): Promise<void> {
    const microphone = this.#microphone;
    if (microphone === undefined) return;
    await link.publish(microphone);
    if (this.#microphone !== microphone) {
      // Stopped meanwhile, before there was anything to take back; its track has ended.
      link.unpublish(microphone).catch(() => undefined);
      return;
    }
    link.setListening(true);
    if (this.voice.value !== "on") this.transcript.note(STRINGS.voiceOn);
    this.voice.value = "on";
    this.#options.parent.tell({ type: "live", inCall: true });
  }

  /** A room begins with the browser's own choice. */
  async #takeUpSpeaker(link: RoomLink): Promise<void> {
    const id = this.speakerId.value;
    if (id === undefined) return;
    await link.useSpeaker(id).catch(() => {
      this.speakerId.value = undefined;
    });
  }

  #closeMicrophone(): void {
    this.#microphone?.close();
    this.#microphone = undefined;
    this.voice.value = "off";
    this.isMuted.value = false;
    this.isPlaybackBlocked.value = false;
    this.#options.parent.tell({ type: "live", inCall: false });
  }

  #loseMicrophone(microphone: Microphone): void {
    if (this.#microphone !== microphone) return;
    this.stopVoice();
    this.#tellMicrophone("lost");
  }

  #tellMicrophone(problem: MicrophoneProblem): void {
    this.#setNotice("microphone", MICROPHONE_PROBLEMS[problem]);
    this.#emit("error", { code: `microphone_${problem}`, message: MICROPHONE_PROBLEMS[problem] });
  }

  #explain(error: unknown): void {
    const status = error instanceof RuntimeError ? error.status : 0;
    const retry = { label: STRINGS.retry, run: () => this.#retry() };
    const say = (text: string, action?: Notice["action"]): void => {
      this.#setNotice("start", text, action);
      this.#emit("error", { code: "start_failed", message: text, status });
    };
    if (error instanceof RuntimeError && status === 429) {
      return say(STRINGS.tooMany(error.retryAfterSeconds ?? 60), retry);
    }
    if (status === 401 || status === 403) return say(STRINGS.onlyOnSite);
    if (status === 404 || status === 409) return say(STRINGS.notLive);
    if (status === 422) {
      logError("The platform refused to start a conversation:", error);
      const { preForm } = this.#options;
      if (preForm.values.value === undefined || this.#session !== undefined) {
        return say(STRINGS.startFailed);
      }
      preForm.refuse();
      this.#pending.push(() => this.#retry());
      return say(STRINGS.formRefused);
    }
    say(navigator.onLine ? STRINGS.startFailed : STRINGS.offline, retry);
  }

  /** Failed messages go along with the new try. */
  #retry(): void {
    this.#clearNotice();
    for (const entry of this.transcript.entries.value) {
      if (entry.kind === "message" && entry.state.value === "failed") this.sendAgain(entry);
    }
    this.#connected().then(
      () => this.#deliver(),
      () => undefined,
    );
  }

  #onMessage(entry: MessageEntry): void {
    const { role, mode } = entry;
    const text = entry.text.value;
    this.#emit("message", { role, text, mode });
    if (role === "user") return;
    this.#countUnread();
  }

  #countUnread(): void {
    if (!this.#isVisible) this.#setUnread(this.#unread + 1);
  }

  #setUnread(count: number): void {
    this.#unread = count;
    this.#emit("unread", { count });
  }

  #setSession(session: Session): void {
    this.#session = session;
    this.hasConversation.value = true;
  }

  #keep(session: Session): void {
    this.#setSession(session);
    this.#options.sessions.save(this.#identity?.userId, session);
  }

  /** Another window that joined meanwhile stays the owner. */
  #amend(part: Partial<Pick<Session, "visitorToken" | "cards">>): void {
    if (this.#session === undefined) return;
    this.#session = { ...this.#session, ...part };
    const { sessions } = this.#options;
    const stored = sessions.load(this.#identity?.userId);
    if (stored?.conversationId !== this.#session.conversationId) return;
    sessions.save(this.#identity?.userId, { ...stored, ...part });
  }

  #keepCards(change: (cards: readonly KeptCard[]) => KeptCard[]): void {
    this.#amend({ cards: change(this.#session?.cards ?? []).slice(-KEPT_CARDS) });
  }

  #keepAnswer(id: string, answer: CardAnswer): void {
    // A code or a telephone number is nothing to leave in a browser.
    const kept = "values" in answer ? { values: {} } : answer;
    this.#keepCards((cards) =>
      cards.map((card) => (card.id === id ? { ...card, answer: kept } : card)),
    );
  }

  #dropSession(): void {
    this.#forgetSession();
    this.#session = undefined;
    this.hasConversation.value = false;
  }

  #forgetSession(): void {
    const { conversationId } = this.#session ?? {};
    if (conversationId === undefined) return;
    this.#options.sessions.forget(this.#identity?.userId, conversationId);
  }

  #setNotice(kind: NoticeKind, text: string, action?: Notice["action"]): void {
    this.notice.value = { kind, text, action };
  }

  #clearNotice(kind?: NoticeKind): void {
    if (kind === undefined || this.notice.value?.kind === kind) this.notice.value = undefined;
  }

  #loadRoom(): Promise<RoomModule> {
    // A download that failed is tried again next time.
    this.#module ??= this.#options.loadRoom().catch((error: unknown) => {
      this.#module = undefined;
      throw error;
    });
    return this.#module;
  }

  #emit(name: PanelEvent, detail: Fields): void {
    this.#options.parent.tell({ type: "event", name, detail });
  }
}

/** Whether the same request would be refused again. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function surroundings(): Parameters<typeof explainMicrophone>[1] {
  // Chromium's alone, and in no typings.
  const { featurePolicy } = document as Document & {
    featurePolicy?: { allowsFeature(name: string): boolean };
  };
  return {
    isSecure: window.isSecureContext,
    hasMediaDevices: "mediaDevices" in navigator,
    isAllowedByPage: featurePolicy?.allowsFeature("microphone"),
  };
}
