import { AppError } from "../errors.js";
import type { Session } from "./sessions.service.js";

/** @throws AppError `unauthenticated` when nobody is signed in. */
export function requireSession(session: Session | undefined): Session {
  if (session) return session;
  throw new AppError("unauthenticated", "Sign in to the console first.");
}
