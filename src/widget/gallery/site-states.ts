import { SHOP } from "./contents.js";
import { picture } from "./pictures.js";
import type { State } from "./state.js";

/** What a website has of the widget: launchers, and a panel that is open. */
export const SITE_STATES: readonly State[] = [
  {
    name: "site-launchers",
    v1: SHOP,
    visit: async (site) => {
      await site.add("empty", { ...SHOP, suggested_questions: [] });
      await site.unread("empty", 3);
      await site.add("greeted", {
        chat: { title: "Advice" },
        trigger: { shape: "square", label: "Ask us", icon_url: picture("lamp") },
      });
      await site.add("transcript", {
        trigger: { position: "bottom-left" },
        suggested_questions: ["Where is my order?", "Do you deliver to Norway?"],
      });
    },
  },
  {
    name: "site-open",
    v1: SHOP,
    visit: async (site) => {
      await site.add("transcript", SHOP);
      await site.open("transcript");
    },
  },
  {
    name: "site-away",
    v1: SHOP,
    visit: async (site) => {
      await site.add("transcript", SHOP);
      site.isAway = true;
      await site.open("transcript");
    },
  },
];
