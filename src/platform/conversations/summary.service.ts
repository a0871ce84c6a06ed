import type { Logger } from "pino";
import type { ModelSettings } from "../../process/model-settings.js";
import { orAfter } from "../../process/or-after.js";
import type { Database, Transaction } from "../database/client.js";
import type { Conversation, Prisma } from "../database/generated/client.js";
import { readConsent } from "./given-consent.js";
import {
  PIECE_TURNS,
  piecesOf,
  summarize,
  SUMMARIZED_CHARACTERS,
  SUMMARIZED_TURNS,
  SummaryError,
  tokensFor,
  type Said,
  type Summary,
} from "./summarize.js";
import type { TalkSharesService } from "./talk-shares.service.js";

/** After a try, until the next: the first is longer than a piece may take, so that two are never at work. */
const WAIT_SECONDS = [60, 5 * 60, 30 * 60, 2 * 60 * 60];
const TRY_MS = 45_000;
/** Until the day is over, or others have not used what they reserved. */
const POSTPONED_SECONDS = 30 * 60;
/** Of this process at once. */
const AT_ONCE = 4;
/** What asks for a summary is stored by then. */
const SOON_MS = 1000;

export interface SummaryDependencies {
  readonly db: Database;
  /** Undefined: nobody writes summaries. */
  readonly models: ModelSettings | undefined;
  readonly shares: Pick<TalkSharesService, "reserveForSummary">;
  readonly log: Logger;
  readonly now: () => Date;
}

type Spent = { -readonly [K in Exclude<keyof Summary, "text">]: Summary[K] };

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
    const { id, userTurnCount, summarizedTurns, consent, testerId } = conversation;
    if (!this.isOn || userTurnCount <= summarizedTurns || testerId !== null) return;
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

  private async write(due: DueSummary, models: ModelSettings): Promise<void> {
    const { db, log } = this.deps;
    const { conversation_id: id, tries } = due;
    const [talk, newest] = await Promise.all([
      db.conversation.findUnique({
        where: { id },
        select: { id: true, organizationId: true, webWidgetId: true, userTurnCount: true },
      }),
      this.newestTurns(id),
    ]);
    // Erased meanwhile.
    if (!talk) return;
    const pieces = piecesOf(newest);
    const found = await this.deps.shares.reserveForSummary(talk, tokensFor(pieces));
    if (found === "later") return this.postpone(due);
    if (found === "never") {
      log.warn({ conversation: id }, "a talk has no summary: no day has the tokens for it");
      return this.giveUp(due);
    }
    const { llm, fallback } = models;
    const model = tries % 2 === 0 && fallback ? fallback : llm;
    const spent = { inputTokens: 0, outputTokens: 0 };
    try {
      const summary = await this.read(due, { model, pieces, spent });
      if (summary === undefined) await this.settle(due, spent);
      else await this.keep(talk, summary, spent);
    } catch (error) {
      if (!(error instanceof SummaryError)) throw error;
      await this.settle(due, spent);
      if (this.ending.signal.aborted) return;
      const isLast = tries > WAIT_SECONDS.length;
      log.warn(
        { conversation: id, reason: error.message, tries },
        isLast ? "a talk has no summary" : "a summary failed, and is tried again",
      );
      if (isLast) await this.giveUp(due);
    }
  }

  /** As many as are summarized, newest first. */
  private async newestTurns(conversationId: string): Promise<Said[]> {
    const newest: Said[] = [];
    let characters = 0;
    let isWhole = false;
    while (!isWhole && newest.length < SUMMARIZED_TURNS && characters < SUMMARIZED_CHARACTERS) {
      const some = await this.deps.db.turn.findMany({
        // What tools were called with may be a visitor's code.
        where: { conversationId, role: { in: ["user", "agent"] }, cutOff: false },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
        skip: newest.length,
        take: PIECE_TURNS,
        select: { role: true, text: true },
      });
      newest.push(...some);
      for (const { text } of some) characters += text.length;
      isWhole = some.length < PIECE_TURNS;
    }
    return newest;
  }

  /**
   * @param spent is added to, also where it fails.
   * @returns undefined where it is due no more, or somebody else's.
   * @throws SummaryError
   */
  private async read(
    due: DueSummary,
    {
      model,
      pieces,
      spent,
    }: { model: ModelSettings["llm"]; pieces: readonly (readonly Said[])[]; spent: Spent },
  ): Promise<string | undefined> {
    let summaryBefore = "";
    for (const turns of pieces) {
      if (!(await this.goesOn(due))) return undefined;
      const signal = orAfter(this.ending.signal, TRY_MS);
      const { text, ...took } = await summarize(model, { turns, summaryBefore }, signal);
      spent.inputTokens += took.inputTokens;
      spent.outputTokens += took.outputTokens;
      summaryBefore = text;
    }
    return summaryBefore;
  }

  /** Before each piece: nobody else begins it while this one is asked. */
  private async goesOn({ conversation_id: id, tries }: DueSummary): Promise<boolean> {
    const now = this.deps.now();
    const held = await this.deps.db.$executeRaw`
      UPDATE due_summaries SET
        due_at = greatest(due_at, ${now}::timestamptz + make_interval(secs => ${WAIT_SECONDS[0]}::int))
      WHERE conversation_id = ${id}::uuid AND tries = ${tries}`;
    return held > 0;
  }

  private async keep(
    { id, userTurnCount }: { readonly id: string; readonly userTurnCount: number },
    summary: string,
    spent: Spent,
  ): Promise<void> {
    const { db } = this.deps;
    await db.$transaction([
      db.conversation.updateMany({
        where: { id },
        data: { summary, summarizedTurns: userTurnCount, ...this.counted(spent) },
      }),
      // Ended anew meanwhile, with more in it: then it stays due.
      db.dueSummary.deleteMany({ where: { conversationId: id, conversation: { userTurnCount } } }),
      db.dueSummary.updateMany({ where: { conversationId: id }, data: { tokens: 0 } }),
    ]);
  }

  /** What a try took that came to nothing counts too, and the rest is anybody's again. */
  private async settle({ conversation_id: id, tries }: DueSummary, spent: Spent): Promise<void> {
    const { db } = this.deps;
    const freed = db.dueSummary.updateMany({
      where: { conversationId: id, tries },
      data: { tokens: 0 },
    });
    if (spent.inputTokens + spent.outputTokens === 0) return void (await freed);
    await db.$transaction([
      db.conversation.updateMany({ where: { id }, data: this.counted(spent) }),
      freed,
    ]);
  }

  private counted({
    inputTokens,
    outputTokens,
  }: Spent): Prisma.ConversationUpdateManyMutationInput {
    return {
      inputTokens: { increment: inputTokens },
      outputTokens: { increment: outputTokens },
      updatedAt: this.deps.now(),
    };
  }

  /** Others have used or reserved the day's tokens: that is no try. */
  private async postpone({ conversation_id: id, tries }: DueSummary): Promise<void> {
    const { db, log, now } = this.deps;
    log.info({ conversation: id }, "a summary waits: the day has no tokens left for it");
    const dueAt = new Date(now().getTime() + POSTPONED_SECONDS * 1000);
    await db.dueSummary.updateMany({
      where: { conversationId: id, tries },
      data: { tries: tries - 1, dueAt },
    });
  }

  private async giveUp({ conversation_id: id, tries }: DueSummary): Promise<void> {
    await this.deps.db.dueSummary.deleteMany({ where: { conversationId: id, tries } });
  }
}
