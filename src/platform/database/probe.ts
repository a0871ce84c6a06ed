import { setTimeout as delay } from "node:timers/promises";
import { PROBE_MS } from "./connection-settings.js";

/** No room on the disk, or a standby: a database that reads but does not write. */
const REFUSES_WRITES = /^(53100|25006|58030)$/;
/** A prepared statement that is not there, or already is: another server connection than ours served us. */
const LOST_STATEMENTS = /^(26000|42P05)$/;
const LOOK = "SELECT 1 / (1 - (current_setting('transaction_read_only') = 'on')::int)";
/** Writes a megabyte, for a page may still find room, and leaves nothing. */
const TRY_TO_WRITE =
  "CREATE TEMP TABLE parley_probe ON COMMIT DROP AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 1000)";

/** Whether the database is well. Those who ask at the same time get one answer. */
export class Probe {
  private current: Promise<void> | undefined;
  private hasRefusedWrites = false;
  private hasLostStatements = false;

  constructor(private readonly run: (sql: string) => Promise<unknown>) {}

  /**
   * After a refused write a look tries to write, until that works: a full disk still reads. What a
   * look sees by chance through an undeclared pooler says nothing of other queries.
   */
  noteRefusal(sqlState: string): void {
    if (LOST_STATEMENTS.test(sqlState)) this.hasLostStatements = true;
    if (REFUSES_WRITES.test(sqlState)) this.hasRefusedWrites = true;
  }

  /** @throws what the database says, or an Error when it says nothing in time. */
  async look(): Promise<void> {
    this.current ??= this.lookNow().finally(() => {
      this.current = undefined;
    });
    const patience = new AbortController();
    const late = delay(PROBE_MS, undefined, { signal: patience.signal, ref: false }).then(() => {
      throw new Error("the database does not answer in time");
    });
    late.catch(() => {});
    await Promise.race([this.current, late]).finally(() => patience.abort());
  }

  private async lookNow(): Promise<void> {
    await this.run(LOOK);
    if (this.hasLostStatements) {
      throw new Error("a pooler in transaction mode has come before the database: pgbouncer=true");
    }
    if (!this.hasRefusedWrites) return;
    await this.run(TRY_TO_WRITE);
    this.hasRefusedWrites = false;
  }
}
