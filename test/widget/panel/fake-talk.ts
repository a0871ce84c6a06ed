import { afterEach, beforeEach, expect, vi } from "vitest";
import { VisitorConsent } from "../../../src/widget/panel/visitor-consent.js";
import { readForm, type FormValues } from "../../../src/widget/panel/form.js";
import { PreForm } from "../../../src/widget/panel/pre-form.js";
import type {
  SentTrack,
  RoomHandlers,
  RoomLink,
  RoomModule,
} from "../../../src/widget/panel/room-link.js";
import {
  RuntimeError,
  type Recalled,
  type PastTalk,
  type StartRequest,
} from "../../../src/widget/panel/runtime-api.js";
import { SessionStore } from "../../../src/widget/panel/session-store.js";
import { Talk, type TalkOptions } from "../../../src/widget/panel/talk.js";
import type { Fields } from "../../../src/protocol/read.js";
import { FakeDevices } from "./fake-devices.js";

/** A talk without a browser, a platform and a room: each of them is what a test makes of it. */

const FORM = readForm({ id: "pre", fields: [{ id: "name", type: "text", required: true }] });

/** The platform's, over all windows of a test. */
let conversations = 0;

/** A browser of its own for each test of a file, and a clock that stands still. */
export function useFakeBrowser(): void {
  beforeEach(() => {
    conversations = 0;
    vi.useFakeTimers();
    vi.stubGlobal("window", Object.assign(new EventTarget(), { isSecureContext: true }));
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
    vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
    vi.stubGlobal("navigator", { onLine: true });
    vi.stubGlobal("localStorage", memory());
    vi.stubGlobal("sessionStorage", memory());
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

export type Person = NonNullable<Parameters<Talk["begin"]>[0]>;

export interface World {
  isReachable: boolean;
  joinMs: number;
  publishMs: number;
  isPublishRefused: boolean;
  isListening: boolean;
  isAnswerAwaited: boolean;
  isDeviceRefused: boolean;
  readonly devices: FakeDevices;
  /** The speakers that somebody chose. */
  readonly speakers: string[];
  /** What the platform answers, where it refuses. */
  startStatus: number;
  startCode: string | undefined;
  feedbackStatus: number;
  readonly feedback: FormValues[];
  /** Of identity tokens, those that the platform believes. */
  goodTokens: string[];
  /** The visitor tokens that remember a proof. */
  readonly proven: Set<string>;
  /** Whether it needs one. */
  isIdentityRequired: boolean;
  /** What a logout is answered; 0: the platform is out of reach. */
  logoutStatus: number;
  /** The visitor tokens that were logged out. */
  readonly ended: string[];
  /** What the platform has of the conversation. */
  history: string[];
  /** Of others than that. */
  readonly histories: Map<string, string[]>;
  /** What it answers who asks for what was said. */
  messagesStatus: number;
  /** The conversations that the visitor's token opens. */
  talks: PastTalk[];
  /** While the platform answers a start. */
  onStart: () => void;
  readonly sent: string[];
  readonly sentIds: string[];
  /** Whether the agent hears what it is sent. */
  isHeard: boolean;
  /** Whether it is one that says so. */
  isConfirming: boolean;
  /** What rooms have of the visitor's, muted or not. */
  readonly published: Map<MediaStreamTrack, { isMuted: boolean }>;
  /** Of the room that was joined, or tried, last. */
  handlers: RoomHandlers | undefined;
}

/** A talk in a panel that came into view, and everything outside of it that it meets. */
export async function begin({
  identity,
  question,
  preForm: form = new PreForm("widget", undefined, true),
  consent = new VisitorConsent("widget", { required: false, version: undefined }),
  startsOnOpen = false,
  historyMs = 0,
  isBegun = true,
  channel,
  recalled,
}: {
  identity?: Person | undefined;
  question?: string;
  preForm?: PreForm;
  consent?: VisitorConsent;
  startsOnOpen?: boolean;
  historyMs?: number;
  isBegun?: boolean;
  channel?: string;
  /** What the platform has for the handle that the page has kept. */
  recalled?: Promise<Recalled>;
} = {}): Promise<{
  talk: Talk;
  world: World;
  starts: StartRequest[];
  calls: boolean[];
  events: string[];
  /** Of the events, in their order. */
  details: Fields[];
  unread: unknown[];
}> {
  const starts: StartRequest[] = [];
  const calls: boolean[] = [];
  const events: string[] = [];
  const details: Fields[] = [];
  const unread: unknown[] = [];
  const world: World = {
    isReachable: true,
    joinMs: 0,
    publishMs: 0,
    isPublishRefused: false,
    isListening: false,
    isAnswerAwaited: true,
    isDeviceRefused: false,
    devices: new FakeDevices(),
    speakers: [],
    startStatus: 200,
    startCode: undefined,
    feedbackStatus: 200,
    feedback: [],
    goodTokens: [],
    proven: new Set(),
    isIdentityRequired: false,
    logoutStatus: 200,
    ended: [],
    history: ["Hello"],
    histories: new Map(),
    messagesStatus: 200,
    talks: [],
    onStart: () => undefined,
    sent: [],
    sentIds: [],
    isHeard: true,
    isConfirming: true,
    published: new Map(),
    handlers: undefined,
  };
  const permissions = { query: async () => world.devices.permission };
  Object.assign(navigator, { mediaDevices: world.devices, permissions });
  const talk = new Talk({
    api: stub<TalkOptions["api"]>({
      start: async (request) => {
        starts.push(request);
        world.onStart();
        refuse(world.startStatus, world.startCode);
        const { identityToken } = request;
        if (identityToken !== undefined && !world.goodTokens.includes(identityToken)) {
          refuse(401, "identity_refused");
        }
        const isProven = identityToken !== undefined || world.proven.has(`${request.visitorToken}`);
        if (world.isIdentityRequired && !isProven) refuse(401, "identity_required");
        const number = request.conversationId === undefined ? ++conversations : conversations;
        const visitorToken = request.visitorToken ?? `visitor-${number}`;
        if (isProven) world.proven.add(visitorToken);
        return {
          conversationId: request.conversationId ?? `conversation-${number}`,
          visitorToken,
          url: "ws://livekit.example",
          token: "token",
          isAgentAvailable: true,
        };
      },
      feedback: async (_conversationId, _visitorToken, values) => {
        world.feedback.push(values);
        refuse(world.feedbackStatus);
      },
      logout: async (visitorToken) => {
        refuse(world.logoutStatus);
        world.ended.push(visitorToken);
      },
      ...(recalled && { exchangeHandle: () => recalled, createHandle: async () => "next" }),
      conversations: async () => world.talks,
      messages: async (conversationId, visitorToken) => {
        if (historyMs > 0) await sleep(historyMs);
        refuse(world.messagesStatus);
        const messages = (world.histories.get(conversationId) ?? world.history).map(
          (text) => ({ role: "user", text, mode: "text" }) as const,
        );
        return { messages, visitorToken };
      },
    }),
    parent: stub<TalkOptions["parent"]>({
      ticket: async () => recalled && { ticket: "ticket", status: 200, page: undefined },
      isPageKnown: recalled !== undefined,
      handle: async () => ({ handle: "kept", attempt: "1" }),
      tell: (message) => {
        if (message.type === "live") calls.push(message.inCall);
        if (message.type !== "event") return;
        events.push(message.name);
        details.push(message.detail);
        if (message.name === "unread") unread.push(message.detail["count"]);
      },
    }),
    sessions: new SessionStore("widget"),
    preForm: form,
    consent,
    loadRoom: async () => roomOf(world),
    feedbackForm: FORM,
    defaultMode: "text",
    vision: { camera: true, screen: true },
    startsOnOpen,
    channel,
  });
  const begun = isBegun ? talk.begin(identity, recalled && true) : undefined;
  if (recalled === undefined) await begun;
  if (question !== undefined) {
    talk.say(question);
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.phase.value).toBe("connected");
  }
  return { talk, world, starts, calls, events, details, unread };
}

function roomOf(world: World): RoomModule {
  const link = stub<RoomLink>({
    sendMessage: async (text, id) => {
      world.sent.push(text);
      world.sentIds.push(id);
      if (world.isHeard) world.handlers?.heard(id);
      return world.isConfirming;
    },
    useSpeaker: async (id) => {
      if (world.isDeviceRefused) throw new Error("no such device");
      world.speakers.push(id);
    },
    sendAnswer: async () => world.isAnswerAwaited,
    publish: async (_kind, track, isMuted) => {
      const { publishMs, isPublishRefused } = world;
      if (publishMs > 0) await sleep(publishMs);
      if (isPublishRefused) throw new Error("could not publish");
      world.published.set(track, { isMuted });
      return sentTrack(world, track);
    },
    setListening: (isListening) => {
      world.isListening = isListening;
    },
    leave: async () => {
      world.isListening = false;
    },
  });
  return {
    connectRoom: async (_url, _token, handlers) => {
      world.handlers = handlers;
      if (world.joinMs > 0) await sleep(world.joinMs);
      if (world.isReachable) return link;
      // LiveKit's client says so before it refuses.
      handlers.disconnected("lost");
      throw new Error("could not establish signal connection");
    },
  };
}

function sentTrack(world: World, first: MediaStreamTrack): SentTrack {
  let track = first;
  return {
    level: () => 0,
    setMuted: async (isMuted) => void world.published.set(track, { isMuted }),
    replace: async (next, isMuted) => {
      world.published.delete(track);
      track = next;
      world.published.set(track, { isMuted });
    },
    unpublish: async () => void world.published.delete(track),
  };
}

function refuse(status: number, code?: string): void {
  if (status !== 200) throw new RuntimeError(status, "Refused.", undefined, code);
}

export function lose(world: World): void {
  world.isReachable = false;
  world.isListening = false;
  world.handlers?.disconnected("lost");
}

export function texts(talk: Talk): string[] {
  return talk.transcript.entries.value.flatMap((entry) =>
    entry.kind === "message" ? [entry.text.value] : [],
  );
}

export function ids(talk: Talk): string[] {
  return talk.transcript.entries.value.map(({ id }) => id);
}

export function states(talk: Talk): string[] {
  return talk.transcript.entries.value.map((entry) =>
    entry.kind === "message" ? entry.state.value : entry.kind,
  );
}

export function preForm(): PreForm {
  return new PreForm("widget", FORM, true);
}

/** As in a browser, what is kept are the object's own keys. */
function memory(): object {
  const methods = {
    getItem(this: Record<string, string>, key: string) {
      return this[key] ?? null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = value;
    },
    removeItem(this: Record<string, string>, key: string) {
      delete this[key];
    },
  };
  return Object.create(methods) as object;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** What a test needs of a thing: the classes behind have private parts that no object of ours could have. */
export function stub<T>(part: Partial<T>): T {
  return part as T;
}
