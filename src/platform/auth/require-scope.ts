import { AppError } from "../errors.js";
import type { Actor } from "./actor.js";
import type { RequestContext } from "./context.js";
import type { Scope } from "./scopes.js";

/** @returns whether one of `anyOf` is granted. */
export function hasScope(actor: Actor, anyOf: readonly Scope[]): boolean {
  return anyOf.some((scope) => actor.scopes.has(scope));
}

/**
 * The first line of every service method that is not public.
 *
 * @throws AppError `unauthenticated` without a valid token, `forbidden` when none of `anyOf` is granted.
 */
export async function requireScope(ctx: RequestContext, anyOf: readonly Scope[]): Promise<Actor> {
  // Reads take the read scope or the manage scope, writes the manage scope alone.
  const actor = await ctx.actor(anyOf.some((scope) => scope.endsWith(":read")) ? "read" : "write");
  if (hasScope(actor, anyOf)) return actor;
  throw new AppError("forbidden", `This needs the scope ${anyOf.join(" or ")}.`);
}
