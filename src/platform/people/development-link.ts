import { randomBytes } from "node:crypto";
import { hashSecret, secretMatches } from "../auth/token-secret.js";
import type { Database } from "../database/client.js";
import { demoAdministrator } from "../organizations/bootstrap.js";

const GOOD_MS = 15 * 60_000;

/**
 * Signs the demonstration's administrator in, before anybody can sign in otherwise: new at each start
 * and printed to the terminal, it stands in the memory of this process alone. Good once, for a quarter
 * of an hour from the first look.
 */
export class DevelopmentLink {
  private hash: Uint8Array | undefined;
  private clickedAt: Date | undefined;

  constructor(private readonly now: () => Date) {}

  /** @returns the token, for the terminal. One that was issued before is good no more. */
  issue(): string {
    const token = randomBytes(32).toString("base64url");
    this.hash = hashSecret(token);
    this.clickedAt = undefined;
    return token;
  }

  /** Whether one is out and neither used nor over. */
  isGood(): boolean {
    if (this.hash === undefined) return false;
    return !this.clickedAt || this.now().getTime() < this.clickedAt.getTime() + GOOD_MS;
  }

  /** @returns whether it is this one, and good. */
  click(token: string): boolean {
    if (!this.isGood() || !this.hash || !secretMatches(token, this.hash)) return false;
    this.clickedAt ??= this.now();
    return true;
  }

  /** @returns whether it was this one, and good until now: of two who come at once, for one. */
  use(token: string): boolean {
    if (!this.click(token)) return false;
    this.hash = undefined;
    return true;
  }

  administrator(db: Database): ReturnType<typeof demoAdministrator> {
    return demoAdministrator(db, this.now());
  }
}
