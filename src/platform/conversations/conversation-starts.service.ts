import type { RequestContext } from "../auth/context.js";
import { requireScope } from "../auth/require-scope.js";
import { READ_CONVERSATIONS } from "../auth/scopes.js";
import { askAgain } from "./ask-again.js";
import { Channel } from "./channel.js";
import type { ConversationStartsWatchService, Start } from "./conversation-starts-watch.service.js";

/** A start that is told, or why there is nothing more to come. */
export type StartOrFailure = Start | { readonly failure: unknown };

export interface ConversationStartsDependencies {
  readonly watch: ConversationStartsWatchService;
  /** Only tests are in a hurry. */
  readonly askedAgainMs?: number | undefined;
}

/** An organization's conversations as they begin (contract section 6). */
export class ConversationStartsService {
  constructor(private readonly deps: ConversationStartsDependencies) {}

  /**
   * Until the reader leaves, or the credential is not good any more: that is asked again twice a minute, and a refusal
   * is the last event.
   *
   * @param webWidgetId only those of this widget; absent: all of the organization's.
   */
  async follow(
    ctx: RequestContext,
    webWidgetId: string | undefined,
  ): Promise<Channel<StartOrFailure>> {
    const { organizationId } = await requireScope(ctx, READ_CONVERSATIONS);
    const { watch, askedAgainMs } = this.deps;
    const starts = new Channel<StartOrFailure>(() => {
      stopAsking();
      stop();
    });
    const isRefused = (failure: unknown): void => {
      starts.push({ failure });
      starts.end();
    };
    const stopAsking = askAgain(ctx, READ_CONVERSATIONS, { isRefused }, askedAgainMs);
    const stop = watch.follow(organizationId, (start) => {
      if (webWidgetId === undefined || start.webWidgetId === webWidgetId) starts.push(start);
    });
    return starts;
  }
}
