import { cutText } from "../../protocol/cut-text.js";
import { MAX_TURN_CHARACTERS } from "../../protocol/limits.js";
import { computed, signal } from "@preact/signals";
import type { TalkMode } from "../read-config.js";
import type { Identity, PanelEvent } from "../../protocol/panel-messages.js";
import type { Fields } from "../../protocol/read.js";
import { AgentPresence } from "./agent-presence.js";
import { answerCard } from "./answer-card.js";
import { Call, type VideoKind, type ShownVideos } from "./call.js";
import { readShow } from "./card.js";
import { AbandonedError, Connection, type ConnectionEvents } from "./connection.js";
import {
  Conversation,
  type ConversationOptions,
  type StartedConversation,
} from "./conversation.js";
import type { Agreement, VisitorConsent } from "./visitor-consent.js";
import { Draft } from "./draft.js";
import { FeedbackRound } from "./feedback-round.js";
import type { FormDefinition, FormValues } from "./form.js";
import { Gate } from "./gate.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";
import { OwnData } from "./own-data.js";
import { Past } from "./past.js";
import { PastTalks } from "./past-talks.js";
import type { RoomModule } from "./room-link.js";
import { SharedTalk } from "./shared-talk.js";
import { StartTrouble } from "./start-trouble.js";
import { STRINGS } from "./strings.js";
import { Transcript, type CardAnswer, type CardEntry, type MessageEntry } from "./transcript.js";
import { Unread } from "./unread.js";

export interface TalkOptions extends ConversationOptions {
  loadRoom: () => Promise<RoomModule>;
  feedbackForm: FormDefinition | undefined;
  defaultMode: TalkMode;
  startsOnOpen: boolean;
  vision: ShownVideos;
  /** Names what the visitor's windows have in common; nothing: they share nothing. */
  channel?: string | undefined;
}

/** One visitor's talk with the agent: what they and the website want, and what becomes of it in the parts beside. */
export class Talk {
  /** Counts the people of this window: what one of them began to write is not the next one's. */
  readonly person = signal(0);
  readonly transcript = new Transcript();
  readonly conversation: Conversation;
  readonly gate: Gate;
  readonly agent = new AgentPresence({
    came: () => this.#notices.clear("agent"),
    settled: () => void this.#outbox.deliver(),
    gone: () => this.#outbox.sendAgain(),
    left: () => {
      this.transcript.settle();
      this.#notices.agentLeft();
    },
    missing: () => this.#notices.noAgent(STRINGS.noAgent),
  });
  readonly call: Call;
  readonly feedback: FeedbackRound;
  readonly pastTalks: PastTalks;
  readonly shared: SharedTalk;
  readonly draft: Draft;
  readonly consent: VisitorConsent;
  readonly ownData: OwnData;
  readonly isThinking = computed(() => {
    const messages = this.transcript.entries.value.filter((entry) => entry.kind === "message");
    const isWaiting = messages.at(-1)?.state.value === "sending";
    return this.agent.state.value === "thinking" || (isWaiting && this.notice.value === undefined);
  });

  readonly #options: TalkOptions;
  readonly #notices = new Notices({
    emit: (detail) => this.#emit("error", detail),
    retry: () => this.#retry(),
    rejoin: () => this.#connection.rejoin(),
  });
  readonly unread = new Unread(
    (count) => this.#emit("unread", { count }),
    () => this.shared.tabs,
  );
  readonly #outbox: Outbox;
  readonly #past: Past;
  readonly #connection: Connection;
  readonly #trouble: StartTrouble;

  constructor(options: TalkOptions) {
    const { api, feedbackForm: form, loadRoom, parent, sessions, vision } = options;
    const { agent, transcript, unread } = this;
    const conversation = new Conversation(options);
    this.draft = new Draft(sessions, () => conversation.visitor);
    const outbox = new Outbox({
      sessions,
      visitor: () => conversation.visitor,
      listeningRoom: () =>
        this.phase.value === "connected" && agent.isSettled ? this.#connection.link : undefined,
    });
    const call = new Call({
      vision,
      parent,
      transcript,
      room: () => this.#connection.link,
      onStopped: () => this.#connection.touch(),
      onProblem: (problem) => this.#notices.microphone(problem),
      onVideoProblem: (problem) => this.#notices.video(problem),
    });
    this.#options = options;
    this.consent = options.consent;
    this.conversation = conversation;
    this.gate = new Gate({ ...options, hasTalk: conversation.isOpen });
    this.call = call;
    this.#outbox = outbox;
    this.#trouble = new StartTrouble({
      ...options,
      conversation,
      notices: this.#notices,
      outbox,
      gate: this.gate,
      retry: () => this.#retry(),
    });
    const isShown = (): boolean => this.shared.tabs.isFollowing.value;
    this.#past = new Past({ api, conversation, transcript, outbox, isShown });
    const leave = (): void => {
      this.shared.lead();
      this.#endQuietly();
      this.#reset();
    };
    this.pastTalks = new PastTalks({ api, conversation, transcript, leave });
    this.ownData = new OwnData({ ...options, conversation, over: (gone) => this.#over(gone) });
    this.feedback = new FeedbackRound({ api, conversation, form, onNext: () => this.#startAnew() });
    const parts = { agent, call, outbox, transcript, unread };
    this.#connection = new Connection({
      ...parts,
      loadRoom,
      notices: this.#notices,
      events: this.#events(),
    });
    this.shared = new SharedTalk({
      ...parts,
      connection: this.#connection,
      conversation,
      past: this.#past,
      channel: options.channel,
      send: (entry) => this.#send(entry),
      answer: (entry, answer) => void this.answer(entry, answer),
      came: (message) => this.#onMessage(message),
      forget: () => this.#forget(),
    });
  }

  get phase(): Connection["phase"] {
    return this.#connection.phase;
  }

  get notice(): Notices["current"] {
    return this.#notices.current;
  }

  get isRestoring(): Past["isRestoring"] {
    return this.#past.isRestoring;
  }

  /** The panel came into view for the first time. */
  async begin(identity: Identity | undefined, isKept?: boolean): Promise<void> {
    if (identity !== undefined) this.conversation.identify(identity);
    this.unread.setVisible(true);
    this.draft.takeUp();
    const recalled = this.#past.recall(isKept, () => this.gate.begin());
    if (recalled !== undefined) await recalled;
    this.shared.join(this.conversation.visitor);
    const restored = this.#past.restore();
    this.gate.begin();
    await restored;
    this.gate.first(() => this.#sendLeft());
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
      if (this.#connection.link === undefined) this.#connection.goOn();
    };
    if (!this.gate.holds(() => void start())) void start();
  }

  /** Warms the large file up while the visitor's hand is on the way. */
  preload(): void {
    // It is downloaded again when it is needed, and then its failure is told.
    this.#connection.loadRoom().catch(() => undefined);
  }

  say(text: string): void {
    this.#notices.clear("length");
    const trimmed = this.fit(text.trim());
    if (trimmed === "") return;
    if (this.phase.value === "ended") this.#reset();
    if (this.gate.holds(() => this.say(trimmed))) return;
    const entry = this.transcript.say(trimmed);
    this.#emit("message", { role: "user", text: trimmed, mode: "text" });
    this.#send(entry);
  }

  /** @returns as much of a text as a message may have; the visitor is told when it is not all. */
  fit(text: string): string {
    if (text.length > MAX_TURN_CHARACTERS) this.#notices.tooLong();
    return cutText(text, MAX_TURN_CHARACTERS);
  }

  sendAgain(entry: MessageEntry): void {
    entry.state.value = "sending";
    this.#send(entry);
  }

  submitForm(values: FormValues): void {
    this.#options.preForm.submit(values);
    this.#goOn();
  }

  agree(agreement: Agreement): void {
    this.consent.agree({ version: agreement.version, language: agreement.language });
    this.#goOn();
  }

  /** One gate is open: there may be another. */
  #goOn(): void {
    if (this.gate.isOpen && !this.gate.isWaitedFor) this.startByItself();
    this.gate.pass();
  }

  async startVoice(): Promise<void> {
    if (this.call.phase.value !== "off") return;
    if (this.phase.value === "ended") this.#reset();
    if (this.gate.holds(() => void this.startVoice())) return;
    this.#notices.clear("microphone");
    await this.call.start(() => this.#connectHere());
  }

  /** A screen is asked for at once: browsers want the visitor's hand for it. */
  async toggleVideo(kind: VideoKind): Promise<void> {
    const video = this.call[kind];
    if (video.phase.value !== "off") return video.close();
    if (!this.gate.isOpen) return;
    if (this.phase.value === "ended") this.#reset();
    this.#notices.clear("video");
    await video.start(() => this.#connectHere());
  }

  dismissNotice(): void {
    this.#notices.clear();
  }

  async answer(entry: CardEntry, answer: CardAnswer): Promise<void> {
    if (this.shared.answer(entry.id, answer)) return;
    await answerCard(entry, answer, this.conversation, () => this.#connection.connect());
  }

  /** Leaves at once; what was said stays readable. */
  end(): void {
    if (!this.conversation.isOpen.value && this.phase.value === "idle") return;
    this.shared.lead();
    this.#finish();
  }

  newConversation(): void {
    if (this.phase.value !== "ended") this.shared.lead();
    if (this.phase.value !== "ended" && this.feedback.isWanted) {
      this.feedback.holdNext();
      return this.#finish();
    }
    this.#endQuietly();
    this.#startAnew();
  }

  /** A fresh token of the same person is for the next room: this one goes on as it is. */
  identify(identity: Identity): void {
    const { visitor } = this.conversation;
    if (visitor !== undefined && visitor !== identity.userId) this.logout();
    // A guest who gives a name goes on with the same talk, unless there is one of that name.
    const isOther = this.conversation.identify(identity);
    if (visitor !== identity.userId) this.shared.tell(identity.userId, !isOther);
    if (isOther) void this.#changeTalk();
    else if (this.#trouble.isIdentityAwaited && identity.token !== undefined)
      this.#connection.goOn();
    this.gate.pass();
  }

  /** What could not be said before the website vouched for the visitor is said in their own talk. */
  async #changeTalk(): Promise<void> {
    const { unsaid } = this.#trouble;
    this.#connection.leave();
    this.shared.tabs.part();
    this.#reset();
    const { value: person } = this.person;
    await this.#past.restore();
    if (person !== this.person.value) return;
    for (const text of unsaid) this.say(text);
  }

  logout(): void {
    this.shared.tabs.name(undefined);
    this.#forget();
  }

  #forget(): void {
    this.#endQuietly();
    this.shared.tabs.part();
    this.conversation.logout();
    this.#reset();
    this.#options.preForm.forget();
    this.consent.forget();
    this.draft.write("");
    this.person.value++;
  }

  /** What the page before this one had not got rid of, unless the platform or another window has it. */
  #sendLeft(): void {
    const unsaid = this.transcript.lacking(this.#outbox.takeLeft());
    for (const { id, text } of unsaid) this.#send(this.transcript.say(text, id));
  }

  #send(entry: MessageEntry): void {
    this.#outbox.add(entry);
    this.#connection.touch();
    if (!this.shared.say(entry)) this.#connection.goOn();
  }

  /** Devices and room are in one window: this one, which the visitor asked. */
  #connectHere(): ReturnType<Connection["connect"]> {
    this.shared.lead();
    return this.#connection.connect();
  }

  #events(): ConnectionEvents {
    return {
      start: (check) => this.#start(check),
      catchUp: () => this.#past.catchUp(),
      unattended: () => this.#notices.noAgent(STRINGS.agentDown),
      caption: (caption) => {
        const isVoice = caption.role === "user" || this.call.phase.value === "on";
        const done = this.transcript.hear({ ...caption, mode: isVoice ? "voice" : "text" });
        if (done !== undefined) this.#onMessage(done);
      },
      show: (payload) => this.#show(payload),
      failed: (error) => this.#trouble.meet(error),
      closed: () => this.#onClosed(),
    };
  }

  async #start(check: () => void): Promise<StartedConversation> {
    this.#trouble.isIdentityAwaited = false;
    if (!(await this.shared.mayStart())) throw new AbandonedError();
    check();
    const started = await this.conversation.start(check);
    if (started.isReplaced) this.transcript.note(STRINGS.expired);
    this.#emit("conversation_started", {
      conversationId: started.conversationId,
      resumed: started.isResumed,
    });
    return started;
  }

  /** @returns whether there is something that could be shown. */
  #show(payload: string): boolean {
    const show = readShow(payload);
    if (show === undefined) return false;
    const after = this.transcript.messageCount;
    if (this.transcript.show(show) === undefined) return true;
    this.conversation.keepCard({ id: show.id, payload, after, answer: undefined });
    this.unread.add();
    return true;
  }

  /** Another window of the same visitor has taken the talk over, or it was ended for everybody. */
  #onClosed(): void {
    if (!this.conversation.isElsewhere()) return this.#finish();
    this.#past.fallBehind();
    this.#connection.leave();
    this.phase.value = "idle";
    this.#notices.elsewhere();
  }

  #finish(): void {
    const isFeedbackWanted = this.feedback.isWanted;
    this.#endQuietly();
    this.#outbox.fail();
    this.#notices.clear();
    this.phase.value = "ended";
    this.feedback.isOpen.value = isFeedbackWanted;
  }

  #over(isErased: boolean): void {
    if (!isErased) return this.end();
    this.#endQuietly();
    this.#reset();
    this.transcript.note(STRINGS.erased);
  }

  #endQuietly(): void {
    const { id, isOpen } = this.conversation;
    const wasOpen = isOpen.value;
    this.#connection.leave();
    this.conversation.end();
    if (wasOpen) this.#emit("conversation_ended", { conversationId: id });
  }

  #startAnew(): void {
    this.#reset();
    this.startByItself();
  }

  #reset(): void {
    this.#trouble.isIdentityAwaited = false;
    this.conversation.clear();
    this.#past.reset();
    this.transcript.clear();
    this.unread.clear();
    this.#outbox.clear();
    this.gate.clear();
    this.#options.preForm.reset();
    this.consent.reset();
    this.#notices.clear();
    this.feedback.reset();
    this.pastTalks.close();
    this.phase.value = "idle";
    this.shared.tabs.look();
  }

  /** Failed messages go along with the new try. */
  #retry(): void {
    this.#notices.clear();
    for (const entry of this.transcript.failed) this.sendAgain(entry);
    this.#connection.goOn();
  }

  #onMessage({ role, mode, text }: MessageEntry): void {
    this.#emit("message", { role, text: text.value, mode });
    if (role === "agent") this.unread.add();
  }

  #emit(name: PanelEvent, detail: Fields): void {
    this.#options.parent.tell({ type: "event", name, detail });
  }
}
