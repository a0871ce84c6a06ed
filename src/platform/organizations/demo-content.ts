// The demonstration: a small coffee roaster. Nothing here is needed by the product.

const WELCOME = "Hello, and welcome to Harbour Coffee!";
const TOPICS = "Ask me about shipping, returns or our coffees.";

/** What is said first where a model answers: it is no demonstration of having none. */
export const GREETING_WITH_MODEL = {
  type: "bot_initiates_static",
  text: `${WELCOME} ${TOPICS}`,
} as const;

export const DEMO_AGENT_CONFIG = {
  instructions:
    "You are the assistant of Harbour Coffee, a small roaster with an online shop. Be brief, warm and precise. If you do not know something, say so and offer the e-mail address hello@harbour-coffee.example.",
  starting_message: {
    type: "bot_initiates_static",
    text: `${WELCOME} I am the demo agent: I need no account and no key, so I answer from a short list and reflect what I do not know. ${TOPICS}`,
  },
  quick_actions: [
    { id: "shipping", label: "Shipping", message: "How long does shipping take?" },
    { id: "returns", label: "Returns", message: "Can I return my order?" },
    { id: "roasts", label: "Which roast?", message: "Which coffee is good for espresso?" },
  ],
  built_in_tools: {
    widgets: { allowed: null },
    forms: [
      {
        id: "callback",
        name: "Call me back",
        title: "When may we call you?",
        submit_label: "Ask for a call",
        fields: [
          { id: "name", type: "text", label: "Your name", required: true },
          { id: "phone", type: "phone", label: "Telephone", required: true },
          { id: "day", type: "date", label: "Best day" },
        ],
      },
    ],
  },
  faq: [
    {
      question: "How long does shipping take? When will my order arrive? Delivery time",
      answer:
        "Orders placed before **2 pm** leave the same day. Within the country they arrive in 1 to 2 days, in the rest of Europe in 3 to 5.",
    },
    {
      question: "Can I return my order? Refund, send back, exchange",
      answer:
        "Yes. Unopened bags can come back within **30 days**, and we refund the full price. If a coffee simply is not for you, write to us: we will find you another.",
    },
    {
      question: "Which coffee is good for espresso? Dark roast recommendation",
      answer:
        "For espresso we suggest:\n\n- **Night Ferry**: dark, chocolate, low acidity\n- **Breakwater**: medium, hazelnut, a little sweeter\n\nFor filter, try **First Light**, which is bright and floral.",
    },
    {
      question: "What are your opening hours? When are you open?",
      answer: "The roastery shop is open Tuesday to Saturday, 9 am to 5 pm.",
    },
    {
      question: "Do you have decaf? Decaffeinated coffee",
      answer: "We do: **Still Water**, decaffeinated with spring water, tastes of plum and cocoa.",
    },
    {
      question: "Where does your coffee come from? Origin, farms, fair trade",
      answer:
        "From eleven farms in Ethiopia, Colombia and Guatemala that we visit ourselves. We publish what we pay for every lot.",
    },
  ],
} as const;

export const DEMO_WIDGET_CONFIG = {
  v1: {
    theme: "system",
    chat: {
      title: "Harbour Coffee",
      subtitle: "We usually answer at once",
      placeholder: "Ask about our coffee…",
      avatar_shape: "circle",
      light_mode: {
        background_color: { user_message: "#1f5f5b", controls_button: "#1f5f5b" },
        text_color: { user_message: "#ffffff", controls_button: "#ffffff" },
      },
      dark_mode: {
        background_color: { user_message: "#7fc8bf", controls_button: "#7fc8bf" },
        text_color: { user_message: "#0c2321", controls_button: "#0c2321" },
      },
    },
    trigger: { position: "bottom-right", label: "Ask us" },
    suggested_questions: ["How long does shipping take?", "Which coffee is good for espresso?"],
    post_conversation_feedback: {
      enabled: true,
      thank_you_text: "Thank you. That helps us.",
      form: {
        id: "feedback",
        title: "How was it?",
        submit_label: "Send",
        fields: [
          { id: "rating", type: "rating", label: "Rating", required: true, max: 5 },
          { id: "comment", type: "textarea", label: "Anything else?" },
        ],
      },
    },
  },
} as const;
