import type { Actor } from "../auth/actor.js";
import type { RequestContext } from "../auth/context.js";
import { requireScope } from "../auth/require-scope.js";
import type { Scope } from "../auth/scopes.js";
import { AppError } from "../errors.js";

/** So long a credential that was revoked may go on listening. */
const ASKED_AGAIN_MS = 30_000;

/**
 * Asks for a stream's credential again twice a minute.
 *
 * @param everyMs only tests are in a hurry.
 * @returns ends it.
 */
export function askAgain(
  ctx: RequestContext,
  anyOf: readonly Scope[],
  { isGood = () => {}, isRefused }: { isGood?(actor: Actor): void; isRefused(why: AppError): void },
  everyMs = ASKED_AGAIN_MS,
): () => void {
  const timer = setInterval(() => {
    requireScope(ctx.again(), anyOf)
      .then(isGood)
      .catch((failure: unknown) => {
        // A database that is away says nothing of the credential.
        if (failure instanceof AppError) isRefused(failure);
      });
  }, everyMs).unref();
  return () => clearInterval(timer);
}
