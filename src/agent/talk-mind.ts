import type { llm, voice } from "@livekit/agents";
import type { Logger } from "pino";
import { SafeFetcher } from "../process/web/safe-fetch.js";
import type { ToolCall } from "../protocol/worker-api.js";
import { Memory } from "./context/memory.js";
import { ModelInput } from "./context/model-input.js";
import { newDataTag } from "./context/talk-data.js";
import { DemoModel } from "./demo-model.js";
import type { PanelTools } from "./panel-tools.js";
import { personaOf, type Persona } from "./persona.js";
import type { Job } from "./platform-client.js";
import { TalkAgent } from "./talk-agent.js";
import { agentTools } from "./tools/agent-tools.js";

const USER_AGENT = "ParleyAgent/1.0 (reads pages that a website's assistant is asked about)";

export interface TalkMindDependencies {
  readonly job: Pick<
    Job,
    | "config"
    | "userId"
    | "userVerified"
    | "identityMetadata"
    | "formValues"
    | "page"
    | "summaryOfEarlier"
  >;
  readonly model: llm.LLM;
  readonly panel: Pick<PanelTools, "tools" | "call">;
  /** What the visitor shows at this moment. */
  readonly picture: () => Promise<llm.ImageContent | undefined>;
  /** Notes a tool's call for the transcript. */
  readonly record: (text: string, call: ToolCall) => void;
  readonly log: Pick<Logger, "warn">;
  /** Of web pages; the agent's own unless told. */
  readonly fetcher?: SafeFetcher;
}

/** Who an agent version is in one talk: what it is told, what it may do, and what it knows (contract section 7). */
export class TalkMind {
  readonly persona: Persona;
  private readonly input: ModelInput;
  private readonly tools: llm.ToolContextEntry[];

  constructor({ job, model, picture, log, ...deps }: TalkMindDependencies) {
    const dataTag = newDataTag();
    this.persona = personaOf(job.config, dataTag);
    this.tools = agentTools({
      config: job.config,
      panel: deps.panel,
      fetcher: deps.fetcher ?? new SafeFetcher({ userAgent: USER_AGENT }),
      record: deps.record,
    });
    this.input = new ModelInput({
      facts: {
        userId: job.userId,
        isVerified: job.userVerified,
        identityMetadata: job.identityMetadata,
        formValues: job.formValues,
        page: job.page,
      },
      dataTag,
      // The demo reads the last message alone.
      memory: new Memory({
        model: model instanceof DemoModel ? undefined : model,
        earlier: job.summaryOfEarlier ?? "",
        log,
      }),
      picture,
    });
  }

  /** @param options what it hears and speaks with, and what has been said. */
  agent(options: Omit<voice.AgentOptions<unknown>, "instructions" | "tools">): voice.Agent {
    const { persona, tools, input } = this;
    return new TalkAgent({ ...options, instructions: persona.instructions, tools }, input);
  }
}
