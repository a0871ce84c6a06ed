import type { Row } from "../row.js";
import { visits } from "./public-reads.js";
import { conversations, starts } from "./writes.js";

/**
 * What two instances on one database do with a second of processor time, beside one of them alone. Each
 * is asked equally often, and less than a machine of two cores can do: what has no processor to run on
 * answers one request at a time, and pays for each what it otherwise pays for several.
 */
export const twoInstances: Row = {
  name: "two-instances",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    const program = await stage.parley();
    const beside = await stage.startParley("postgres");
    const view = `/core/public/web-widgets/${widgetId}`;
    const asked = [
      { path: "GET /core/public/web-widgets/{id}", perSecond: 60, requests: () => visits(view) },
      {
        path: "start a conversation",
        perSecond: 3,
        requests: () => starts(conversations(widgetId)),
      },
    ];
    return asked.map(({ path, ...alike }) => ({
      path: `${path}, by two instances`,
      bar: 0.85,
      byProcessor: true,
      ours: { program, beside, ...alike },
      baseline: { program, ...alike },
    }));
  },
};
