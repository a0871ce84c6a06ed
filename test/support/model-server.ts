import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chatChunks, obeyed, type ChatBody, type Script } from "./model-script.js";

/** Something that was asked of the server. */
export interface ModelRequest {
  /** Below the base URL: `/chat/completions`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** A form's text fields too, and of its file the bytes. */
  readonly body: ChatBody & Readonly<Record<string, unknown>>;
  /** Everything as it came, to be searched for what must not be in it. */
  readonly raw: string;
  readonly at: number;
  /** When the first word of the answer left. */
  firstWordAt?: number;
  /** The client went before the answer was whole. */
  isBrokenOff: boolean;
}

const ARRIVAL_MS = 50;
const SAMPLE_RATE = 24_000;
/** A tenth of a second. */
const PIECE_BYTES = SAMPLE_RATE / 5;
/** A second of speech for so many characters, about as people speak. */
const CHARACTERS_A_SECOND = 15;

/**
 * A server that speaks OpenAI's API and misbehaves on command: chat completions in a stream or whole, with tools and
 * usage, transcriptions, speech, and the list of models. It records what it is asked.
 *
 * What it answers is the next script of the queue, else what `answer` makes of the request, else what the user's
 * message commands (`obeyed`): "!cut" and the like, so that a person at the panel can see every fault.
 */
export class ModelServer {
  readonly requests: ModelRequest[] = [];
  /** Asked when the queue is empty. */
  answer: (body: ChatBody) => Script = obeyed;
  /** What is heard in the next sounds; else the same words each time. */
  readonly transcripts: (string | Script)[] = [];
  /** How long hearing and speaking take, and how they fail. */
  hearing: Script = {};
  speaking: Script = {};
  private readonly queue: Script[] = [];
  private readonly summaries: Script[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    /** The base URL, which ends in `/v1`. */
    readonly url: string,
  ) {}

  /** @param port a free one unless it is said. */
  static async start(port = 0): Promise<ModelServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    const { port: own } = server.address() as AddressInfo;
    const models = new ModelServer(server, `http://127.0.0.1:${own}/v1`);
    server.on("request", (req, res) => {
      models.serve(req, res).catch(() => res.destroy());
    });
    return models;
  }

  /** For a platform or a worker that shall use it. */
  environment(): Record<"LLM_BASE_URL" | "LLM_API_KEY" | "LLM_MODEL", string> {
    return { LLM_BASE_URL: this.url, LLM_API_KEY: "sk-for-tests-only", LLM_MODEL: "scripted" };
  }

  speechEnvironment(): Record<"STT_MODEL" | "TTS_MODEL", string> {
    return { STT_MODEL: "ears", TTS_MODEL: "mouth" };
  }

  /** What the next chats are answered with, in this order. */
  say(...scripts: readonly (string | Script)[]): void {
    this.queue.push(...scripts.map((one) => (typeof one === "string" ? { text: one } : one)));
  }

  /** As `say`, for what is not asked as a stream: the platform's, who wants a summary when a talk is over. */
  summarize(...scripts: readonly (string | Script)[]): void {
    this.summaries.push(...scripts.map((one) => (typeof one === "string" ? { text: one } : one)));
  }

  /** What was to be said next is not said. */
  forget(): void {
    this.queue.length = 0;
    this.summaries.length = 0;
  }

  /** The chats that were asked for, oldest first. */
  get chats(): readonly ModelRequest[] {
    return this.requests.filter(({ path }) => path === "/chat/completions");
  }

  /** Resolves with the first request that fits, also one that has been. */
  async until(fits: (request: ModelRequest) => boolean): Promise<ModelRequest> {
    for (;;) {
      const found = this.requests.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? "").replace(/^\/v1|\?.*$/g, "");
    const { raw, body } = await readBody(req);
    const { headers } = req;
    const request: ModelRequest = {
      path,
      headers,
      body,
      raw: `${JSON.stringify(headers)}\n${raw}`,
      at: performance.now(),
      isBrokenOff: false,
    };
    res.once("close", () => {
      request.isBrokenOff = !res.writableFinished;
    });
    this.requests.push(request);
    for (const wake of this.waiting) wake();
    this.waiting.clear();
    switch (path) {
      case "/models":
        return sendJson(res, { object: "list", data: [{ id: "scripted", object: "model" }] });
      case "/chat/completions":
        return this.chat(request, res);
      case "/audio/transcriptions":
        return this.transcribe(res);
      case "/audio/speech":
        return this.speak(body, res);
      default:
        return sendError(res, 404, "No such path.");
    }
  }

  private async chat(request: ModelRequest, res: ServerResponse): Promise<void> {
    const { body } = request;
    const script = (body.stream ? this.queue : this.summaries).shift() ?? this.answer(body);
    if (await refuses(script, res)) return;
    const chunks = chatChunks(script, body);
    if (!body.stream) {
      return sendJson(res, wholeAnswer(chunks, body));
    }
    res.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    res.flushHeaders();
    if (script.fault === "garbage") {
      res.end(Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * 7919) % 256)));
      return;
    }
    await pause(script.firstWordMs, res);
    if (script.fault === "mute") return;
    if (script.fault === "broken") return void res.end('data: {"choices": sk-for-tests-only\n\n');
    let sent = 0;
    do {
      for (const chunk of chunks) {
        if (res.destroyed) return;
        if (sent === script.cutAfter) {
          // What is still on its way would be lost with the connection.
          await delay(ARRIVAL_MS);
          return void res.destroy();
        }
        request.firstWordAt ??= performance.now();
        if (!res.write(`data: ${JSON.stringify(chunk)}\n\n`)) await drained(res);
        sent += 1;
        await pause(script.wordMs, res);
      }
      // One that never ends gives way to its clients, who are in this process too.
      if (script.fault === "endless") await delay(1);
    } while (script.fault === "endless" && !res.destroyed);
    res.end("data: [DONE]\n\n");
  }

  private async transcribe(res: ServerResponse): Promise<void> {
    const next = this.transcripts.shift() ?? "These are the words that the server hears.";
    const script = { ...this.hearing, ...(typeof next === "string" ? { text: next } : next) };
    if (await refuses(script, res)) return;
    await pause(script.firstWordMs, res);
    sendJson(res, { text: script.text });
  }

  /** A voice without words: a tone that rises and falls, of about the length that the words would have. */
  private async speak(body: Readonly<Record<string, unknown>>, res: ServerResponse): Promise<void> {
    if (await refuses(this.speaking, res)) return;
    await pause(this.speaking.firstWordMs, res);
    const seconds = Math.max(0.2, String(body["input"] ?? "").length / CHARACTERS_A_SECOND);
    const samples = new Int16Array(Math.round(seconds * SAMPLE_RATE));
    for (let at = 0; at < samples.length; at += 1) {
      const loudness = 8000 * Math.abs(Math.sin((at / SAMPLE_RATE) * Math.PI * 4));
      samples[at] = Math.round(loudness * Math.sin((at / SAMPLE_RATE) * 2 * Math.PI * 180));
    }
    res.writeHead(200, { "content-type": "application/octet-stream" });
    const sound = Buffer.from(samples.buffer);
    for (let at = 0; at < sound.length; at += PIECE_BYTES) {
      if (at / PIECE_BYTES === this.speaking.cutAfter) {
        await delay(ARRIVAL_MS);
        return void res.destroy();
      }
      res.write(sound.subarray(at, at + PIECE_BYTES));
      await pause(this.speaking.wordMs, res);
    }
    res.end();
  }
}

/** @returns whether the script ends here: with an error, or with silence for as long as the client waits. */
async function refuses(script: Script, res: ServerResponse): Promise<boolean> {
  await pause(script.headersMs, res);
  if (script.fault === "silence") return true;
  if (script.status === undefined) return false;
  const retryAfter = script.retryAfterSeconds;
  if (retryAfter !== undefined) res.setHeader("retry-after", String(retryAfter));
  if (script.location !== undefined) res.setHeader("location", script.location);
  // As hosted servers do, which show a part of the key.
  sendError(res, script.status, "Scripted failure. Incorrect API key provided: sk-for-tests-only.");
  return true;
}

function sendError(res: ServerResponse, status: number, message: string): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify({ error: { message, type: "scripted", code: null } }));
}

function sendJson(res: ServerResponse, body: object): void {
  res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** What comes in pieces, in one. */
function wholeAnswer(chunks: ReturnType<typeof chatChunks>, { model }: ChatBody): object {
  const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  const toolCalls = deltas.flatMap(({ tool_calls: calls = [] }) => calls);
  const content = deltas.map((delta) => delta.content ?? "").join("");
  return {
    id: "chatcmpl-scripted",
    object: "chat.completion",
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content,
          ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
        },
        finish_reason: toolCalls.length === 0 ? "stop" : "tool_calls",
      },
    ],
    usage: chunks.at(-1)?.usage,
  };
}

async function pause(ms: number | undefined, res: ServerResponse): Promise<void> {
  if (ms === undefined || ms === 0) return;
  const gone = new AbortController();
  const stop = (): void => gone.abort();
  res.once("close", stop);
  await delay(ms, undefined, { signal: gone.signal }).catch(() => undefined);
  res.off("close", stop);
}

async function drained(res: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    res.once("drain", resolve).once("close", resolve);
  });
}

/** JSON, or a form's fields. */
async function readBody(
  req: IncomingMessage,
): Promise<{ raw: string; body: ModelRequest["body"] }> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const type = String(req.headers["content-type"] ?? "");
  if (!type.startsWith("multipart/")) {
    const raw = bytes.toString("utf8");
    return { raw, body: raw === "" ? {} : JSON.parse(raw) };
  }
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  const body: Record<string, unknown> = {};
  for (const [name, value] of form.entries()) {
    body[name] = typeof value === "string" ? value : Buffer.from(await value.arrayBuffer());
  }
  return { raw: bytes.toString("latin1"), body };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await ModelServer.start(Number(process.argv[2] ?? 11_500));
  const settings = { ...server.environment(), ...server.speechEnvironment() };
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${words.join(" ")} npm start\n`);
}
