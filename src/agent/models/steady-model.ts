import { setTimeout as delay } from "node:timers/promises";
import { APIStatusError, llm } from "@livekit/agents";
import type { Logger } from "pino";
import type { ModelEndpoint } from "../../process/model-settings.js";
import { MAX_TURN_CHARACTERS } from "../../protocol/limits.js";
import type { TurnError } from "../../protocol/worker-api.js";
import type { Sentences } from "../sentences.js";
import { APOLOGY, TROUBLE, troubleOf } from "./trouble.js";

/** How long a visitor waits for what, in milliseconds. */
interface Patience {
  /** For the first word where another model can be asked instead, and between two words. */
  readonly silenceMs: number;
  /** From a question to the first word of an answer or of an apology, whatever tools run meanwhile. */
  readonly firstWordMs: number;
  /** Before the same server is asked again. */
  readonly retryMs: number;
  /** For a whole answer: what never ends is ended. */
  readonly answerMs: number;
}

const PATIENCE: Patience = {
  silenceMs: 5_000,
  firstWordMs: 9_000,
  retryMs: 500,
  answerMs: 60_000,
};
/** With less time left no model is asked. */
const WORTH_ASKING_MS = 100;
/** Whoever is asked again is asked by us. */
const NO_RETRIES = { maxRetry: 0, retryIntervalMs: 0 };

/** Failures that the same server may not repeat at once. */
const PASSING: ReadonlySet<TurnError> = new Set([
  "rate_limited",
  "server_error",
  "bad_answer",
  "cut_off",
]);

type ChatOptions = Parameters<llm.LLM["chat"]>[0];

interface SteadyOptions {
  readonly first: ModelEndpoint;
  readonly fallback: ModelEndpoint | undefined;
  /** A client of the server; a new one for each request, since a client tells of failures only as a whole. */
  readonly connect: (endpoint: ModelEndpoint) => llm.LLM;
  /** What goes with each request to it. */
  readonly parameters: (endpoint: ModelEndpoint) => Record<string, unknown>;
  /** What is said where there is no answer. */
  readonly sentences: Sentences;
  readonly log: Logger;
  readonly patience?: Patience;
}

/**
 * A model that always answers, if only with an apology: where the first one fails or stays silent the fallback is
 * asked, or the same one again. What went wrong is marked in the answer (`TROUBLE`) and logged in fixed words.
 * The framework's own adapter asks a failed model the visitor's question again in the background, logs what was said,
 * and has no bound for a stream that falls silent.
 */
export class SteadyModel extends llm.LLM {
  readonly patience: Patience;
  /** When the question came that is worked on, with all steps of its tools. */
  private since: number | undefined;

  constructor(readonly options: SteadyOptions) {
    super();
    this.patience = options.patience ?? PATIENCE;
  }

  label(): string {
    return "model";
  }

  override get model(): string {
    return this.options.first.model;
  }

  override get provider(): string {
    return new URL(this.options.first.baseUrl).host;
  }

  chat(options: ChatOptions): llm.LLMStream {
    if (!isSilentStep(options.chatCtx)) this.since = undefined;
    this.since ??= performance.now();
    return new SteadyStream(this, options, this.since + this.patience.firstWordMs);
  }

  protected override async _prewarmImpl(): Promise<void> {
    this.options.connect(this.options.first).prewarm();
  }
}

/** How the stream of one server ended. */
type Ending = "whole" | "interrupted" | "too_long" | TurnError;

class SteadyStream extends llm.LLMStream {
  private readonly id = `answer-${crypto.randomUUID()}`;
  /** A word has gone out: the visitor no longer waits. */
  private isBegun = false;
  private hasCalledTool = false;
  private characters = 0;
  private readonly overAt: number;

  /** @param deadline when the first word must be out, by `performance.now()`. */
  constructor(
    private readonly steady: SteadyModel,
    private readonly asked: ChatOptions,
    private readonly deadline: number,
  ) {
    const connOptions = { ...NO_RETRIES, timeoutMs: steady.patience.answerMs };
    super(steady, { ...asked, connOptions });
    this.overAt = performance.now() + steady.patience.answerMs;
  }

  /** Never throws: the framework counts failures, and ends the talk. */
  protected async run(): Promise<void> {
    const { first, fallback, sentences } = this.steady.options;
    let trouble = await this.attempt(first, fallback !== undefined);
    if (trouble && (fallback || (await this.mayRetry(trouble)))) {
      if (this.isBegun) this.say(sentences.onceMore, "cut_off");
      else if (fallback) this.mark("fallback");
      trouble = await this.attempt(fallback ?? first, false);
    }
    if (!trouble) return;
    if (this.isBegun) return this.say(sentences.cutShort, "cut_off");
    this.say(trouble === "tool_loop" ? sentences.tooHard : sentences.sorry, trouble, {
      [APOLOGY]: true,
    });
  }

  /** @returns what went wrong, if that is to be mended. */
  private async attempt(
    endpoint: ModelEndpoint,
    hasOther: boolean,
  ): Promise<TurnError | undefined> {
    const { connect, parameters, log } = this.steady.options;
    const waitMs = this.waitMs(hasOther);
    if (waitMs < WORTH_ASKING_MS) return isSilentStep(this.asked.chatCtx) ? "tool_loop" : "timeout";
    const client = connect(endpoint);
    let failure: unknown;
    client.on("error", ({ error }) => {
      failure = error;
    });
    const stream = client.chat({
      ...this.asked,
      chatCtx: withoutApologies(this.asked.chatCtx),
      connOptions: { ...NO_RETRIES, timeoutMs: Math.ceil(waitMs) },
      extraKwargs: { ...this.asked.extraKwargs, ...parameters(endpoint) },
    });
    const ending = await this.pass(stream, waitMs, () => failure);
    if (ending === "whole" || ending === "interrupted") return undefined;
    const trouble = this.isBegun || ending === "too_long" ? "cut_off" : ending;
    const status = failure instanceof APIStatusError ? failure.statusCode : undefined;
    const server = new URL(endpoint.baseUrl).host;
    log.warn({ server, model: endpoint.model, trouble, status }, "the language model failed");
    // What it has asked for will be done, and it goes on from there.
    if (!this.hasCalledTool && ending !== "too_long") return trouble;
    this.mark("cut_off");
    return undefined;
  }

  /** Hands on what comes, for as long as it may. */
  private async pass(
    stream: llm.LLMStream,
    waitMs: number,
    failure: () => unknown,
  ): Promise<Ending> {
    const { signal } = this.abortController;
    let ending: Ending | undefined;
    const end = (why: Ending) => (): void => {
      ending ??= why;
      stream.close();
    };
    const interrupt = end("interrupted");
    if (signal.aborted) interrupt();
    signal.addEventListener("abort", interrupt);
    const limit = setTimeout(end("too_long"), this.overAt - performance.now());
    let silence = setTimeout(end("timeout"), waitMs);
    let isAnswer = false;
    let isCounted = false;
    let isBarredTool = false;
    for await (const chunk of stream) {
      if (ending) break;
      isCounted ||= chunk.usage !== undefined;
      if (chunk.delta?.toolCalls?.length && this.asked.toolChoice === "none") {
        isBarredTool = true;
        continue;
      }
      if (llm.hasResponse(chunk)) {
        isAnswer = true;
        clearTimeout(silence);
        silence = setTimeout(end("timeout"), this.steady.patience.silenceMs);
      }
      this.forward(chunk);
      if (this.characters > MAX_TURN_CHARACTERS) end("too_long")();
    }
    clearTimeout(silence);
    clearTimeout(limit);
    signal.removeEventListener("abort", interrupt);
    if (ending) return ending;
    const error = failure();
    if (error) return troubleOf(error);
    if (isAnswer) return "whole";
    if (isBarredTool) return "tool_loop";
    // After a tool there may be nothing left to say, if the server says that this was all.
    return isCounted && isStep(this.asked.chatCtx) ? "whole" : "bad_answer";
  }

  private forward(chunk: llm.ChatChunk): void {
    const { content = "", toolCalls = [] } = chunk.delta ?? {};
    this.isBegun ||= /\S/.test(content);
    this.hasCalledTool ||= toolCalls.length > 0;
    this.characters += content.length;
    this.queue.put(chunk);
  }

  private say(content: string, trouble: TurnError, more: Record<string, unknown> = {}): void {
    const extra = { [TROUBLE]: trouble, ...more };
    this.queue.put({ id: this.id, delta: { role: "assistant", content, extra } });
  }

  private mark(trouble: TurnError): void {
    this.queue.put({ id: this.id, delta: { role: "assistant", extra: { [TROUBLE]: trouble } } });
  }

  /** Whoever is silent longer has failed. */
  private waitMs(hasOther: boolean): number {
    const { silenceMs } = this.steady.patience;
    if (this.isBegun) return silenceMs;
    return Math.min(this.deadline - performance.now(), hasOther ? silenceMs : Infinity);
  }

  private async mayRetry(trouble: TurnError): Promise<boolean> {
    const { retryMs } = this.steady.patience;
    if (!PASSING.has(trouble) || this.waitMs(false) < retryMs + WORTH_ASKING_MS) return false;
    await delay(retryMs, undefined, { signal: this.abortController.signal }).catch(() => undefined);
    return !this.abortController.signal.aborted;
  }
}

/** Whether a tool has just answered. */
function isStep({ items }: llm.ChatContext): boolean {
  const last = items.findLast(({ type }) => type === "message" || type === "function_call_output");
  return last?.type === "function_call_output";
}

/** Whether tools have run since the question, and no word was said yet. */
function isSilentStep(context: llm.ChatContext): boolean {
  if (!isStep(context)) return false;
  const last = context.items.findLast(
    (item) =>
      item.type === "message" &&
      (item.role === "user" || (item.role === "assistant" && item.textContent?.trim())),
  );
  return last?.type !== "message" || last.role === "user";
}

/** What we said in a model's place is nothing that it said. */
function withoutApologies({ items }: llm.ChatContext): llm.ChatContext {
  return new llm.ChatContext(
    items.filter((item) => item.type !== "message" || item.extra[APOLOGY] !== true),
  );
}
