import { DEFAULT_API_CONNECT_OPTIONS, llm, type APIConnectOptions } from "@livekit/agents";

/** What a model says next: words, or calls of tools with arguments as they come, broken ones too. */
export type Said = string | readonly { readonly name: string; readonly args: string }[];

interface ChatOptions {
  readonly chatCtx: llm.ChatContext;
  readonly toolCtx?: llm.ToolContextLike;
  readonly connOptions?: APIConnectOptions;
}

/** A language model that says what a test wants, and keeps everything that it was asked. */
export class ScriptedModel extends llm.LLM {
  /** The contexts that came, oldest first. */
  readonly asked: (readonly llm.ChatItem[])[] = [];
  /** The names of the tools that came with the last one. */
  tools: string[] = [];

  /** @param say by the context and how often it was asked before. */
  constructor(private readonly say: (items: readonly llm.ChatItem[], turn: number) => Said) {
    super();
  }

  label(): string {
    return "scripted";
  }

  override chat(options: ChatOptions): llm.LLMStream {
    const { chatCtx, toolCtx, connOptions = DEFAULT_API_CONNECT_OPTIONS } = options;
    const { items } = chatCtx.copy();
    this.tools = Object.keys(llm.toToolContext(toolCtx)?.functionTools ?? {});
    const said = this.say(items, this.asked.length);
    this.asked.push(items);
    return new ScriptedStream(this, { chatCtx, connOptions }, said);
  }
}

class ScriptedStream extends llm.LLMStream {
  constructor(
    model: ScriptedModel,
    options: { readonly chatCtx: llm.ChatContext; readonly connOptions: APIConnectOptions },
    private readonly said: Said,
  ) {
    super(model, options);
  }

  protected async run(): Promise<void> {
    const { said } = this;
    const id = crypto.randomUUID();
    if (typeof said === "string") {
      this.queue.put({ id, delta: { role: "assistant", content: said } });
      return;
    }
    const toolCalls = said.map((call, at) =>
      llm.FunctionCall.create({ callId: `${id}-${at}`, ...call }),
    );
    this.queue.put({ id, delta: { role: "assistant", toolCalls } });
  }
}
