import type { AgentConfig } from "../../protocol/agent-config.js";
import { readAgentConfig } from "../agents/agent-config.js";
import type { Database } from "../database/client.js";
import type { Agent } from "../database/generated/client.js";
import { hasUsageLimits, usageLimits, type UsageLimitDefaults } from "../input/usage-limits.js";
import { RecentReads } from "../database/recent-reads.js";
import type { WidgetRow } from "./widget.service.js";

/** A widget that visitors may use, with its agent, and what the agent's version says. */
export interface LiveWidget {
  readonly row: WidgetRow;
  readonly agent: Agent;
  readonly version: { readonly published: boolean; readonly config: AgentConfig };
  /** Whether it or its organization limits what talks may use up: what the limits are is asked under a lock. */
  readonly hasUsageLimits: boolean;
}

/** Live widgets as they were at most a second ago: every visitor asks for one. */
export class LiveWidgets {
  readonly recent = new RecentReads<LiveWidget | undefined>((widget) => widget !== undefined);

  constructor(
    private readonly db: Database,
    private readonly defaults: UsageLimitDefaults,
  ) {}

  /** @returns undefined for an unknown, unpublished or deleted widget. */
  find(id: string): Promise<LiveWidget | undefined> {
    return this.recent.find(id, () => this.read(id));
  }

  /** The same without waiting for the database, and without a promise: undefined unless it is here. */
  peek(id: string): LiveWidget | undefined {
    return this.recent.peek(id, () => this.read(id));
  }

  /** For who has changed it: the next read is a new one. */
  forget(id: string): void {
    this.recent.forget(id);
  }

  /** For who has changed what several may show: an agent, or a version of one. */
  forgetAll(): void {
    this.recent.forgetAll();
  }

  private async read(id: string): Promise<LiveWidget | undefined> {
    const found = await this.db.widget.findFirst({
      where: { id, published: true, deletedAt: null },
      include: {
        agent: true,
        agentVersion: { select: { published: true, config: true } },
        organization: { select: { limits: true } },
      },
    });
    if (!found) return undefined;
    const { agent, agentVersion, organization, ...row } = found;
    const { published, config } = agentVersion;
    return {
      row,
      agent,
      version: { published, config: readAgentConfig(config) },
      hasUsageLimits:
        hasUsageLimits(usageLimits(row.limits, this.defaults.widget)) ||
        hasUsageLimits(usageLimits(organization.limits, this.defaults.organization)),
    };
  }
}
