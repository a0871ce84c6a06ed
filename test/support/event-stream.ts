/** One event of a stream, read. */
export interface StreamEvent {
  readonly event: string;
  // Tests look into answers freely; the type checker has nothing to hold on to there.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

/** A subscription by `POST /graphql/stream`, as a dashboard reads it. */
export class EventStream {
  private readonly reader: ReadableStreamDefaultReader<string> | undefined;
  private text = "";

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    this.reader = isStream
      ? response.body?.pipeThrough(new TextDecoderStream()).getReader()
      : undefined;
  }

  static async open(
    app: { readonly url: string },
    key: string | undefined,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<EventStream> {
    const abort = new AbortController();
    const response = await fetch(`${app.url}/graphql/stream`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: JSON.stringify(body),
      signal: abort.signal,
    });
    return new EventStream(response, abort);
  }

  get status(): number {
    return this.response.status;
  }

  /** @returns undefined when the stream has ended. */
  async next(): Promise<StreamEvent | undefined> {
    for (;;) {
      const end = this.text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = (await this.reader?.read()) ?? { done: true };
        if (done) return undefined;
        this.text += value;
        continue;
      }
      const lines = this.text.slice(0, end).split("\n");
      this.text = this.text.slice(end + 2);
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field("event");
      // A comment keeps the connection alive.
      if (event !== undefined) return { event, data: JSON.parse(field("data") || "null") };
    }
  }

  /** The next `count` events of a subscription to one thing. */
  async take(count: number): Promise<StreamEvent["data"][]> {
    const events: StreamEvent["data"][] = [];
    while (events.length < count) {
      const one = await this.next();
      if (one?.event !== "next") throw new Error(`no event but ${JSON.stringify(one)}`);
      const [told] = Object.values(one.data.data ?? {});
      events.push(told ?? one.data);
    }
    return events;
  }

  leave(): void {
    this.abort.abort();
  }
}
