import { logError } from "../log-error.js";
import { isRefusal, type RuntimeApi } from "./runtime-api.js";
import { sleep, untilOnline } from "./sleep.js";

const DELAYS_MS = [1000, 5000, 30_000, 120_000];

/**
 * Ends everywhere what a visitor token opens. Where the platform is out of reach it is tried again while the panel is
 * there, and no longer: a token that waits in the browser's storage would be there for the next person.
 */
export async function endKey(api: RuntimeApi, visitorToken: string): Promise<void> {
  // At once, for the page may be about to go.
  if (await isEnded(api, visitorToken)) return;
  for (const delay of DELAYS_MS) {
    await sleep(delay);
    await untilOnline();
    if (await isEnded(api, visitorToken)) return;
  }
  logError("logout did not reach the platform: tokens copied from this browser end by themselves.");
}

/** What the platform refuses is no key any more. */
async function isEnded(api: RuntimeApi, visitorToken: string): Promise<boolean> {
  return api.logout(visitorToken).then(() => true, isRefusal);
}
