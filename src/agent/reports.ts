import type { Logger } from "pino";
import type { Capacity } from "./capacity.js";
import type { PlatformClient } from "./platform-client.js";

export interface ReportsOptions {
  /** Of the worker, new at each start. */
  readonly id: string;
  readonly platform: PlatformClient;
  readonly capacity: Capacity;
  readonly log: Logger;
  /** The most between two. */
  readonly everyMs: number;
}

/** What the worker says of itself to the platform: that it is there, and what it can take. */
export class Reports {
  private lastMs = -Infinity;
  private failing = false;
  private wasFull = false;

  constructor(private readonly options: ReportsOptions) {}

  async send(stopping = false): Promise<void> {
    const { id, platform, capacity, log } = this.options;
    this.lastMs = performance.now();
    const { taken, max } = capacity;
    try {
      await platform.heartbeat({ id, activeJobs: taken, maxJobs: max, stopping });
      if (this.failing) log.info("the platform takes reports again");
      this.failing = false;
    } catch (error) {
      if (!this.failing) log.warn({ err: error }, "the platform did not take the worker's report");
      this.failing = true;
    }
  }

  /** Regularly, and at once when it has become full or has room again. */
  sendIfDue(): void {
    const { capacity, log, everyMs } = this.options;
    const { isFull, max } = capacity;
    if (isFull === this.wasFull && performance.now() - this.lastMs < everyMs) return;
    if (isFull && !this.wasFull) log.warn({ talks: max }, "full: no more talks are taken");
    if (!isFull && this.wasFull) log.info({ talks: max }, "there is room for talks again");
    this.wasFull = isFull;
    void this.send();
  }
}
