import { readFields } from "../../protocol/read.js";
import type { AgentState } from "../../protocol/room-words.js";
import { readPanelConfig } from "../read-config.js";
import type { PanelConfig, UnreadConfig } from "../../protocol/widget-reading.js";
import { readShow } from "../panel/card.js";
import { readFeedback, readForm } from "../panel/form.js";
import { PreForm } from "../panel/pre-form.js";
import type { RoomHandlers, RoomLink, RoomModule, SentTrack } from "../panel/room-link.js";
import type { PastTalk } from "../panel/runtime-api.js";
import { SessionStore } from "../panel/session-store.js";
import { Talk, type TalkOptions } from "../panel/talk.js";
import type { CardAnswer, CardEntry } from "../panel/transcript.js";
import { VisitorConsent } from "../panel/visitor-consent.js";
import { SAMPLE_CONSENT } from "./contents.js";
import { inWords, type Told } from "./in-words.js";
import { DEVICES } from "./made-up-devices.js";
import { picture } from "./pictures.js";

/** A Tuesday morning. */
let now = Date.UTC(2026, 2, 17, 9, 41);
Date.now = () => now;

/** What a state of the gallery is made with: a talk whose platform, room and devices are made up. */
export class Scene {
  readonly v1: PanelConfig;
  /** What the agent may be shown. */
  readonly vision = { camera: false, screen: false };
  readonly talk: Talk;
  readonly preForm: PreForm;
  /** How loud each side is, 0 to 1. */
  readonly levels = { own: 0, agent: 0 };
  /** What stands in the way of a start, for ever or until it is taken back. */
  obstacle: Promise<never> | undefined;
  microphoneError: DOMException | undefined;
  history: { role: "user" | "agent"; text: string; mode: "text"; at: number }[] = [];
  /** What the visitor has talked about before. */
  past: Promise<PastTalk[]> | PastTalk[] = [];
  #room: RoomHandlers | undefined;
  #segments = 0;

  /** @param told what is made up in the language in which it is shown; by itself it is English */
  constructor(
    unread: UnreadConfig,
    private readonly told: Told = (text) => text,
  ) {
    this.v1 = readPanelConfig(unread);
    // A name of its own: what one state stores is nothing to the next.
    const id = `gallery-${Math.random()}`;
    this.preForm = new PreForm(id, readForm(this.v1.pre_conversation_form), true);
    this.talk = new Talk({
      api: part<TalkOptions["api"]>({
        start: async () => {
          await this.obstacle;
          return {
            conversationId: "conversation",
            visitorToken: "visitor",
            url: "ws://gallery.example",
            token: "token",
            isAgentAvailable: true,
          };
        },
        feedback: async () => undefined,
        consent: async (language) => ({ version: "1", language, text: told(SAMPLE_CONSENT) }),
        conversations: async () => inWords(await this.past, told),
        messages: async () => ({ messages: this.history, visitorToken: undefined }),
      }),
      parent: part<TalkOptions["parent"]>({
        ticket: async () => undefined,
        handle: async () => undefined,
        tell: () => undefined,
      }),
      sessions: new SessionStore(id),
      preForm: this.preForm,
      consent: new VisitorConsent(id, this.v1.consent),
      loadRoom: async () => this.#roomModule(),
      feedbackForm: readFeedback(this.v1.post_conversation_feedback)?.form,
      defaultMode: "text",
      vision: this.vision,
      startsOnOpen: this.v1.start_conversation_on_toggle,
    });
  }

  pass(seconds: number): void {
    now += seconds * 1000;
  }

  /** The visitor writes, and the agent hears it. */
  async say(text: string): Promise<void> {
    this.talk.say(this.told(text));
    await settled();
    this.pass(20);
  }

  /** @param isFinal false: it is still being written. */
  async answer(text: string, { isFinal = true, isSpoken = false } = {}): Promise<void> {
    await this.#heard("agent", text, isFinal);
    if (isSpoken) this.state("speaking");
  }

  /** The visitor speaks. */
  async speak(text: string, isFinal = true): Promise<void> {
    await this.#heard("user", text, isFinal);
  }

  state(state: AgentState | undefined): void {
    this.#room?.agent(state === undefined ? undefined : "agent", state);
  }

  show(type: string, data: object): CardEntry {
    const kind = type === "form" ? "form" : "card";
    const id = `${type}-${++this.#segments}`;
    const show = readShow(JSON.stringify({ id, kind, type, data: inWords(data, this.told) }));
    const entry = show && this.talk.transcript.show(withPictures(show));
    if (entry === undefined) throw new Error(`The card ${type} could not be shown.`);
    this.pass(20);
    return entry;
  }

  /** A card that has its answer. */
  shown(type: string, data: object, answer: CardAnswer): void {
    const entry = this.show(type, data);
    entry.answer.value = answer;
    entry.state.value = "answered";
  }

  /** The visitor writes what does not arrive. */
  fail(text: string): void {
    this.talk.transcript.say(this.told(text)).state.value = "failed";
  }

  reconnecting(): void {
    this.#room?.reconnecting(true);
  }

  lose(): void {
    this.obstacle = Promise.reject(new TypeError("The network is gone."));
    this.obstacle.catch(() => undefined);
    this.#room?.disconnected("lost");
  }

  /** The talk begins without a word of the visitor's. */
  async join(): Promise<void> {
    this.talk.startByItself();
    await settled();
    this.pass(20);
  }

  async call(): Promise<void> {
    DEVICES.error = this.microphoneError;
    await this.talk.startVoice();
    await settled();
  }

  async #heard(role: "agent" | "user", text: string, isFinal: boolean): Promise<void> {
    const segment = `segment-${++this.#segments}`;
    this.#room?.caption({ segment, role, text: this.told(text), isFinal });
    await settled();
    this.pass(20);
  }

  #roomModule(): RoomModule {
    return part<RoomModule>({
      connectRoom: async (_url, _token, handlers) => {
        this.#room = handlers;
        handlers.agent("agent", "listening");
        return part<RoomLink>({
          sendMessage: async (_text, id) => {
            handlers.heard(id);
            return true;
          },
          sendAnswer: async (payload) => {
            // For tests: what the agent was told last.
            document.documentElement.dataset["answer"] = payload;
            return true;
          },
          publish: async () =>
            part<SentTrack>({
              level: () => this.levels.own,
              setMuted: async () => undefined,
              unpublish: async () => undefined,
            }),
          setListening: () => undefined,
          startAudio: () => undefined,
          useSpeaker: async () => undefined,
          agentLevel: () => this.levels.agent,
          leave: async () => undefined,
        });
      },
    });
  }
}

/** Until what has been begun has come to rest. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** What a state needs of a thing: the classes behind have private parts that no object of ours could have. */
function part<T>(some: Partial<T>): T {
  return some as T;
}

/** Pictures of cards come from https addresses alone, and the gallery asks nobody for anything. */
function withPictures<T>(show: T): T {
  const text = JSON.stringify(show).replaceAll(/https:\/\/pictures\.example\/(\w+)/g, (_, name) =>
    picture(String(name)),
  );
  return readFields(JSON.parse(text)) as T;
}
