import type { PastTalk } from "../panel/runtime-api.js";
import { SHOP } from "./contents.js";
import type { Scene } from "./scene.js";
import { press, type State } from "./state.js";

/** The visitor's earlier conversations, to be opened again. */
export const PAST_STATES: readonly State[] = [
  state("past-talks", () => [
    talk("Can I return a lamp that I have bought in Oslo?", { hours: 1, isOver: false }),
    talk("Do you deliver to Bergen?", { hours: 27, messages: 4 }),
    // Spoken: nothing of it was understood.
    talk(undefined, { hours: 60 }),
    talk("هل يمكنني إرجاع طلبي؟", { hours: 300, messages: 2 }),
    talk(
      "I have looked at all of your chairs, and at the tables too, and I would like to know which of them would go together in a room that has little light and a dark floor",
      { hours: 9000, messages: 11 },
    ),
  ]),
  state("past-talks-none", () => []),
  state("past-talks-loading", () => new Promise(() => undefined)),
  state("past-talks-failed", () => {
    const refused = Promise.reject(new TypeError("The network is gone."));
    refused.catch(() => undefined);
    return refused;
  }),
  state("past-talks-long", () =>
    Array.from({ length: 40 }, (_, index) =>
      talk("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen", { hours: 6 * index + 1 }),
    ),
  ),
];

function state(name: string, past: () => Scene["past"]): State {
  return {
    name,
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Hello!");
      await scene.answer("Hello, this is Nordhaus. How may I help you?");
      scene.past = past();
      scene.talk.pastTalks.isOpen.value = true;
    },
    act: async (root) => {
      // What is waited for here comes with another file.
      await import("../panel/components/past-talks-list.js");
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      if (name === "past-talks-long") press(root, ".past-talks li:nth-child(2) button");
    },
  };
}

function talk(
  firstWords: string | undefined,
  { hours, messages = 1, isOver = true }: { hours: number; messages?: number; isOver?: boolean },
): PastTalk {
  const at = Date.now() - hours * 3600 * 1000;
  return { id: `past-${hours}`, userId: "guest", at, isOver, messages, firstWords };
}
