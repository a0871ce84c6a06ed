import { setTimeout as delay } from "node:timers/promises";
import {
  RoomEvent,
  TrackKind,
  type RemoteTrackPublication,
  type RemoteParticipant,
} from "@livekit/rtc-node";
import type { Logger } from "pino";
import { z } from "zod";
import type { LiveKitAccess } from "../process/environment.js";
import { orAfter } from "../process/or-after.js";
import type { Span, Tracing } from "../process/tracing.js";
import { CHAT_TOPIC } from "../protocol/room-words.js";
import type { EndReason } from "../protocol/worker-api.js";
import { Dialogue } from "./dialogue.js";
import type { ChooseModels } from "./models/choose-models.js";
import { PlatformError, type Job, type JobClient, type PlatformClient } from "./platform-client.js";
import { leaveRoom, openRoom } from "./talk-room.js";
import { TurnLog } from "./turn-log.js";
import { sentencesIn } from "./sentences.js";
import { untilActive } from "./until-active.js";
import type { Assignment } from "./worker-connection.js";

/** How long the platform may be away while a visitor waits. */
const CLAIM_PATIENCE_MS = 15_000;
const CLAIM_RETRY_MS = 500;
const HEARS_TIMEOUT_MS = 20_000;
/** What the framework has left to fall silent: a talk that it never ends would hold its place for ever. */
const SILENCE_MS = 3_000;
/** After that a talk is over within five seconds, whatever the platform does. */
const LAST_FLUSH_MS = 2_500;
const END_MS = 1_500;

export interface AgentTalkOptions {
  readonly assignment: Assignment;
  readonly platform: PlatformClient;
  readonly livekit: LiveKitAccess;
  readonly chooseModels: ChooseModels;
  /** Undefined where no traces are kept. */
  readonly tracing: Tracing | undefined;
  readonly log: Logger;
}

/** From a room's name to a conversation, and to its end in order. */
export class AgentTalk {
  /** Resolves when nothing of it is left. Never rejects. */
  readonly over: Promise<void>;
  private readonly room = openRoom();
  private resolveOver: () => void = () => {};
  private client: JobClient | undefined;
  private turns: TurnLog | undefined;
  private dialogue: Dialogue | undefined;
  private joining: Promise<void> | undefined;
  private ending: Promise<void> | undefined;
  private isToldOver = false;
  /** From the job's beginning to the agent's first word. */
  private readonly beginning: Span | undefined;

  constructor(private readonly options: AgentTalkOptions) {
    const { tracing, assignment } = options;
    this.beginning = tracing?.begin("job", "consumer", traceparentIn(assignment.metadata));
    this.over = new Promise((resolve) => {
      this.resolveOver = resolve;
    });
  }

  begin(): void {
    this.run().catch((error: unknown) => {
      // A room that is over by now is no fault: somebody came back with an old token.
      const level = error instanceof PlatformError && error.status === 409 ? "info" : "warn";
      const { assignment, log } = this.options;
      log[level]({ err: error, room: assignment.room }, "the job was not begun");
      void this.end("failed");
    });
  }

  /** Ends it once: what was said arrives, and the platform knows that nobody answers any more. */
  end(reason: EndReason): Promise<void> {
    this.ending ??= this.finish(reason)
      .catch((error: unknown) => this.options.log.warn({ err: error }, "the talk ended badly"))
      .then(this.resolveOver);
    return this.ending;
  }

  private async run(): Promise<void> {
    const { room, options } = this;
    const { assignment, log } = options;
    let open: (dialogue: Dialogue) => void = () => {};
    const opened = new Promise<Dialogue>((resolve) => {
      open = resolve;
    });
    // Before joining, so that the visitor's very first message is not missed.
    room.registerTextStreamHandler(CHAT_TOPIC, (reader, { identity }) => {
      opened
        .then((dialogue) => dialogue.onChat(reader, identity))
        .catch((error: unknown) => log.warn({ err: error }, "a message was not read"));
    });
    room.on(RoomEvent.Disconnected, () => void this.end("shutdown"));
    const manners = { autoSubscribe: false, dynacast: false };
    this.joining = room.connect(assignment.url, assignment.token, manners);
    const [job] = await Promise.all([this.takeJob(), this.joining]);
    const me = room.localParticipant;
    if (!me || this.ending) throw new Error("not connected");
    this.hearOnly(job.visitorIdentity);
    const word = options.tracing?.begin("first word", "internal", this.beginning?.traceparent);
    const sentences = sentencesIn(job.config.voice?.language, job.language, job.page?.language);
    const dialogue = new Dialogue({
      room,
      me,
      job,
      models: options.chooseModels(job.config, sentences, log),
      sentences,
      record: async (turn) => this.turns?.add(turn),
      untilVisitorHears: async (signal) => {
        const until = orAfter(signal, HEARS_TIMEOUT_MS);
        await untilActive(options.livekit, assignment.room, job.visitorIdentity, until);
      },
      onWords: () => {
        word?.end();
        this.beginning?.end();
      },
      onVisitorLeft: () => void this.end("visitor_left"),
      onBroken: () => {
        log.error({ room: assignment.room }, "the talk broke: another agent is called");
        void this.end("failed");
      },
      log,
    });
    this.dialogue = dialogue;
    await dialogue.start();
    open(dialogue);
  }

  /** Whoever else is in the room is not listened to, and costs nothing. */
  private hearOnly(identity: string): void {
    const subscribe = (publication: RemoteTrackPublication, who: RemoteParticipant): void => {
      const isVoice = publication.kind === TrackKind.KIND_AUDIO;
      if (isVoice && who.identity === identity) publication.setSubscribed(true);
    };
    this.room.on(RoomEvent.TrackPublished, subscribe);
    const visitor = this.room.remoteParticipants.get(identity);
    for (const publication of visitor?.trackPublications.values() ?? [])
      if (visitor) subscribe(publication, visitor);
  }

  private async takeJob(): Promise<Job> {
    const { assignment, platform, log } = this.options;
    const deadline = performance.now() + CLAIM_PATIENCE_MS;
    for (;;) {
      try {
        const client = await platform.claim(assignment, this.beginning?.traceparent);
        this.client = client;
        this.turns = new TurnLog({
          send: (turns) => client.addTurns(turns),
          onOver: () => {
            this.isToldOver = true;
            void this.end("shutdown");
          },
          onLimit: () => this.dialogue?.lastWords.begin(),
          log,
        });
        return await client.read();
      } catch (error) {
        const passing = error instanceof PlatformError && error.isPassing;
        if (!passing || performance.now() > deadline) throw error;
        await new Promise((resolve) => {
          setTimeout(resolve, CLAIM_RETRY_MS);
        });
      }
    }
  }

  private async finish(reason: EndReason): Promise<void> {
    const { log } = this.options;
    const silent = this.dialogue
      ?.close()
      .catch((error: unknown) => log.warn({ err: error }, "the talk did not fall silent"));
    await Promise.race([silent, delay(SILENCE_MS, undefined, { ref: false })]);
    // Without a word until now: somebody left, or something failed.
    this.beginning?.end({ "error.type": "no_word" });
    if (!this.isToldOver) {
      await this.turns?.flush(LAST_FLUSH_MS);
      await this.client
        ?.end(reason, this.dialogue?.unspokenUsage, END_MS)
        .catch((error: unknown) => log.info({ err: error }, "the job's end was not taken"));
    }
    // Who leaves before the door is open would stay, and keep a room open in which nobody answers.
    await Promise.allSettled([this.joining]);
    await leaveRoom(this.room);
  }
}

const metadataSchema = z.object({ traceparent: z.string().optional() });

/** The platform's, by way of LiveKit; another program may have called for the agent too. */
function traceparentIn(metadata: string): string | undefined {
  try {
    return metadataSchema.safeParse(JSON.parse(metadata)).data?.traceparent;
  } catch {
    return undefined;
  }
}
