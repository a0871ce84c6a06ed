import { randomUUID } from "node:crypto";
import { llm } from "@livekit/agents";
import { z } from "zod";
import type { SafeFetcher } from "../../process/web/safe-fetch.js";
import type { AgentConfig } from "../../protocol/agent-config.js";
import type { ToolCall } from "../../protocol/worker-api.js";
import type { PanelTools } from "../panel-tools.js";
import { currentTime } from "./current-time.js";
import { ToolRefusal, type Tool } from "./tool.js";
import { webPage } from "./web-page.js";

type Entry = llm.ToolContextEntry;

export interface AgentToolsDependencies {
  readonly config: AgentConfig;
  readonly panel: Pick<PanelTools, "tools" | "call">;
  readonly fetcher: SafeFetcher;
  /** Notes a call for the transcript. */
  readonly record: (text: string, call: ToolCall) => void;
}

/**
 * Everything that the model of a version may call (contract section 7): its cards and forms, the time, web pages. What
 * is not in this list does not run, whatever a model names; what does not fit a tool's schema does not act.
 */
export function agentTools(deps: AgentToolsDependencies): Entry[] {
  const { time_tool: timeTool, retrieve_webpage: webPageTool } = deps.config.built_in_tools ?? {};
  const own = [
    ...(timeTool ? [currentTime(timeTool)] : []),
    ...(webPageTool ? [webPage(webPageTool, deps.fetcher)] : []),
  ];
  const shown = [...deps.panel.tools.values()].map(({ name, description, parameters }) =>
    llm.tool({
      name,
      description,
      parameters,
      execute: async (args: object) => {
        const { shown: isShown, error } = await deps.panel.call(name, args);
        if (error !== undefined) throw new llm.ToolError(error);
        return { shown: isShown };
      },
    }),
  );
  return [...shown, ...own.map((tool) => asFunctionTool(tool, deps.record))];
}

function asFunctionTool(tool: Tool, record: AgentToolsDependencies["record"]): Entry {
  const { name, description } = tool;
  return llm.tool({
    name,
    description,
    // Checked here and not by the framework: a refusal is noted, too.
    parameters: z.toJSONSchema(tool.parameters),
    execute: async (args: object, { abortSignal }) => {
      const call = { call_id: randomUUID(), name, arguments: args };
      try {
        const checked = tool.parameters.safeParse(args);
        if (!checked.success) throw new ToolRefusal(z.prettifyError(checked.error).slice(0, 1000));
        const { result, kept } = await tool.run(checked.data, abortSignal);
        record(`Called ${name}.`, { ...call, result: kept ?? result, error: null });
        return result;
      } catch (error) {
        const isOurs = error instanceof ToolRefusal;
        const reason = isOurs ? error.message : "The tool failed.";
        record(`${name} was refused.`, { ...call, result: null, error: reason });
        throw new llm.ToolError(reason);
      }
    },
  });
}
