import { READ_CONVERSATIONS, READ_SENSITIVE } from "../auth/scopes.js";
import { hasScope, requireScope } from "../auth/require-scope.js";
import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import type { ConversationStatus } from "../database/enums.js";
import { notFound } from "../errors.js";
import { askAgain } from "./ask-again.js";
import { Channel } from "./channel.js";
import { seenBy } from "./test-talks.js";
import { toMessage } from "./conversation.service.js";
import type { ConversationEvent } from "./conversation-event.type.js";
import type { ConversationWatchService } from "./conversation-watch.service.js";

export interface ConversationEventsDependencies {
  readonly db: Database;
  readonly watch: ConversationWatchService;
  /** Only tests are in a hurry. */
  readonly askedAgainMs?: number | undefined;
}

/** A conversation, followed live (contract section 6). */
export class ConversationEventsService {
  constructor(private readonly deps: ConversationEventsDependencies) {}

  /**
   * What there is, and then what happens, until the reader leaves, the conversation is erased, or the
   * credential is not good any more: that is asked again twice a minute, and a refusal is the last event.
   * Turns come only to who may read them.
   *
   * @throws AppError `not_found`.
   */
  async follow(ctx: RequestContext, id: string): Promise<Channel<ConversationEvent>> {
    const actor = await requireScope(ctx, READ_CONVERSATIONS);
    const { db, watch, askedAgainMs } = this.deps;
    const mine = await db.conversation.findFirst({ where: { id, ...seenBy(actor) } });
    if (!mine) throw notFound("Conversation");
    let readsTurns = hasScope(actor, READ_SENSITIVE);
    let last: ConversationStatus | undefined;
    const events = new Channel<ConversationEvent>(() => {
      stopAsking();
      stop();
    });
    const stopAsking = askAgain(
      ctx,
      READ_CONVERSATIONS,
      {
        isGood: (again) => {
          readsTurns = hasScope(again, READ_SENSITIVE);
        },
        isRefused: (failure) => {
          events.push({ ...event("status_changed", last ?? mine.status), failure });
          events.end();
        },
      },
      askedAgainMs,
    );
    const stop = watch.follow(id, {
      hear: ({ status, turns }) => {
        if (status !== last) events.push(event("status_changed", status));
        last = status;
        for (const turn of turns.map(toMessage)) {
          if (readsTurns) events.push({ ...event("turn_added", status), turn });
          const { latency } = turn;
          if (latency) events.push({ ...event("latency_measured", status), latency });
        }
      },
      gone: () => events.end(),
    });
    return events;
  }
}

function event(kind: ConversationEvent["kind"], status: ConversationStatus): ConversationEvent {
  return { kind, status, turn: null, latency: null };
}
