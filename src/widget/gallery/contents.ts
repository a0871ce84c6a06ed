import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { picture } from "./pictures.js";

/** What the states of the gallery show. */

export const SHOP: UnreadConfig = {
  chat: {
    title: "Nordhaus",
    subtitle: "Furniture and light",
    welcome_message: "Hello! What are you looking for today?",
    avatar_url: picture("ada"),
    light_mode: { background_color: { user_message: "#2f5d50", controls_button: "#2f5d50" } },
    dark_mode: { background_color: { user_message: "#3f7a69", controls_button: "#8fd0bb" } },
  },
  quick_actions: [
    { id: "order", label: "Where is my order?", message: "Where is my order?" },
    { id: "return", label: "Return something", message: "I would like to return something." },
    { id: "advice", label: "Help me choose a chair", message: "Help me choose a chair." },
  ],
};
export const PLAIN: UnreadConfig = {};

const ALL_FIELDS = [
  { id: "name", type: "text", label: "Your name", required: true, placeholder: "Ada Lovelace" },
  { id: "email", type: "email", label: "Email", required: true, placeholder: "ada@example.com" },
  { id: "phone", type: "phone", label: "Phone number" },
  { id: "people", type: "number", label: "How many people?", min: 1, max: 12, required: true },
  { id: "day", type: "date", label: "Day of the visit", min: "2026-03-18", required: true },
  {
    id: "room",
    type: "select",
    label: "Showroom",
    required: true,
    options: [
      { value: "oslo", label: "Oslo" },
      { value: "bergen", label: "Bergen" },
    ],
  },
  {
    id: "topics",
    type: "multiselect",
    label: "What interests you?",
    options: [
      { value: "chairs", label: "Chairs and sofas" },
      { value: "lamps", label: "Lamps" },
      { value: "tables", label: "Tables" },
    ],
  },
  { id: "stars", type: "rating", label: "How do you like our site?", required: true },
  { id: "nps", type: "rating", label: "Would you recommend us?", min: 0, max: 10 },
  { id: "note", type: "textarea", label: "Anything else?" },
  { id: "terms", type: "checkbox", label: "I agree to the house rules.", required: true },
];
export const VISIT = { id: "visit", title: "Plan your visit", fields: ALL_FIELDS };
export const CALL_BACK = {
  id: "call-back",
  title: "When may we call you?",
  fields: [
    { id: "name", type: "text", label: "Your name", required: true },
    { id: "phone", type: "phone", label: "Phone number", required: true },
  ],
};
export const FEEDBACK = {
  title: "How did we do?",
  fields: [
    { id: "stars", type: "rating", label: "Your rating", required: true },
    { id: "note", type: "textarea", label: "What could be better?" },
  ],
};
export const ITEMS = [
  {
    title: "Fjord chair",
    subtitle: "From 249 €",
    description: "Oak, with a woven seat.",
    image_url: "https://pictures.example/chair",
    actions: [{ id: "fjord", label: "Choose" }],
  },
  {
    title: "Halo lamp",
    subtitle: "From 119 €",
    description: "Warm light, dimmable.",
    image_url: "https://pictures.example/lamp",
    actions: [{ id: "halo", label: "Choose" }],
  },
  {
    title: "Stella table",
    subtitle: "From 499 €",
    description: "Seats six.",
    image_url: "https://pictures.example/table",
    actions: [{ id: "stella", label: "Choose" }],
  },
];
export const LONG_ANSWER = `We have **three chairs** that fit a small kitchen:

1. *Fjord*: oak, 45 cm wide, [see it](https://nordhaus.example/fjord)
2. *Vik*: stackable, four colours
3. *Sund*: with arm rests

> All of them are in stock in Oslo.

| Chair | Width | Price |
| --- | ---: | ---: |
| Fjord | 45 cm | 249 € |
| Vik | 42 cm | 179 € |
| Sund | 58 cm | 329 € |`;
export const CODE_ANSWER = `Put this before the end of your page, and \`data-shop\` is yours:

\`\`\`html
<script async src="https://nordhaus.example/shop.js" data-shop="42"></script>
\`\`\`

- It loads after your page
- It sets no cookie`;

export const SAMPLE_CONSENT =
  "This chat is answered by an AI. What you write or say here is kept for as long as we need it to answer you: see [our privacy notice](https://shop.example/privacy).";
