import { z } from "zod";
import { isTimeZone } from "../../protocol/agent-behaviour.js";
import type { AgentConfig } from "../../protocol/agent-config.js";
import { ToolRefusal, type Tool } from "./tool.js";

type TimeTool = NonNullable<NonNullable<AgentConfig["built_in_tools"]>["time_tool"]>;

const parameters = z.object({
  timezone: z.string().max(100).optional().describe("IANA time zone, as Europe/Berlin."),
});

/** `get_current_time` (contract section 7). */
export function currentTime(timeTool: TimeTool, now: () => Date = () => new Date()): Tool {
  const stored = timeTool.default_timezone ?? "";
  const usual = isTimeZone(stored) ? stored : "UTC";
  return {
    name: "get_current_time",
    description: `Tells the date and the time, in ${usual} unless another time zone is named.`,
    parameters,
    run: async (args) => {
      const { timezone = usual } = parameters.parse(args);
      if (!isTimeZone(timezone))
        throw new ToolRefusal("There is no such time zone. Name one of IANA's, as Europe/Berlin.");
      const at = now();
      const local = at.toLocaleString("en-GB", {
        timeZone: timezone,
        dateStyle: "full",
        timeStyle: "long",
      });
      return { result: { timezone, local, utc: at.toISOString() } };
    },
  };
}
