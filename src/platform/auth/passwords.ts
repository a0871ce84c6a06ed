import { hash, verify } from "@node-rs/argon2";
import { AppError, invalid } from "../errors.js";
import { PASSWORD_LENGTH } from "../../protocol/console-api.js";

/** Each takes 19 MiB and a core for a while, so that a flood of sign-ins takes no more than this. */
const AT_A_TIME = 2;
const WAITING = 20;
const RETRY_SECONDS = 5;

/** Argon2id, a bounded number at a time. */
export class Passwords {
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];
  /** What the password of somebody who has none is compared with: that takes as long. */
  private nobodys: Promise<string> | undefined;

  /** @throws AppError `rate_limited` when too many wait already. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(comparable(password)));
  }

  /**
   * @param passwordHash undefined or null: nobody's, which no password fits.
   * @throws AppError `rate_limited` when too many wait already.
   */
  async fits(password: string, passwordHash: string | null | undefined): Promise<boolean> {
    return this.inTurn(async () => {
      this.nobodys ??= hash("nobody's");
      const fits = await verify(passwordHash ?? (await this.nobodys), comparable(password));
      return fits && typeof passwordHash === "string";
    });
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay < AT_A_TIME) this.underWay += 1;
    else await this.turn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // Its place is handed on, and is never free in between.
      if (next) next();
      else this.underWay -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= WAITING) {
      throw new AppError("rate_limited", "Too many sign in at this moment. Try again soon.", {
        retryAfterSeconds: RETRY_SECONDS,
      });
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** Keyboards write one letter in several ways. */
function comparable(password: string): string {
  return password.normalize("NFKC");
}

/** @throws AppError `invalid` for one that is too short or too long. */
export function checkNewPassword(path: string, password: string): void {
  const { min, max } = PASSWORD_LENGTH;
  const { length } = [...password];
  if (length < min || length > max) {
    throw invalid({
      path,
      message: `Must be ${min} to ${max} characters.`,
      rule: "length",
      min,
      max,
    });
  }
}
