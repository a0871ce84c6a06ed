import type { Row } from "../row.js";
import { visits } from "./public-reads.js";
import { conversations, starts } from "./writes.js";

/** What two instances on one database do with a second of processor time, beside one of them alone. */
export const twoInstances: Row = {
  name: "two-instances",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    const program = await stage.parley();
    const beside = await stage.startParley("postgres");
    const asked = {
      "GET /core/public/web-widgets/{id}": () => visits(`/core/public/web-widgets/${widgetId}`),
      "start a conversation": () => starts(conversations(widgetId)),
    };
    return Object.entries(asked).map(([path, requests]) => ({
      path: `${path}, by two instances`,
      bar: 0.85,
      byProcessor: true,
      ours: { program, beside, requests },
      baseline: { program, requests },
    }));
  },
};
