import { AppError } from "../errors.js";
import type { RequestContext } from "./context.js";
import type { Session } from "./sessions.service.js";

/** @throws AppError `unauthenticated` when nobody is signed in. */
export function requireSession(session: Session | undefined): Session {
  if (session) return session;
  throw new AppError("unauthenticated", "Sign in to the console first.");
}

/**
 * Before a secret is made or shown: a console that was left open says not who sits there now. A token
 * is proof enough.
 *
 * @throws AppError `confirmation_required` when the session's person has not proved themselves for a while.
 */
export async function requireConfirmation(ctx: RequestContext): Promise<void> {
  const session = await ctx.session();
  if (!session || session.isConfirmed) return;
  throw new AppError("confirmation_required", "Give your password again first.");
}
