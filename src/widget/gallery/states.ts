import { CARD_STATES } from "./card-states.js";
import { CODE_ANSWER, FEEDBACK, LONG_ANSWER, PLAIN, SHOP } from "./contents.js";
import { PAST_STATES } from "./past-states.js";
import { picture } from "./pictures.js";
import type { Scene } from "./scene.js";
import { SITE_STATES } from "./site-states.js";
import { press, type State } from "./state.js";

const ASKING = { ...SHOP, consent: { required: true } };

export const STATES: readonly State[] = [
  { name: "loading", v1: SHOP },
  { name: "empty", v1: SHOP },
  { name: "empty-plain", v1: PLAIN },
  {
    name: "empty-logo",
    v1: {
      ...SHOP,
      chat: {
        ...SHOP.chat,
        logo_url: picture("lamp"),
        welcome_message: "Welcome to **Nordhaus**.\n\nAsk us anything about furniture.",
      },
      quick_actions: Array.from({ length: 8 }, (_, index) => ({
        id: `${index}`,
        label: `What about my order number ${index + 1}?`,
      })),
    },
  },
  { name: "consent", v1: ASKING },
  {
    name: "consent-declined",
    v1: ASKING,
    play: (scene) => scene.talk.gate.decline(),
  },
  {
    name: "connecting",
    v1: SHOP,
    play: async (scene) => {
      scene.obstacle = new Promise(() => undefined);
      await scene.say("Where is my order?");
    },
  },
  {
    name: "greeted",
    v1: { ...SHOP, start_conversation_on_toggle: true },
    play: async (scene) => {
      await scene.join();
      await scene.answer("Hello, this is Nordhaus. How may I help you?");
    },
  },
  { name: "thinking", v1: SHOP, play: askAndWait },
  {
    name: "streaming",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Which chairs fit a small kitchen?");
      scene.state("speaking");
      await scene.answer("We have **three chairs** that fit a small kitchen. The first", {
        isFinal: false,
      });
    },
  },
  { name: "transcript", v1: SHOP, play: converse },
  {
    name: "transcript-code",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("How do I put the shop into my page?");
      await scene.answer(CODE_ANSWER);
      await scene.say("Thank you!");
      await scene.say("One more: donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen?");
      await scene.answer("Gladly. Which size?");
    },
  },
  {
    name: "past",
    v1: SHOP,
    play: async (scene) => {
      const at = Date.now() - 26 * 3600 * 1000;
      scene.talk.transcript.restore([
        { role: "user", text: "Do you deliver to Bergen?", mode: "text", at },
        { role: "agent", text: "Yes, within five days.", mode: "text", at: at + 9000 },
      ]);
      await scene.say("And to Tromsø?");
      await scene.answer("Also, within eight days.");
    },
  },
  {
    name: "scrolled",
    v1: SHOP,
    play: converse,
    act: scrollUp,
  },
  {
    name: "scrolled-new",
    v1: SHOP,
    play: converse,
    act: async (root, scene) => {
      await scrollUp(root);
      await scene.answer("It comes with a cushion, by the way.");
    },
  },
  {
    name: "not-sent",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Where is my order?");
      await scene.answer("What is its number?");
      scene.fail("It is 20260317.");
      scene.lose();
    },
  },
  ...CARD_STATES,
  ...PAST_STATES,
  {
    name: "reconnecting",
    v1: SHOP,
    play: async (scene) => {
      await askAndWait(scene);
      scene.reconnecting();
    },
  },
  {
    name: "agent-left",
    v1: SHOP,
    play: async (scene) => {
      await converse(scene);
      scene.state(undefined);
      await new Promise((resolve) => {
        setTimeout(resolve, 1600);
      });
    },
  },
  {
    name: "no-microphone",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Hello");
      scene.microphoneError = new DOMException("", "NotFoundError");
      await scene.call();
    },
  },
  {
    name: "ended",
    v1: SHOP,
    play: async (scene) => {
      await converse(scene);
      scene.talk.end();
    },
  },
  {
    name: "feedback",
    v1: { ...SHOP, post_conversation_feedback: { form: FEEDBACK } },
    play: async (scene) => {
      await converse(scene);
      scene.talk.end();
    },
  },
  {
    name: "thanks",
    v1: { ...SHOP, post_conversation_feedback: { form: FEEDBACK } },
    play: async (scene) => {
      await converse(scene);
      scene.talk.end();
    },
    act: async (root) => {
      press(root, ".stars label:nth-child(4) input");
      await new Promise(requestAnimationFrame);
      press(root, ".sheet .primary");
    },
  },
  {
    name: "voice-listening",
    v1: SHOP,
    play: async (scene) => {
      await talkByVoice(scene);
      scene.levels.own = 0.3;
    },
  },
  {
    name: "voice-speaking",
    v1: SHOP,
    play: async (scene) => {
      await talkByVoice(scene);
      scene.state("speaking");
      scene.levels.agent = 0.4;
      await scene.answer("The Fjord is the one that most people", { isFinal: false });
    },
  },
  {
    name: "voice-muted",
    v1: SHOP,
    play: async (scene) => {
      await talkByVoice(scene);
      await scene.talk.call.toggleMute();
    },
  },
  {
    name: "voice-devices",
    v1: SHOP,
    play: talkByVoice,
    act: (root) => press(root, ".voice .devices-button"),
  },
  {
    name: "voice-camera",
    v1: SHOP,
    play: async (scene) => {
      Object.assign(scene.vision, { camera: true, screen: true });
      await talkByVoice(scene);
      await scene.talk.toggleVideo("camera");
    },
  },
  {
    name: "screen-shared",
    v1: SHOP,
    play: async (scene) => {
      Object.assign(scene.vision, { camera: true, screen: true });
      await scene.say("Why is this red?");
      await scene.talk.toggleVideo("screen");
    },
  },
  {
    name: "voice-connecting",
    v1: SHOP,
    play: (scene) => {
      scene.obstacle = new Promise(() => undefined);
      void scene.call();
    },
  },
  { name: "menu", v1: SHOP, play: converse, act: (root) => press(root, ".menu-root button") },
  ...SITE_STATES,
];

async function converse(scene: Scene): Promise<void> {
  await scene.say("Hello!");
  await scene.say("Which chairs fit a small kitchen?");
  await scene.answer(LONG_ANSWER);
  await scene.say("The Fjord, please.");
  await scene.answer("A good choice. Shall I put it into your basket?");
}

async function askAndWait(scene: Scene): Promise<void> {
  await scene.say("Which chairs fit a small kitchen?");
  scene.state("thinking");
}

async function scrollUp(root: HTMLElement): Promise<void> {
  root.querySelector(".log")?.scrollTo({ top: 40 });
  // A busy machine hears of the scroll some frames later, and what comes before that is followed.
  for (let frame = 0; frame < 60 && root.querySelector(".jump") === null; frame++)
    await new Promise(requestAnimationFrame);
}

async function talkByVoice(scene: Scene): Promise<void> {
  await scene.call();
  await scene.speak("Which chair would you take?");
  await scene.answer("For a small kitchen? The Fjord, I think.");
  await scene.speak("And in which colour?");
  scene.pass(42);
}
