import type { Parley } from "./compose.js";

const EVERY_SECONDS = 15;
/** From one beat to the next, and a little: who misses one has lost the work to another. */
const LEASE_SECONDS = 20;
const LEASE = "sweeps";

/**
 * Work that no request triggers. Of several instances one does it, as long as it renews its lease:
 * that of one that was killed ends within 20 seconds. What a stalled one still does beside its
 * successor harms nothing, for each sweep may run twice.
 */
export class Sweeps {
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;
  private working: Promise<void> | undefined;

  constructor(private readonly parley: Parley) {}

  /** Resolves when the first is done. */
  async start(): Promise<void> {
    // With one process the holder of any lease has died.
    if (this.parley.database.kind === "embedded") await this.parley.leases.endAll();
    await this.beat();
    this.timer = setInterval(() => void this.beat(), EVERY_SECONDS * 1000);
  }

  /** Lets the one under way end, and another instance take over. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    const { leases, log } = this.parley;
    await leases
      .release(LEASE)
      .catch((error: unknown) => log.warn({ err: error }, "the sweeps' lease was not given back"));
  }

  /** For the timer. A sweep that lasts longer is joined, and its lease renewed. */
  beat(): Promise<void> {
    const beat = this.beatOnce();
    this.beating = beat;
    return beat;
  }

  private async beatOnce(): Promise<void> {
    const { recalls } = this.parley;
    await Promise.all([this.run([() => recalls.sweep()]), this.workIfOurs()]);
  }

  private async workIfOurs(): Promise<void> {
    const { leases, lifecycle, shares, retention, counts, visitors } = this.parley;
    const {
      handles,
      starts,
      summaries,
      sessions,
      passkeyProofs,
      invites,
      oidc,
      audit,
      previews,
      log,
    } = this.parley;
    const isOurs = await leases.take(LEASE, LEASE_SECONDS).catch((error: unknown) => {
      log.error({ err: error }, "sweep failed");
      return false;
    });
    if (!isOurs) return;
    // Lapsed and vanished rooms, talks that outlast their share, old conversations, counts, visitors' keys, handles and
    // starts long ended, summaries, sessions, challenges, links and ways to the provider that are over, the audit log, previews that nobody
    // began.
    const all = [
      lifecycle,
      shares,
      retention,
      counts,
      visitors,
      handles,
      starts,
      summaries,
      sessions,
      passkeyProofs,
      invites,
      oidc,
      audit,
      previews,
    ];
    this.working ??= this.run(all.map((one) => () => one.sweep())).finally(() => {
      this.working = undefined;
    });
    await this.working;
  }

  private async run(sweeps: readonly (() => Promise<void>)[]): Promise<void> {
    for (const result of await Promise.allSettled(sweeps.map((sweep) => sweep()))) {
      if (result.status === "rejected") {
        this.parley.log.error({ err: result.reason }, "sweep failed");
      }
    }
  }
}
