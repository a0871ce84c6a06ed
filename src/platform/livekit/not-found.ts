import { TwirpError } from "livekit-server-sdk";

/** Whether LiveKit says that there is no such room or participant. */
export function isNotFound(error: unknown): boolean {
  return error instanceof TwirpError && (error.code === "not_found" || error.status === 404);
}
