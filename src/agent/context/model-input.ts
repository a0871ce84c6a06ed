import { llm } from "@livekit/agents";
import { MAX_CALL_BYTES } from "../../protocol/limits.js";
import type { Memory } from "./memory.js";
import { block, TALK_DATA, talkData, type TalkFacts } from "./talk-data.js";

export interface ModelInputOptions {
  readonly facts: TalkFacts;
  /** See `newDataTag`. */
  readonly dataTag: string;
  readonly memory: Memory;
  /** What the visitor shows at this moment. */
  readonly picture: () => Promise<llm.ImageContent | undefined>;
}

/**
 * What goes to the model with each turn: its instructions, what is known as data in a message of the role `user`, what
 * was said as far as it fits, and what the visitor shows now. None of it stays in the talk's history.
 */
export class ModelInput {
  constructor(private readonly options: ModelInputOptions) {}

  async prepare(context: llm.ChatContext): Promise<llm.ChatContext> {
    const { facts, dataTag, memory, picture } = this.options;
    const instructions = context.items.filter(isInstruction);
    const { summary, items } = await memory.fit(context.items.flatMap(said));
    const data = talkData(facts, dataTag);
    if (summary !== "") data.push(block(dataTag, "the talk so far, summarised", summary));
    // Some models' templates ask for a message of the visitor's.
    if (items.every(({ type }) => type !== "message"))
      data.push(block(dataTag, "the talk", "The visitor is here and has said nothing yet."));
    const about = data.length === 0 ? [] : [dataMessage(data)];
    return new llm.ChatContext([...instructions, ...about, ...withPicture(items, await picture())]);
  }
}

/** Of the talk itself; what the framework notes for itself, and arguments too long to act, stay out. */
function said(item: llm.ChatItem): llm.ChatItem[] {
  if (isInstruction(item)) return [];
  if (item.type === "message" || item.type === "function_call_output") return [item];
  if (item.type !== "function_call") return [];
  const isLong = Buffer.byteLength(item.args) > MAX_CALL_BYTES;
  return [isLong ? llm.FunctionCall.create({ ...item, args: "{}" }) : item];
}

function isInstruction(item: llm.ChatItem): boolean {
  return item.type === "message" && (item.role === "system" || item.role === "developer");
}

/** A system message is obeyed; this one is read. */
function dataMessage(blocks: readonly string[]): llm.ChatMessage {
  const content = blocks.join("\n");
  return llm.ChatMessage.create({
    role: "user",
    content,
    createdAt: 0,
    extra: { [TALK_DATA]: true },
  });
}

/** With the visitor's last message; the message of the history stays as it is. */
function withPicture(
  items: readonly llm.ChatItem[],
  picture: llm.ImageContent | undefined,
): readonly llm.ChatItem[] {
  const at = items.findLastIndex((item) => item.type === "message" && item.role === "user");
  const last = items[at];
  if (!picture || last?.type !== "message") return items;
  const shown = llm.ChatMessage.create({ ...last, content: [...last.content, picture] });
  return items.with(at, shown);
}
