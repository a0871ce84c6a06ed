import { computed, signal } from "@preact/signals";
import type { TalkMode } from "../config.js";
import { logError } from "../log.js";
import type { Identity, PanelEvent } from "../../protocol/panel-messages.js";
import type { Fields } from "../../protocol/read.js";
import { AgentPresence } from "./agent-presence.js";
import { Call } from "./call.js";
import { readShow } from "./card.js";
import {
  Conversation,
  type ConversationOptions,
  type StartedConversation,
} from "./conversation.js";
import type { FormDefinition, FormValues } from "./form.js";
import type { MicrophoneProblem } from "./microphone-problem.js";
import { Outbox } from "./outbox.js";
import type { RoomHandlers, RoomLink, RoomModule } from "./room-link.js";
import { isGone, isIdentityRequired, isRefusal, RuntimeError } from "./runtime-api.js";
import { sleep, untilOnline } from "./sleep.js";
import { MICROPHONE_PROBLEMS, STRINGS } from "./strings.js";
import { Transcript, type CardAnswer, type CardEntry, type MessageEntry } from "./transcript.js";

export type Phase = "idle" | "connecting" | "connected" | "reconnecting" | "ended";
export type NoticeKind =
  | "microphone"
  | "length"
  | "agent"
  | "connection"
  | "start"
  | "identity"
  | "elsewhere";

export interface Notice {
  kind: NoticeKind;
  text: string;
  action: { label: string; run: () => void } | undefined;
}

export interface TalkOptions extends ConversationOptions {
  loadRoom: () => Promise<RoomModule>;
  feedbackForm: FormDefinition | undefined;
  defaultMode: TalkMode;
  startsOnOpen: boolean;
}

/** The platform keeps no more of one. */
export const MAX_MESSAGE_CHARACTERS = 20_000;
/** A silent text talk gives its room back; the next message joins a fresh one. */
const IDLE_MS = 10 * 60_000;
const RECOVERY_DELAYS_MS = [0, 1000, 2000, 4000, 8000, 15_000];
const ANSWER_DELAYS_MS = [0, 1000, 3000];

/** The talk that this attempt belonged to was given up meanwhile: whoever did so has set the state. */
class AbandonedError extends Error {}

/** One visitor's talk with the agent: text and voice, one room at a time, one transcript. */
export class Talk {
  readonly phase = signal<Phase>("idle");
  readonly notice = signal<Notice | undefined>(undefined);
  readonly isRestoring = signal(false);
  readonly isFeedbackOpen = signal(false);
  /** Counts the people of this window: what one of them began to write is not the next one's. */
  readonly person = signal(0);
  readonly transcript = new Transcript();
  readonly conversation: Conversation;
  readonly agent = new AgentPresence({
    came: () => this.#clearNotice("agent"),
    settled: () => void this.#outbox.deliver(),
    gone: () => this.#outbox.sendAgain(),
    left: () => this.#tellAgentLeft(),
    missing: () => this.#tellNoAgent(STRINGS.noAgent),
  });
  readonly call: Call;
  readonly needsForm = computed(
    () => this.#options.preForm.isMissing.value && !this.conversation.isOpen.value,
  );
  readonly isThinking = computed(() => {
    const messages = this.transcript.entries.value.filter((entry) => entry.kind === "message");
    const isWaiting = messages.at(-1)?.state.value === "sending";
    return this.agent.state.value === "thinking" || (isWaiting && this.notice.value === undefined);
  });

  readonly #options: TalkOptions;
  readonly #outbox: Outbox;
  #link: RoomLink | undefined;
  #joining: Promise<RoomLink> | undefined;
  #module: Promise<RoomModule> | undefined;
  /** What the visitor wants before it can be: before it is known who they are, or before the form. */
  #pending: (() => void)[] = [];
  #hasBegun = false;
  /** The website has to vouch for its visitor first: what they wrote waits for that. */
  #awaitsIdentity = false;
  /** The talk went on in another window: only the platform has all of it. */
  #isBehind = false;
  /** Counts the rooms: events of an earlier one are ignored. */
  #attempt = 0;
  #isVisible = false;
  #unread = 0;
  #isResetDue = false;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TalkOptions) {
    this.#options = options;
    this.conversation = new Conversation(options);
    this.#outbox = new Outbox({
      sessions: options.sessions,
      visitor: () => this.conversation.visitor,
      listeningRoom: () =>
        this.phase.value === "connected" && this.agent.isSettled ? this.#link : undefined,
    });
    this.call = new Call({
      parent: options.parent,
      transcript: this.transcript,
      loadRoom: () => this.#loadRoom(),
      room: () => this.#link,
      onStopped: () => this.#touch(),
      onProblem: (problem) => this.#tellMicrophone(problem),
      onLoadFailed: (error) => this.#explain(error),
    });
  }

  /** The panel came into view for the first time. */
  async begin(identity: Identity | undefined): Promise<void> {
    if (identity !== undefined) this.conversation.identify(identity);
    this.setVisible(true);
    const restored = this.#restore();
    this.#hasBegun = true;
    if (!this.needsForm.value) this.#runPending();
    await restored;
    if (this.needsForm.value) this.#pending.unshift(() => this.#sendLeft());
    else this.#sendLeft();
  }

  /** The visitor opened the panel, or asked for a new conversation: some widgets begin one then. */
  startByItself(): void {
    const { defaultMode, startsOnOpen } = this.#options;
    // A talk that goes on is joined again when somebody has something to say.
    const isStarted = this.conversation.isOpen.value || this.phase.value !== "idle";
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
    if (this.call.phase.value !== "off") return;
    if (this.phase.value === "ended") this.#reset();
    if (!this.#hasBegun || this.needsForm.value) {
      this.#pending.push(() => void this.startVoice());
      return;
    }
    this.#clearNotice("microphone");
    await this.call.start(() => this.#connected());
  }

  dismissNotice(): void {
    this.#clearNotice();
  }

  async answer(entry: CardEntry, answer: CardAnswer): Promise<void> {
    entry.answer.value = answer;
    entry.state.value = "sending";
    const payload = JSON.stringify({ id: entry.show.id, ...answer });
    const { id } = this.conversation;
    for (const delay of ANSWER_DELAYS_MS) {
      await sleep(delay);
      // Ended meanwhile, it is nobody's answer: joining would begin a new conversation.
      if (this.conversation.id !== id || !this.conversation.isOpen.value) break;
      try {
        const link = await this.#connected();
        // An agent that came since does not know what another one asked.
        if (!(await link.sendAnswer(payload))) break;
        entry.state.value = "answered";
        this.conversation.keepAnswer(entry.show.id, answer);
        return;
      } catch {
        // The same answer may be sent again: the agent knows it by its id.
      }
    }
    entry.state.value = "failed";
  }

  /** Leaves at once; what was said stays readable. */
  end(): void {
    if (!this.conversation.isOpen.value && this.phase.value === "idle") return;
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
    const { session } = this.conversation;
    if (session === undefined) return;
    if (Object.keys(values).length === 0) return this.closeFeedback();
    try {
      await this.#options.api.feedback(session.conversationId, session.visitorToken, values);
    } catch (error) {
      // Somebody was faster: the visitor's opinion is known.
      if (error instanceof RuntimeError && error.status === 409) return;
      if (!isRefusal(error)) throw error;
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

  /** A fresh token of the same person is for the next room: this one goes on as it is. */
  identify(identity: Identity): void {
    const { visitor } = this.conversation;
    if (visitor !== undefined && visitor !== identity.userId) this.logout();
    // A guest who gives a name goes on with the same talk, unless there is one of that name.
    if (this.conversation.identify(identity)) void this.#changeTalk();
    else if (this.#awaitsIdentity && identity.token !== undefined) this.#goOn();
    if (this.#hasBegun && !this.needsForm.value) this.#runPending();
  }

  /** What could not be said before the website vouched for the visitor is said in their own talk. */
  async #changeTalk(): Promise<void> {
    const unsaid = this.#awaitsIdentity ? this.#outbox.entries.map(({ text }) => text.value) : [];
    this.#abandon();
    this.#reset();
    const { value: person } = this.person;
    await this.#restore();
    if (person !== this.person.value) return;
    for (const text of unsaid) this.say(text);
  }

  logout(): void {
    this.#endQuietly();
    this.conversation.logout();
    this.#reset();
    this.#options.preForm.forget();
    this.person.value++;
  }

  /** What the page before this one had not got rid of, unless the platform has it. */
  #sendLeft(): void {
    const left = this.#outbox.takeLeft();
    const known = this.transcript.pastOfVisitor.slice(-left.length);
    for (const { id, text } of left) {
      if (!known.includes(text)) this.#send(this.transcript.say(text, id));
    }
  }

  #runPending(): void {
    for (const run of this.#pending.splice(0)) run();
  }

  async #restore(): Promise<void> {
    const { conversation } = this;
    const session = conversation.takeUp();
    if (session?.visitorToken === undefined) return;
    this.isRestoring.value = true;
    try {
      const { api } = this.#options;
      const past = await api.messages(session.conversationId, session.visitorToken);
      const now = conversation.session;
      if (now?.conversationId !== session.conversationId) return;
      const cards = now.cards.flatMap(({ payload, after, answer }) => {
        const show = readShow(payload);
        return show === undefined ? [] : [{ show, after, answer }];
      });
      if (this.#isBehind) this.transcript.clear(this.#outbox.entries);
      this.#isBehind = false;
      this.transcript.restore(past.messages, cards);
      if (past.visitorToken !== undefined) conversation.renewToken(past.visitorToken);
    } catch (error) {
      if (isGone(error) && conversation.session === session) conversation.drop();
    } finally {
      this.isRestoring.value = false;
    }
  }

  #send(entry: MessageEntry): void {
    this.#outbox.add(entry);
    this.#touch();
    this.#connected().then(
      () => this.#outbox.deliver(),
      (error: unknown) => {
        if (!(error instanceof AbandonedError) && !this.#awaitsIdentity) this.#outbox.fail();
      },
    );
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
      if (!started.isAgentAvailable && !this.agent.isPresent.value) {
        this.#tellNoAgent(STRINGS.agentDown);
      }
      this.agent.expect();
      void this.call.takeUpSpeaker(link);
      if (this.call.phase.value === "on") await this.call.enter(link).catch(() => this.call.stop());
      this.#touch();
      return link;
    } catch (error) {
      this.#check(attempt);
      if (phase === "connecting") {
        this.phase.value = "idle";
        // A call that was to go on in this room; one that only begins is closed by who opened it.
        if (this.call.phase.value === "on") this.call.close();
        this.#explain(error);
      }
      throw error;
    }
  }

  #check(attempt: number): void {
    if (attempt !== this.#attempt) throw new AbandonedError();
  }

  async #start(attempt: number): Promise<StartedConversation> {
    this.#awaitsIdentity = false;
    const started = await this.conversation.start(() => this.#check(attempt));
    if (started.isReplaced) this.transcript.note(STRINGS.expired);
    this.#emit("conversation_started", {
      conversationId: started.conversationId,
      resumed: started.isResumed,
    });
    return started;
  }

  #handlers(attempt: number): RoomHandlers {
    const isCurrent = (): boolean => attempt === this.#attempt;
    return {
      agent: (identity, state) => {
        if (isCurrent()) this.agent.see(identity, state);
      },
      heard: (id) => {
        if (isCurrent()) this.#outbox.heard(id);
      },
      caption: (caption) => {
        if (!isCurrent()) return;
        const isVoice = caption.role === "user" || this.call.phase.value === "on";
        this.#touch();
        const done = this.transcript.hear({ ...caption, mode: isVoice ? "voice" : "text" });
        if (done !== undefined) this.#onMessage(done);
      },
      show: (payload) => {
        const show = readShow(payload);
        if (show === undefined || !isCurrent()) return false;
        const after = this.transcript.messageCount;
        if (this.transcript.show(show) === undefined) return true;
        this.conversation.keepCard({ id: show.id, payload, after, answer: undefined });
        this.#countUnread();
        return true;
      },
      reconnecting: (isReconnecting) => {
        if (!isCurrent() || this.#link === undefined) return;
        this.phase.value = isReconnecting ? "reconnecting" : "connected";
        this.#outbox.sendAgain();
        void this.#outbox.deliver();
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
        if (isCurrent()) this.call.isPlaybackBlocked.value = !isAllowed;
      },
    };
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
    this.#abandon({ keepVoice: this.call.phase.value === "on" });
    this.#goOn();
  }

  #goOn(): void {
    this.#connected().then(
      () => this.#outbox.deliver(),
      () => undefined,
    );
  }

  /** What the visitor writes meanwhile waits for its end. */
  async #recover(): Promise<RoomLink> {
    this.agent.forget();
    let attempt = this.#attempt;
    let refusal: unknown;
    for (const delay of RECOVERY_DELAYS_MS) {
      this.phase.value = "reconnecting";
      if (!navigator.onLine) {
        this.#setNotice("connection", STRINGS.offline);
        await untilOnline();
      }
      await sleep(delay);
      this.#check(attempt);
      try {
        const joining = this.#join("reconnecting");
        attempt = this.#attempt;
        const link = await joining;
        void this.#outbox.deliver();
        return link;
      } catch (error) {
        if (error instanceof AbandonedError) throw error;
        if (isRefusal(error)) {
          refusal = error;
          break;
        }
      }
    }
    this.phase.value = "idle";
    this.call.close();
    if (isIdentityRequired(refusal)) {
      this.#explain(refusal);
      throw refusal;
    }
    this.#outbox.fail();
    this.#setNotice("connection", STRINGS.lost, {
      label: STRINGS.retry,
      run: () => this.#retry(),
    });
    throw new Error("The connection was lost.");
  }

  /** Another window of the same visitor has taken the talk over, or it was ended for everybody. */
  #onClosed(): void {
    if (!this.conversation.isElsewhere()) return this.#finish();
    this.#isBehind = true;
    this.#abandon();
    this.phase.value = "idle";
    const action = { label: STRINGS.stay, run: () => this.#rejoin() };
    this.#setNotice("elsewhere", STRINGS.elsewhere, action);
  }

  #finish(): void {
    const wantsFeedback = this.#wantsFeedback();
    this.#endQuietly();
    this.#outbox.fail();
    this.#clearNotice();
    this.phase.value = "ended";
    this.isFeedbackOpen.value = wantsFeedback;
  }

  #endQuietly(): void {
    const { id, isOpen } = this.conversation;
    const wasOpen = isOpen.value;
    this.#abandon();
    this.conversation.end();
    if (wasOpen) this.#emit("conversation_ended", { conversationId: id });
  }

  #wantsFeedback(): boolean {
    return this.#options.feedbackForm !== undefined && this.conversation.isOpen.value;
  }

  #reset(): void {
    this.#isResetDue = false;
    this.#isBehind = false;
    this.#awaitsIdentity = false;
    this.conversation.clear();
    this.transcript.clear();
    if (this.#unread > 0) this.#setUnread(0);
    this.#outbox.clear();
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
    this.agent.forget();
    const leave = async (): Promise<void> => {
      if (keepVoice && link !== undefined) await this.call.leave(link);
      await link?.leave();
    };
    // A room that cannot be left is over.
    leave().catch(() => undefined);
    if (!keepVoice) this.call.close();
    this.transcript.settle();
  }

  #touch(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.call.phase.value !== "off" || this.#link === undefined) return;
      this.#abandon();
      this.phase.value = "idle";
    }, IDLE_MS);
  }

  #tellMicrophone(problem: MicrophoneProblem): void {
    this.#setNotice("microphone", MICROPHONE_PROBLEMS[problem]);
    this.#emit("error", { code: `microphone_${problem}`, message: MICROPHONE_PROBLEMS[problem] });
  }

  #explain(error: unknown): void {
    const status = error instanceof RuntimeError ? error.status : 0;
    const retry = { label: STRINGS.retry, run: () => this.#retry() };
    if (isIdentityRequired(error)) return this.#awaitIdentity();
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
      if (preForm.values.value === undefined || this.conversation.id !== undefined) {
        return say(STRINGS.startFailed);
      }
      preForm.refuse();
      this.#pending.push(() => this.#retry());
      return say(STRINGS.formRefused);
    }
    say(navigator.onLine ? STRINGS.startFailed : STRINGS.offline, retry);
  }

  #awaitIdentity(): void {
    this.#awaitsIdentity = true;
    logError("This widget needs an identity token: call identify with one.");
    this.#setNotice("identity", STRINGS.identityNeeded);
    this.#emit("error", { code: "identity_required", message: STRINGS.identityNeeded });
  }

  /** Failed messages go along with the new try. */
  #retry(): void {
    this.#clearNotice();
    for (const entry of this.transcript.entries.value) {
      if (entry.kind === "message" && entry.state.value === "failed") this.sendAgain(entry);
    }
    this.#goOn();
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
