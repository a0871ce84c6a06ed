import type { voice } from "@livekit/agents";

type Activity = NonNullable<voice.AgentSession["_activity"]>;

/**
 * What a visitor says to its end while the agent says what may not be interrupted is answered after that. The framework
 * would drop it, and has no option for this.
 */
export function hearOut(activity: Activity | undefined): void {
  if (!activity) return;
  const complete: unknown = Reflect.get(activity, "userTurnCompleted");
  if (typeof complete !== "function")
    throw new Error("The framework takes a visitor's turns otherwise now.");
  Reflect.set(activity, "userTurnCompleted", async (...turn: unknown[]): Promise<unknown> => {
    await untilInterruptible(activity);
    return Reflect.apply(complete, activity, turn);
  });
}

async function untilInterruptible(activity: Activity): Promise<void> {
  for (;;) {
    const speech = activity.currentSpeech;
    if (!speech || speech.allowInterruptions || speech.interrupted || speech.done()) return;
    await speech.waitForPlayout();
  }
}
