import { CALL_BACK, ITEMS, SHOP, VISIT } from "./contents.js";
import { press, type State } from "./state.js";

/** What the agent shows, and the forms. */
export const CARD_STATES: readonly State[] = [
  card("card-detail", "detail", {
    title: "Fjord chair",
    subtitle: "Oak, with a woven seat",
    image_url: "https://pictures.example/chair",
    description: "Made in Norway from trees that grew there.",
    fields: [
      { label: "Width", value: "45 cm" },
      { label: "Weight", value: "4.2 kg" },
      { label: "Delivery", value: "Within five days" },
    ],
    actions: [
      { id: "buy", label: "Put it into my basket" },
      { id: "see", label: "See it", url: "https://nordhaus.example/fjord" },
    ],
  }),
  card("card-carousel", "carousel", { title: "You may like", items: ITEMS }),
  card("card-list", "list", { title: "In your basket", items: ITEMS }),
  {
    name: "card-info",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Is everything all right?");
      scene.show("info", { title: "Order 20260317", text: "It was packed today.", tone: "info" });
      scene.show("info", { title: "Paid", text: "We have your payment.", tone: "success" });
      scene.show("info", { text: "The lift in Oslo is out of order.", tone: "warning" });
      scene.show("info", { title: "Not delivered", text: "Nobody was there.", tone: "error" });
    },
  },
  card("card-action-grid", "action_grid", {
    title: "What should we do?",
    actions: [
      { id: "send", label: "Send it again" },
      { id: "refund", label: "Money back" },
      { id: "other", label: "Another colour" },
      { id: "site", label: "Read more", url: "https://nordhaus.example/returns" },
    ],
  }),
  {
    name: "card-chosen",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("It came broken.");
      const actions = [
        { id: "send", label: "Send it again" },
        { id: "refund", label: "Money back" },
        { id: "other", label: "Another colour" },
      ];
      scene.shown("action_grid", { title: "What should we do?", actions }, { action: "refund" });
      scene.shown("list", { title: "Which one?", items: ITEMS }, { action: "halo" });
    },
  },
  card("card-collect-otp", "collect_otp", {
    title: "Enter the code",
    description: "We have sent it to ada@example.com.",
  }),
  card("card-collect-phone", "collect_phone_number", {
    title: "Your phone number",
    description: "Only for the driver.",
    default_country: "NO",
  }),
  {
    name: "card-collected",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Here you are.");
      scene.shown("collect_otp", { title: "Enter the code" }, { values: {} });
      scene.shown("collect_phone_number", { title: "Your phone number" }, { values: {} });
    },
  },
  card("card-order-tracker", "order_tracker", {
    order_id: "20260317",
    status: "On its way",
    eta: "19 March",
    steps: [
      { label: "Ordered", state: "done", at: "15 March, 18:02" },
      { label: "Packed", state: "done", at: "17 March, 08:30" },
      { label: "On its way", state: "current" },
      { label: "Delivered", state: "pending" },
    ],
  }),
  card("card-comparison", "comparison", {
    title: "Fjord or Vik?",
    items: [
      { name: "Fjord", image_url: "https://pictures.example/chair" },
      { name: "Vik", image_url: "https://pictures.example/table" },
    ],
    rows: [
      { label: "Width", values: ["45 cm", "42 cm"] },
      { label: "Stackable", values: ["No", "Yes"] },
      { label: "Price", values: ["249 €", "179 €"] },
    ],
  }),
  card("form", "form", VISIT),
  {
    name: "form-invalid",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("I want to visit you.");
      scene.show("form", CALL_BACK);
    },
    act: (root) => press(root, ".card .primary"),
  },
  {
    name: "form-done",
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Please call me.");
      scene.shown("form", CALL_BACK, { values: { name: "Ada" } });
      scene.shown("form", { ...CALL_BACK, title: "Shall we write instead?" }, { dismissed: true });
      const entry = scene.show("form", CALL_BACK);
      entry.answer.value = { values: {} };
      entry.state.value = "failed";
    },
  },
  { name: "pre-form", v1: { ...SHOP, pre_conversation_form: VISIT } },
  {
    name: "pre-form-invalid",
    v1: { ...SHOP, pre_conversation_form: VISIT },
    act: (root) => press(root, ".sheet .primary"),
  },
];

/** A card that the agent shows after a question. */
function card(name: string, type: string, data: object): State {
  return {
    name,
    v1: SHOP,
    play: async (scene) => {
      await scene.say("Please show me.");
      await scene.answer("Here it is:");
      scene.show(type, data);
    },
  };
}
