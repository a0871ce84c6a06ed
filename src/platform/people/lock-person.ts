import type { Transaction } from "../database/client.js";

/** As far as those ask for it who hold one. */
interface HeldPerson {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** Null: there is none. */
  readonly passwordHash: string | null;
}

/**
 * Holds a person until the transaction ends: whoever changes how they sign in, or what they are called, comes before or
 * after, and so does a sign-in, never with half of it.
 *
 * @param id of somebody who is there.
 * @returns what they are from then on.
 */
export async function lockPerson(tx: Transaction, id: string): Promise<HeldPerson> {
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return tx.user.findUniqueOrThrow({ where: { id } });
}
