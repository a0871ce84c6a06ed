import { randomUUID } from "node:crypto";
import type { Database } from "./client.js";

/**
 * What one instance at a time does. A lease is a row and no lock: behind a pooler a lock of the session
 * is somebody else's, and one of a transaction would last as long as the work.
 */
export class Leases {
  /** This process among the instances. */
  private readonly holder = randomUUID();

  constructor(
    private readonly db: Database,
    private readonly now: () => Date,
  ) {}

  /**
   * @param seconds from now on, and never more at once.
   * @returns whether it is ours: nobody has it, its holder's time is over, or we had it already.
   */
  async take(name: string, seconds: number): Promise<boolean> {
    const now = this.now();
    const end = new Date(now.getTime() + seconds * 1000);
    // Clocks differ a little; an end that is further away was written before one was set back.
    const far = new Date(end.getTime() + seconds * 1000);
    const taken = await this.db.$executeRaw`
      INSERT INTO leases (name, holder, expires_at) VALUES (${name}, ${this.holder}, ${end})
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
      WHERE leases.holder = excluded.holder OR leases.expires_at <= ${now}
        OR leases.expires_at > ${far}`;
    return taken === 1;
  }

  /** Gives ours back, so that nobody waits for its end. */
  async release(name: string): Promise<void> {
    await this.db.lease.deleteMany({ where: { name, holder: this.holder } });
  }

  /** For the one process of an embedded database: whoever held one is dead. */
  async endAll(): Promise<void> {
    await this.db.lease.deleteMany();
  }
}
