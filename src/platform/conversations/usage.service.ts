import { requireScope } from "../auth/require-scope.js";
import { MANAGE_ORGANIZATION, READ_WIDGETS } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import type { Statements } from "../database/prepared.js";
import { readTalkUsage, type TalkUsage } from "../database/talk-usage.js";
import { notFound } from "../errors.js";
import { usageLimits, type UsageLimitDefaults, type UsageLimits } from "../input/usage-limits.js";
import type { WidgetService } from "../widgets/widget.service.js";
import type { Usage } from "./usage.type.js";

/** What an owner sees of what talks use up, and of whom the limits kept out (contract section 5). */
export class UsageService {
  constructor(
    private readonly db: Statements,
    private readonly widgets: Pick<WidgetService, "get">,
    private readonly defaults: UsageLimitDefaults,
    private readonly now: () => Date,
  ) {}

  async get(ctx: RequestContext, widgetId: string): Promise<Usage> {
    await requireScope(ctx, READ_WIDGETS);
    return this.ofWidget(ctx, await this.widgets.get(ctx, widgetId));
  }

  /** Batched over all widgets of the request. */
  async ofWidget(ctx: RequestContext, widget: { id: string }): Promise<Usage> {
    await requireScope(ctx, READ_WIDGETS);
    const usage = await ctx.loaders.usageOfWidget.load(widget.id);
    if (!usage) throw notFound("Widget");
    return this.asUsage(usage, this.defaults.widget);
  }

  /** Of all widgets of the caller's organization. */
  async ofOrganization(ctx: RequestContext): Promise<Usage> {
    const { organizationId } = await requireScope(ctx, MANAGE_ORGANIZATION);
    const asked = { asked: organizationId, now: this.now() };
    const [usage] = await readTalkUsage(this.db, "organization", asked);
    if (!usage) throw notFound("Organization");
    return this.asUsage(usage, this.defaults.organization);
  }

  private asUsage(usage: TalkUsage, defaults: UsageLimits): Usage {
    const since = this.now();
    since.setUTCHours(0, 0, 0, 0);
    return {
      since,
      talksNow: usage.talksNow,
      talks: usage.talks,
      minutes: minutesOf(usage.seconds),
      tokens: usage.tokens,
      reservedMinutes: minutesOf(usage.reservedSeconds),
      reservedTokens: usage.reservedTokens,
      refused: {
        concurrentTalks: usage.refusedTalks,
        minutesPerDay: usage.refusedMinutes,
        tokensPerDay: usage.refusedTokens,
      },
      limits: usageLimits(usage.limits, defaults),
    };
  }
}

/** In hundredths. */
function minutesOf(seconds: number): number {
  return Math.round((seconds / 60) * 100) / 100;
}
