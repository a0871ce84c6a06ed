import { cutText } from "../protocol/cut-text.js";
import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_API_CONNECT_OPTIONS, llm, type APIConnectOptions } from "@livekit/agents";
import type { AgentConfig } from "../protocol/agent-config.js";
import { TALK_DATA } from "./context/talk-data.js";
import { playedBack } from "./demo-speech.js";
import { Faq } from "./faq.js";
import type { PanelAnswer } from "./panel-tools.js";
import { cardTool, formTool } from "./panel-tools.js";

/** One sees how an answer streams, and it is no slower than one reads. */
const WORD_MS = 20;
const QUOTED_CHARACTERS = 300;
/** Where a message of ours keeps what the panel has answered. */
export const PANEL_ANSWER = "panel_answer";

const HONEST =
  "I am the demo agent: no language model is connected, so I answer from a list and reflect what I do not know.";

const COMPARISON = {
  title: "A sample comparison",
  items: [{ name: "Sample A" }, { name: "Sample B" }],
  rows: [
    { label: "Price", values: ["10", "14"] },
    { label: "Good for", values: ["every day", "special days"] },
  ],
};

const ORDER = {
  order_id: "SAMPLE-1",
  title: "A sample order",
  status: "On its way (this is sample data)",
  steps: [
    { label: "Ordered", state: "done" },
    { label: "Packed", state: "done" },
    { label: "On its way", state: "current" },
    { label: "Delivered", state: "pending" },
  ],
};

/** What the visitor may ask to see, and what is shown. The data is invented, and says so. */
const SAMPLES: readonly { asks: RegExp; tool: string; data: object; says: string }[] = [
  {
    asks: /\btrack(ing)?\b|\bwhere('s| is)\b.*\b(order|parcel|package)\b/i,
    tool: cardTool("order_tracker"),
    data: ORDER,
    says: "This is how an order looks here. It is a sample: no shop is connected to me.",
  },
  {
    asks: /\bcompar(e|ison|ing)\b/i,
    tool: cardTool("comparison"),
    data: COMPARISON,
    says: "This is how a comparison looks here. It is a sample with invented values.",
  },
];

const ASKS_FOR_FORM = /\b(show|open|fill)\b.*\bform\b|\bcall\s+(me|us)\b|\bcall\s*-?\s*back\b/i;

type Said = { readonly text: string } | { readonly tool: string; readonly data: object };

/** A language model's place is held by a list of answers: no key and no account, and it never pretends to be more. */
export class DemoModel extends llm.LLM {
  private readonly faq: Faq;
  private calls = 0;

  /** @param wordMs between two words. */
  constructor(
    private readonly config: AgentConfig,
    private readonly wordMs = WORD_MS,
  ) {
    super();
    this.faq = new Faq(config.faq ?? []);
  }

  label(): string {
    return "demo";
  }

  override get model(): string {
    return "demo";
  }

  override get provider(): string {
    return "parley";
  }

  chat({
    chatCtx,
    toolCtx,
    connOptions = DEFAULT_API_CONNECT_OPTIONS,
  }: {
    chatCtx: llm.ChatContext;
    toolCtx?: llm.ToolContextLike;
    connOptions?: APIConnectOptions;
  }): llm.LLMStream {
    const tools = llm.toToolContext(toolCtx)?.functionTools ?? {};
    const said = this.next(chatCtx, new Set(Object.keys(tools)));
    this.calls += 1;
    return new DemoStream(this, {
      chatCtx,
      connOptions,
      said,
      id: `demo-${this.calls}`,
      wordMs: this.wordMs,
    });
  }

  private next({ items }: llm.ChatContext, tools: ReadonlySet<string>): Said {
    const last = items.findLast(isSaid);
    if (last?.type === "function_call_output") return { text: afterTool(last) };
    if (last?.type !== "message" || last.role !== "user") return { text: this.hello() };
    const answer = last.extra[PANEL_ANSWER] as PanelAnswer | undefined;
    if (answer) return { text: afterAnswer(answer) };
    const message = last.textContent ?? "";
    const shown = this.show(message, tools);
    if (shown) return shown;
    const text = playedBack(message) ?? this.faq.find(message)?.answer ?? this.reflect(message);
    return { text: text + introduction(items) };
  }

  private show(message: string, tools: ReadonlySet<string>): Said | undefined {
    const [form] = this.config.built_in_tools?.forms ?? [];
    if (form && ASKS_FOR_FORM.test(message)) return { tool: formTool(form.id), data: {} };
    return SAMPLES.find(({ asks, tool }) => tools.has(tool) && asks.test(message));
  }

  private hello(): string {
    const [first] = this.config.faq ?? [];
    const question = first && /^[^?]*\?/.exec(first.question)?.[0];
    return `Hello! ${HONEST}${question ? ` You could ask me: “${question}”` : ""}`;
  }

  private reflect(message: string): string {
    const known = this.config.faq?.length ?? 0;
    const list = known > 0 ? " My list has no answer to that." : "";
    return `You wrote: “${quote(message)}”.${list}`;
  }
}

class DemoStream extends llm.LLMStream {
  constructor(
    model: DemoModel,
    private readonly options: {
      readonly chatCtx: llm.ChatContext;
      readonly connOptions: APIConnectOptions;
      readonly said: Said;
      readonly id: string;
      readonly wordMs: number;
    },
  ) {
    super(model, options);
  }

  protected async run(): Promise<void> {
    const { said, id, wordMs } = this.options;
    if ("tool" in said) {
      const call = { callId: id, name: said.tool, args: JSON.stringify(said.data) };
      this.queue.put({
        id,
        delta: { role: "assistant", toolCalls: [llm.FunctionCall.create(call)] },
      });
      return;
    }
    const { signal } = this.abortController;
    // Word by word, each with the space before it.
    for (const content of said.text.match(/\s*\S+/g) ?? []) {
      if (signal.aborted) return;
      this.queue.put({ id, delta: { role: "assistant", content } });
      await delay(wordMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Nobody said what is known about a talk. */
function isSaid(item: llm.ChatItem): boolean {
  if (item.type === "message") return item.extra[TALK_DATA] === undefined;
  return item.type === "function_call_output";
}

/** Once in a talk, where the greeting did not say it. */
function introduction(items: readonly llm.ChatItem[]): string {
  const told = items.some(
    (item) =>
      item.type === "message" &&
      item.role === "assistant" &&
      /\bdemo\b/i.test(item.textContent ?? ""),
  );
  return told ? "" : ` ${HONEST}`;
}

function afterTool({ name, output, isError }: llm.FunctionCallOutput): string {
  if (isError) return output;
  return SAMPLES.find(({ tool }) => tool === name)?.says ?? "Please fill in this form.";
}

function afterAnswer({ given }: PanelAnswer): string {
  if ("dismissed" in given) return "";
  if ("action" in given) return `You chose “${quote(given.action)}”.`;
  const lines = Object.entries(given.values).map(
    ([id, value]) => `- ${id}: ${quote(typeof value === "string" ? value : JSON.stringify(value))}`,
  );
  const list = lines.length === 0 ? "" : `\n\n${lines.join("\n")}`;
  return `Thank you. I have noted it in this conversation; nobody else is told by the demo.${list}`;
}

function quote(text: string): string {
  const plain = text.replaceAll(/\s+/g, " ").trim();
  return plain.length > QUOTED_CHARACTERS ? `${cutText(plain, QUOTED_CHARACTERS)}…` : plain;
}
