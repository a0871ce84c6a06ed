/** Where a token is in an address. */
const HAS_TOKEN = /[?&]access_token=/;
/** As long as LiveKit's client waits for its own first answer. */
const REACH_MS = 15_000;

/**
 * A browser writes the address of a request or a socket that fails into the console of the website's page, and LiveKit's
 * client, which also tries by itself to come back, has the room's token in its addresses. From now on the panel's
 * page asks the server without it first, and what would fail is not begun.
 *
 * @param server for which the tokens are
 * @returns what asks by itself: its answer is as good for the next address as one that is asked for that
 */
export function askFirst(server: () => string): () => Promise<void> {
  const { fetch: fetchAny, WebSocket: Socket } = globalThis;
  let isAnswered = false;
  const reachServer = (): Promise<void> => reach(server().replace(/^ws/, "http"));
  const ask = async (): Promise<void> => {
    if (!isAnswered) await reachServer();
    isAnswered = false;
  };
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (HAS_TOKEN.test(address)) await ask();
    return fetchAny(input, init);
  };
  globalThis.WebSocket = new Proxy(Socket, {
    construct: (_, [address, protocols]: ConstructorParameters<typeof WebSocket>) =>
      HAS_TOKEN.test(String(address))
        ? new AskingSocket(ask, () => new Socket(address, protocols))
        : new Socket(address, protocols),
  });
  return async () => {
    await reachServer();
    isAnswered = true;
  };
}

/** @throws when nobody answers, be it because the server stands still */
async function reach(address: string): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), REACH_MS);
  try {
    await fetch(address, { mode: "no-cors", cache: "no-store", signal: over.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** A socket that opens once its server has answered: as much of one as LiveKit's client uses. */
class AskingSocket extends EventTarget {
  binaryType: BinaryType = "blob";
  onopen: Listener = null;
  onmessage: Listener = null;
  onerror: Listener = null;
  onclose: Listener = null;
  #socket: WebSocket | undefined;
  #isClosed = false;

  constructor(ask: () => Promise<unknown>, begin: () => WebSocket) {
    super();
    ask().then(
      () => this.#isClosed || this.#carry(begin()),
      () => this.#end(),
    );
  }

  get readyState(): number {
    return this.#socket?.readyState ?? (this.#isClosed ? WebSocket.CLOSED : WebSocket.CONNECTING);
  }

  get protocol(): string {
    return this.#socket?.protocol ?? "";
  }

  get extensions(): string {
    return this.#socket?.extensions ?? "";
  }

  send(data: Parameters<WebSocket["send"]>[0]): void {
    this.#socket?.send(data);
  }

  close(code?: number, reason?: string): void {
    if (this.#socket) this.#socket.close(code, reason);
    else this.#end();
  }

  #carry(socket: WebSocket): void {
    this.#socket = socket;
    socket.binaryType = this.binaryType;
    socket.addEventListener("open", () => this.#tell("open", new Event("open")));
    socket.addEventListener("message", ({ data }) =>
      this.#tell("message", new MessageEvent("message", { data })),
    );
    socket.addEventListener("error", () => this.#tell("error", new Event("error")));
    socket.addEventListener("close", (event) =>
      this.#tell("close", new CloseEvent("close", event)),
    );
  }

  /** As a socket ends that never opened. */
  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    queueMicrotask(() => {
      this.#tell("error", new Event("error"));
      this.#tell("close", new CloseEvent("close", { code: 1006 }));
    });
  }

  #tell(type: "open" | "message" | "error" | "close", event: Event): void {
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}

type Listener = ((event: Event) => void) | null;
