import { voice, type llm } from "@livekit/agents";
import type { ModelInput } from "./context/model-input.js";

/** The framework's agent, whose model gets what `ModelInput` makes of the talk. */
export class TalkAgent extends voice.Agent {
  constructor(
    options: voice.AgentOptions<unknown>,
    private readonly input: ModelInput,
  ) {
    super(options);
  }

  override async llmNode(
    chatCtx: llm.ChatContext,
    toolCtx: llm.ToolContext,
    settings: voice.ModelSettings,
  ): ReturnType<voice.Agent["llmNode"]> {
    const prepared = await this.input.prepare(chatCtx);
    return voice.Agent.default.llmNode(this, prepared, toolCtx, settings);
  }
}
