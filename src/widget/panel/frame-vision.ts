import type { ShownVideos } from "./call.js";

const NOTHING: ShownVideos = { camera: false, screen: false };

/**
 * What the agent may be shown (contract section 8).
 *
 * @param wanted what its version says, in the panel's page
 * @param asked what the loader says in the panel's address: `ask` of one that can load the frame once more, with the
 * policy for it, and `on` when it has; nothing of an older one, whose frame has a microphone alone
 * @returns `isMissing`: the loader is to be asked
 */
export function readVision(
  wanted: string | undefined,
  asked: string | null,
  hasLoader: boolean,
): { vision: ShownVideos; isMissing: boolean } {
  const names = wanted?.split(" ") ?? [];
  const vision = {
    camera: names.includes("camera"),
    // Telephones share no screen.
    screen: names.includes("screen") && "getDisplayMedia" in (navigator.mediaDevices ?? {}),
  };
  const isWanted = vision.camera || vision.screen;
  if (!hasLoader || asked === "on") return { vision, isMissing: false };
  if (asked === "ask" && isWanted) return { vision, isMissing: true };
  return { vision: NOTHING, isMissing: false };
}
