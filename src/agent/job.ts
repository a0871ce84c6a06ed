import { AutoSubscribe, defineAgent, type JobContext } from "@livekit/agents";
import type { LocalParticipant } from "@livekit/rtc-node";
import type { Logger } from "pino";
import { z } from "zod";
import type { Span, Tracing } from "../process/tracing.js";
import { loadWorkerConfig } from "../process/worker-environment.js";
import type { LiveKitAccess } from "../process/environment.js";
import { createLog } from "../process/log.js";
import { CHAT_TOPIC } from "../protocol/room-words.js";
import type { EndReason } from "../protocol/worker-api.js";
import { DemoBrain } from "./demo-brain.js";
import { PlatformClient, PlatformError, type Job, type JobClient } from "./platform-client.js";
import { Session } from "./session.js";
import { TurnLog } from "./turn-log.js";
import { untilActive } from "./until-active.js";

/** How long the platform may be away while a visitor waits. */
const CLAIM_PATIENCE_MS = 15_000;
const CLAIM_RETRY_MS = 500;
const HEARS_TIMEOUT_MS = 20_000;
/** A job is over within five seconds, whatever the platform does. */
const LAST_FLUSH_MS = 2_500;
const END_MS = 1_500;

/** Loaded before there is a job, so that none waits for it. */
let tracing: Promise<Tracing | undefined> | undefined;

/** The process of one conversation: made ready beforehand, given a room, gone with it. */
export default defineAgent({
  prewarm: async () => {
    process.once("disconnect", exit);
    if (!process.connected) exit();
    const config = loadWorkerConfig(process.env);
    if (config.collectorUrl !== undefined) tracing = startTraces(createLog(config.logLevel));
    // The platform may still be starting; the first job will find out.
    await new PlatformClient(config.platformUrl, "").warmUp().catch(() => undefined);
  },
  entry: async (ctx: JobContext) => {
    const config = loadWorkerConfig(process.env);
    const log = createLog(config.logLevel).child({ job: ctx.job.id });
    const platform = new PlatformClient(config.platformUrl, config.agentSecret);
    await new JobRun(ctx, config.livekit, await tracing, log).start(platform);
  },
});

/** A talk goes on without traces. */
async function startTraces(log: Logger): Promise<Tracing | undefined> {
  try {
    const { startTracing } = await import("../process/open-telemetry.js");
    return startTracing("parley-agent", log);
  } catch (error) {
    log.warn({ err: error }, "there are no traces of this process");
    return undefined;
  }
}

/** Without a worker, a process that waits for a job waits for ever. */
function exit(): void {
  process.exit(0);
}

/** From a room's name to a talk, and to its end in order. */
class JobRun {
  private readonly roomName: string;
  private client: JobClient | undefined;
  private turns: TurnLog | undefined;
  private session: Session | undefined;
  private reason: EndReason = "shutdown";
  private over = false;
  /** From the job's beginning to the agent's first word. */
  private readonly beginning: Span | undefined;

  constructor(
    private readonly ctx: JobContext,
    private readonly livekit: LiveKitAccess,
    private readonly traces: Tracing | undefined,
    private readonly log: Logger,
  ) {
    this.roomName = ctx.job.room?.name ?? "";
    this.beginning = traces?.begin("job", "consumer", traceparentIn(ctx.job.metadata));
  }

  async start(platform: PlatformClient): Promise<void> {
    const { ctx } = this;
    ctx.addShutdownCallback(() => this.finish());
    // The worker is gone, so nobody would end this process.
    process.off("disconnect", exit);
    process.once("disconnect", () => ctx.shutdown("the worker is gone"));
    let begin: (session: Session) => void = () => {};
    const begun = new Promise<Session>((resolve) => {
      begin = resolve;
    });
    // Before joining, so that the visitor's very first message is not missed.
    ctx.room.registerTextStreamHandler(CHAT_TOPIC, (reader, { identity }) => {
      begun
        .then((session) => session.onChat(reader, identity))
        .catch((error: unknown) => this.log.warn({ err: error }, "a message was not read"));
    });
    try {
      const [job] = await Promise.all([
        this.takeJob(platform),
        ctx.connect(undefined, AutoSubscribe.AUDIO_ONLY),
      ]);
      const me = ctx.room.localParticipant;
      if (!me) throw new Error("not connected");
      begin(this.open(me, job));
    } catch (error) {
      this.reason = "failed";
      // A room that is over by now is no fault: somebody came back with an old token.
      const level = error instanceof PlatformError && error.status === 409 ? "info" : "warn";
      this.log[level]({ err: error, room: this.roomName }, "the job was not begun");
      ctx.shutdown("not begun");
    }
  }

  private open(me: LocalParticipant, job: Job): Session {
    const { ctx, livekit, roomName, log, traces, beginning } = this;
    const word = traces?.begin("first word", "internal", beginning?.traceparent);
    const session = new Session({
      room: ctx.room,
      me,
      job,
      makeBrain: (context) => new DemoBrain(context),
      record: async (turn) => this.turns?.add(turn),
      untilVisitorHears: async (signal) => {
        const until = AbortSignal.any([signal, AbortSignal.timeout(HEARS_TIMEOUT_MS)]);
        await untilActive(livekit, roomName, job.visitorIdentity, until);
      },
      onFirstWord: () => {
        word?.end();
        beginning?.end();
      },
      onVisitorLeft: () => {
        this.reason = "visitor_left";
        ctx.shutdown("the visitor left");
      },
      log,
    });
    this.session = session;
    session.start();
    return session;
  }

  private async takeJob(platform: PlatformClient): Promise<Job> {
    const deadline = performance.now() + CLAIM_PATIENCE_MS;
    for (;;) {
      try {
        const { identity } = this.ctx.info.acceptArguments;
        const agent = { room: this.roomName, identity };
        const client = await platform.claim(agent, this.beginning?.traceparent);
        this.client = client;
        this.turns = new TurnLog({
          send: (turns) => client.addTurns(turns),
          onOver: () => {
            this.over = true;
            this.ctx.shutdown("the platform ended the job");
          },
          log: this.log,
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

  /** Whatever ended the job: what was said arrives, and the platform knows that nobody answers any more. */
  private async finish(): Promise<void> {
    await this.session?.close();
    // Without a word until now: somebody left, or something failed.
    this.beginning?.end({ "error.type": "no_word" });
    const traced = this.traces?.shutdown(LAST_FLUSH_MS);
    if (!this.over) await this.end();
    await traced;
  }

  private async end(): Promise<void> {
    await this.turns?.flush(LAST_FLUSH_MS);
    await this.client
      ?.end(this.reason, END_MS)
      .catch((error: unknown) => this.log.info({ err: error }, "the job's end was not taken"));
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
