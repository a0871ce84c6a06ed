/** How one request is answered. Empty: some words. */
export interface Script {
  readonly text?: string;
  readonly toolCalls?: readonly {
    readonly name: string;
    /** A text goes out as it is, broken or not. */
    readonly arguments?: object | string;
  }[];
  /** An HTTP error in place of an answer. */
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  /** Where a status of 3xx sends the client. */
  readonly location?: string;
  /**
   * `silence`: nothing, ever. `mute`: a stream without words. `garbage`: bytes that are no stream. `broken`: a stream of
   * what is no JSON. `endless`: the words
   * again and again.
   */
  readonly fault?: "silence" | "mute" | "garbage" | "broken" | "endless";
  /** The connection breaks after so many pieces. */
  readonly cutAfter?: number;
  /** Before the answer's headers, before its first word, and after each. */
  readonly headersMs?: number;
  readonly firstWordMs?: number;
  readonly wordMs?: number;
}

/** A request for a chat, as far as scripts look into it. */
export interface ChatBody {
  readonly model?: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages?: readonly {
    readonly role: string;
    readonly content?: unknown;
    readonly tool_calls?: readonly object[];
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly tool_choice?: unknown;
}

interface Delta {
  readonly role?: "assistant";
  readonly content?: string;
  readonly tool_calls?: readonly object[];
}

interface Chunk {
  readonly choices: readonly { readonly delta: Delta; readonly finish_reason: string | null }[];
  readonly usage?: object;
}

/** A scripted answer in the pieces of a stream: a word each. */
export function chatChunks(script: Script, body: ChatBody): Chunk[] {
  const { toolCalls = [], text = toolCalls.length === 0 ? "These words are scripted." : "" } =
    script;
  const words = text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
  const calls = toolCalls.map(({ name, arguments: args = {} }, index) => ({
    index,
    id: `call_${crypto.randomUUID()}`,
    type: "function",
    function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
  }));
  const deltas: Delta[] = [
    ...words.map((content) => ({ content })),
    ...calls.map((call) => ({ tool_calls: [call] })),
  ];
  const usage = {
    prompt_tokens: Math.ceil(JSON.stringify(body.messages ?? []).length / 4),
    completion_tokens: words.length + calls.length,
    total_tokens: 0,
  };
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  const frame = { id: "chatcmpl-scripted", object: "chat.completion.chunk", model: body.model };
  const piece = (delta: Delta, finish: string | null): Chunk => ({
    ...frame,
    choices: [{ delta, finish_reason: finish }],
  });
  const withUsage = !body.stream || body.stream_options?.include_usage === true;
  return [
    ...deltas.map((delta, at) => piece(at === 0 ? { role: "assistant", ...delta } : delta, null)),
    piece({}, calls.length === 0 ? "stop" : "tool_calls"),
    ...(withUsage ? [{ ...frame, choices: [], usage }] : []),
  ];
}

/** What a command in the user's message does. */
const COMMANDS: readonly (readonly [pattern: RegExp, script: (rest: string) => Script])[] = [
  [/!slow (\d+)/, (ms) => ({ text: "That took a while.", firstWordMs: Number(ms) })],
  [/!status (\d+)/, (status) => ({ status: Number(status), retryAfterSeconds: 1 })],
  [/!silence/, () => ({ fault: "silence" })],
  [/!mute/, () => ({ fault: "mute" })],
  [/!garbage/, () => ({ fault: "garbage" })],
  [/!endless/, () => ({ text: "And so on and on. ", fault: "endless" })],
  [/!cut/, () => ({ text: "This sentence is never heard whole.", cutAfter: 3, wordMs: 50 })],
  // Its name, and its arguments word for word: `!tool show_info_widget {"title":"Hi"}`.
  [/!tool (\S+ ?.*)/s, toolScript],
  // Again and again, whatever it is answered.
  [/!loop (\S+ ?.*)/s, toolScript],
];

/** Answers what the user's last message commands; else it says the message back. */
export function obeyed({ messages = [] }: ChatBody): Script {
  const last = messages.findLast(({ role }) => role === "user");
  const words = textOf(last?.content);
  const isAnswered = messages.at(-1)?.role === "tool";
  if (isAnswered && !words.includes("!loop")) {
    return { text: `The tool answered: ${textOf(messages.at(-1)?.content)}` };
  }
  for (const [pattern, script] of COMMANDS) {
    const found = pattern.exec(words);
    if (found) return script(found[1] ?? "");
  }
  return { text: words === "" ? "Hello, this is scripted." : `You wrote: ${words}` };
}

function toolScript(call: string): Script {
  const [, name = "", args = ""] = /^(\S+) ?(.*)$/s.exec(call) ?? [];
  return { toolCalls: [{ name, arguments: args.trim() || {} }] };
}

/** A message's words: its content is a text, or a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: string }) => part.text ?? "").join(" ");
}
