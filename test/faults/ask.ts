import { request, type Agent, type IncomingHttpHeaders } from "node:http";

/** One request's end, whatever it was. Times are `Date.now()`, the same in every process of the machine. */
export interface Reply {
  readonly startedAt: number;
  readonly endedAt: number;
  /** 0 when there was no answer. */
  readonly status: number;
  /** The system's code when there was no answer; `TIMEOUT` when we gave up. */
  readonly error?: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Question {
  readonly method?: "GET" | "POST" | "PUT";
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Without one, the request has a connection of its own. */
  readonly agent?: Agent;
  /** Another address of the loopback network, to be another client than the rest. */
  readonly localAddress?: string;
  readonly timeoutMs?: number;
}

/** Asks, and never throws. `fetch` would hide resets: it repeats a GET by itself. */
export function ask(url: string, question: Question = {}): Promise<Reply> {
  const { method = "GET", key, body, agent, localAddress, timeoutMs = 60_000 } = question;
  const startedAt = Date.now();
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve) => {
    const end = (rest: Pick<Reply, "status"> & Partial<Reply>): void => {
      clearTimeout(timer);
      resolve({ headers: {}, body: "", ...rest, startedAt, endedAt: Date.now() });
    };
    const outgoing = request(url, {
      method,
      agent: agent ?? false,
      ...(localAddress ? { localAddress } : {}),
      headers: {
        ...question.headers,
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(payload === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
      },
    });
    const timer = setTimeout(() => {
      end({ status: 0, error: "TIMEOUT" });
      outgoing.destroy();
    }, timeoutMs);
    const fail = (error: NodeJS.ErrnoException): void =>
      end({ status: 0, error: error.code ?? error.message });
    outgoing.on("error", fail);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () =>
        end({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    outgoing.end(payload);
  });
}

/** Asks the same every half second, whether answered or not, until `until` is over. */
export async function watch(
  url: string,
  until: Promise<unknown>,
  question: Question = {},
): Promise<Reply[]> {
  const over = new AbortController();
  until.catch(() => {}).finally(() => over.abort());
  const replies: Promise<Reply>[] = [];
  while (!over.signal.aborted) {
    replies.push(ask(url, question));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return Promise.all(replies);
}

/** How long it took, in milliseconds. */
export function waitOf({ startedAt, endedAt }: Reply): number {
  return endedAt - startedAt;
}

export function worstWait(replies: readonly Reply[]): number {
  return Math.max(0, ...replies.map(waitOf));
}

/** A success, or a refusal that says when to come again: what a client can live with. */
export function isRightAnswer({ status, headers }: Reply): boolean {
  if (status === 503) return Number(headers["retry-after"]) > 0;
  return status >= 200 && status < 300;
}

/** "503 without Retry-After", "ECONNRESET": what a reply was, in a word or two. */
export function nameOf({ status, error, headers }: Reply): string {
  if (error) return error;
  return status === 503 && !headers["retry-after"] ? "503 without Retry-After" : String(status);
}
