import { Faq } from "./faq.js";
import type { Brain, BrainContext, Reply, Utterance } from "./brain.js";
import { cardTool, formTool, type PanelAnswer } from "./panel-tools.js";

/** One sees how an answer streams, and it is no slower than one reads. */
const WORD_MS = 20;
const QUOTED_CHARACTERS = 300;

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

/** Answers without any model, key or account, and never pretends to be more. */
export class DemoBrain implements Brain {
  private readonly faq: Faq;
  private introduced: boolean;

  /** @param wordMs between two words. */
  constructor(
    private readonly context: BrainContext,
    private readonly wordMs = WORD_MS,
  ) {
    this.faq = new Faq(context.config.faq ?? []);
    this.introduced = context.resumed;
  }

  greet(signal: AbortSignal): Reply | undefined {
    const startingMessage = this.context.config.starting_message;
    if (startingMessage?.type === "user_initiates") return undefined;
    if (this.context.resumed) {
      return this.say("Welcome back. We can go on where we stopped.", signal);
    }
    this.introduced = true;
    if (startingMessage?.type === "bot_initiates_static") {
      const honest = /\bdemo\b/i.test(startingMessage.text) ? "" : ` ${HONEST}`;
      return this.say(startingMessage.text + honest, signal);
    }
    // A prompt for a greeting needs a model, and is not meant for a visitor's eyes.
    return this.say(`Hello! ${HONEST}${this.topics()}`, signal);
  }

  answer(message: string, signal: AbortSignal): Reply {
    return { text: this.answerTo(message, signal) };
  }

  async transcribe({ seconds }: Utterance): Promise<string> {
    return `(voice, ${seconds.toFixed(1)} seconds; the demo agent cannot tell the words)`;
  }

  answerSpeech({ seconds, samples }: Utterance, _words: string, signal: AbortSignal): Reply {
    const honest = this.introduction();
    const caption = `You said (played back): ${seconds.toFixed(1)} seconds of sound.${honest}`;
    return { ...this.say(caption, signal), samples };
  }

  receive({ given }: PanelAnswer, signal: AbortSignal): Reply | undefined {
    if ("dismissed" in given) return undefined;
    if ("action" in given) return this.say(`You chose “${quote(given.action)}”.`, signal);
    const lines = Object.entries(given.values).map(
      ([id, value]) =>
        `- ${id}: ${quote(typeof value === "string" ? value : JSON.stringify(value))}`,
    );
    const list = lines.length === 0 ? "" : `\n\n${lines.join("\n")}`;
    return this.say(
      `Thank you. I have noted it in this conversation; nobody else is told by the demo.${list}`,
      signal,
    );
  }

  private async *answerTo(message: string, signal: AbortSignal): AsyncIterable<string> {
    const honest = this.introduction();
    const shown = await this.show(message);
    const text = shown ?? this.faq.find(message)?.answer ?? this.reflect(message);
    yield* this.stream(text + honest, signal);
  }

  /** @returns what to say about what was shown; undefined when nothing was asked for. */
  private async show(message: string): Promise<string | undefined> {
    const { config, panel } = this.context;
    const [form] = config.built_in_tools?.forms ?? [];
    if (form && ASKS_FOR_FORM.test(message)) {
      const { error } = await panel.call(formTool(form.id), {});
      return error ?? "Please fill in this form.";
    }
    const sample = SAMPLES.find(({ asks, tool }) => panel.tools.has(tool) && asks.test(message));
    if (!sample) return undefined;
    const { error } = await panel.call(sample.tool, sample.data);
    return error ?? sample.says;
  }

  private reflect(message: string): string {
    const known = this.context.config.faq?.length ?? 0;
    const list = known > 0 ? " My list has no answer to that." : "";
    return `You wrote: “${quote(message)}”.${list}`;
  }

  /** Once in a talk, for configs whose greeting did not say it. */
  private introduction(): string {
    if (this.introduced) return "";
    this.introduced = true;
    return ` ${HONEST}`;
  }

  private topics(): string {
    const [first] = this.context.config.faq ?? [];
    const question = first && /^[^?]*\?/.exec(first.question)?.[0];
    return question ? ` You could ask me: “${question}”` : "";
  }

  private say(text: string, signal: AbortSignal): Reply {
    return { text: this.stream(text, signal) };
  }

  /** Word by word, each with the space before it. */
  private async *stream(text: string, signal: AbortSignal): AsyncIterable<string> {
    for (const word of text.match(/\s*\S+/g) ?? []) {
      if (signal.aborted) return;
      yield word;
      await new Promise((resolve) => {
        setTimeout(resolve, this.wordMs);
      });
    }
  }
}

function quote(text: string): string {
  const plain = text.trim();
  return plain.length > QUOTED_CHARACTERS ? `${plain.slice(0, QUOTED_CHARACTERS)}…` : plain;
}
