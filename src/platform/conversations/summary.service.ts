import type { Logger } from "pino";
import type { ModelSettings } from "../../process/model-settings.js";
import { orAfter } from "../../process/or-after.js";
import type { Database, Transaction } from "../database/client.js";
import type { Conversation } from "../database/generated/client.js";
import { readConsent } from "./given-consent.js";
import { summarize, SUMMARIZED_TURNS, SummaryError } from "./summarize.js";

/** After a try, until the next: the first is longer than a try may last, so that two are never at work. */
const WAIT_SECONDS = [60, 5 * 60, 30 * 60, 2 * 60 * 60];
const TRY_MS = 45_000;
/** Of this process at once. */
const AT_ONCE = 4;
/** What asks for a summary is stored by then. */
const SOON_MS = 1000;

export interface SummaryDependencies {
  readonly db: Database;
  /** Undefined: nobody writes summaries. */
  readonly models: ModelSettings | undefined;
  readonly log: Logger;
  readonly now: () => Date;
}

interface DueSummary {
  readonly conversation_id: string;
  /** This one included. */
  readonly tries: number;
}

/** Summaries of talks that ended, by the operator's model (contract section 6). */
export class SummaryService {
  private readonly ending = new AbortController();
  private readonly working = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: SummaryDependencies) {}

  /** Whether talks that end are summarized. */
  get isOn(): boolean {
    return this.deps.models !== undefined;
  }

  /** In the transaction that ends a conversation: it is summarized soon, if anything was said since it was last. */
  async ask(tx: Transaction, conversation: Conversation): Promise<void> {
    const { id, userTurnCount, summarizedTurns, consent } = conversation;
    if (!this.isOn || userTurnCount <= summarizedTurns) return;
    // Nobody agrees any more to what a model would be told.
    if (readConsent(consent)?.withdrawn_at !== undefined) return;
    const now = this.deps.now();
    // One that is at work is not begun a second time, and one that failed waits no longer than that.
    await tx.$executeRaw`
      INSERT INTO due_summaries AS due (conversation_id, due_at, tries)
      VALUES (${id}::uuid, ${now}::timestamptz, 0)
      ON CONFLICT (conversation_id) DO UPDATE SET tries = 0,
        due_at = least(due.due_at, excluded.due_at + make_interval(secs => ${WAIT_SECONDS[0]}::int))`;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.sweep();
    }, SOON_MS).unref();
  }

  /** Begins what is due, and waits for none of it. */
  async sweep(): Promise<void> {
    const { models } = this.deps;
    if (!models || this.ending.signal.aborted || this.working.size >= AT_ONCE) return;
    const work = this.workOnce(models);
    this.working.add(work);
    void work.finally(() => this.working.delete(work));
  }

  /** What is at work is broken off: it is tried again later, perhaps by another instance. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.ending.abort();
    await Promise.all(this.working);
  }

  private async workOnce(models: ModelSettings): Promise<void> {
    const { log } = this.deps;
    try {
      for (let due = await this.take(); due; due = await this.take()) {
        // There may be more than one.
        void this.sweep();
        await this.write(due, models);
        if (this.ending.signal.aborted) return;
      }
    } catch (error) {
      log.error({ err: error }, "summaries failed");
    }
  }

  /** Takes the one that has been due for longest, for as long as a try may last. */
  private async take(): Promise<DueSummary | undefined> {
    const now = this.deps.now();
    const [due] = await this.deps.db.$queryRaw<DueSummary[]>`
      UPDATE due_summaries SET tries = tries + 1,
        due_at = ${now}::timestamptz + make_interval(secs => (${WAIT_SECONDS}::int[])[least(tries + 1, ${WAIT_SECONDS.length}::int)])
      WHERE conversation_id = (
        SELECT conversation_id FROM due_summaries WHERE due_at <= ${now}
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING conversation_id::text, tries`;
    return due;
  }

  private async write(
    { conversation_id: id, tries }: DueSummary,
    models: ModelSettings,
  ): Promise<void> {
    const { db, log, now } = this.deps;
    const [conversation, turns] = await Promise.all([
      db.conversation.findUnique({ where: { id }, select: { userTurnCount: true } }),
      db.turn.findMany({
        // What tools were called with may be a visitor's code.
        where: { conversationId: id, role: { in: ["user", "agent"] }, cutOff: false },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
        take: SUMMARIZED_TURNS,
        select: { role: true, text: true },
      }),
    ]);
    // Erased meanwhile.
    if (!conversation) return;
    const { llm, fallback } = models;
    const model = tries % 2 === 0 && fallback ? fallback : llm;
    const signal = orAfter(this.ending.signal, TRY_MS);
    try {
      const { text, inputTokens, outputTokens } = await summarize(model, turns, signal);
      const { userTurnCount } = conversation;
      await db.$transaction([
        db.conversation.updateMany({
          where: { id },
          data: {
            summary: text,
            summarizedTurns: userTurnCount,
            inputTokens: { increment: inputTokens },
            outputTokens: { increment: outputTokens },
            updatedAt: now(),
          },
        }),
        // Ended anew meanwhile, with more in it: then it stays due.
        db.dueSummary.deleteMany({
          where: { conversationId: id, conversation: { userTurnCount } },
        }),
      ]);
    } catch (error) {
      if (!(error instanceof SummaryError)) throw error;
      if (this.ending.signal.aborted) return;
      const isLast = tries > WAIT_SECONDS.length;
      log.warn(
        { conversation: id, reason: error.message, tries },
        isLast ? "a talk has no summary" : "a summary failed, and is tried again",
      );
      if (isLast) await db.dueSummary.deleteMany({ where: { conversationId: id, tries } });
    }
  }
}
