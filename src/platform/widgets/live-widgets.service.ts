import type { AgentConfig } from "../../protocol/agent-config.js";
import { readAgentConfig } from "../agents/agent-config.js";
import type { Database } from "../database/client.js";
import type { Agent } from "../database/generated/client.js";
import type { WidgetRow } from "./widget.service.js";

/** How old a read may be (contract section 5). */
const FRESH_MS = 1_000;
const MAX_WIDGETS = 1_000;

/** A widget that visitors may use, with its agent, and what the agent's version says. */
export interface LiveWidget {
  readonly row: WidgetRow;
  readonly agent: Agent;
  readonly version: { readonly published: boolean; readonly config: AgentConfig };
}

interface Entry {
  readonly widget: Promise<LiveWidget | undefined>;
  readonly readAtMs: number;
}

/**
 * Live widgets as they were at most a second ago: every visitor asks for one. Good for reads; a write
 * names in its own statement what it was decided by, and `forget`s the widget when that is no longer so.
 */
export class LiveWidgets {
  private readonly entries = new Map<string, Entry>();
  /** Reads that were answered from here, and those that asked the database, since the start. */
  hits = 0;
  misses = 0;

  constructor(private readonly db: Database) {}

  get size(): number {
    return this.entries.size;
  }

  /** @returns undefined for an unknown, unpublished or deleted widget. */
  find(id: string): Promise<LiveWidget | undefined> {
    const known = this.peek(id);
    if (known) return known;
    this.misses += 1;
    // Asked before the read begins, so that what is written meanwhile makes it older, never younger.
    const entry = { readAtMs: performance.now(), widget: this.read(id) };
    // Put at the end again, so that the first is the one that was read longest ago.
    this.entries.delete(id);
    this.entries.set(id, entry);
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_WIDGETS && oldest !== undefined) this.entries.delete(oldest);
    // What is not there takes no place: strangers can think of any number of ids.
    const drop = (): void => {
      if (this.entries.get(id) === entry) this.entries.delete(id);
    };
    entry.widget.then((widget) => widget ?? drop(), drop);
    return entry.widget;
  }

  /** The same without asking the database: undefined unless it is here, or others wait for it already. */
  peek(id: string): Promise<LiveWidget | undefined> | undefined {
    const known = this.entries.get(id);
    if (!known || performance.now() - known.readAtMs >= FRESH_MS) return undefined;
    this.hits += 1;
    return known.widget;
  }

  /** For who has changed it: the next read is a new one. */
  forget(id: string): void {
    this.entries.delete(id);
  }

  /** For who has changed what several may show: an agent, or a version of one. */
  forgetAll(): void {
    this.entries.clear();
  }

  private async read(id: string): Promise<LiveWidget | undefined> {
    const found = await this.db.widget.findFirst({
      where: { id, published: true, deletedAt: null },
      include: { agent: true, agentVersion: { select: { published: true, config: true } } },
    });
    if (!found) return undefined;
    const { agent, agentVersion, ...row } = found;
    const { published, config } = agentVersion;
    return { row, agent, version: { published, config: readAgentConfig(config) } };
  }
}
