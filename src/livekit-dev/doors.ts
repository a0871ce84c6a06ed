import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { authenticate, type Refusal } from "./authenticate.js";
import type { AgentDispatcher } from "./agent-dispatcher.js";
import { refusal } from "./guards.js";
import { MAX_SIGNAL_MESSAGE_BYTES } from "./bounds.js";
import { guarded, type Log } from "./guarded.js";
import type { Signalling } from "./signalling.js";
import { onMessage, socketLink } from "./socket.js";
import type { TokenAuthority } from "./tokens.js";
import type { TwirpApi } from "./twirp.js";

interface DoorsParts {
  readonly signalling: Signalling;
  readonly twirp: TwirpApi;
  readonly dispatcher: AgentDispatcher;
  readonly tokens: TokenAuthority;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly log: Log;
}

/** Who comes in, and to whom: requests to the API, the sockets of clients and of workers. */
export class Doors {
  readonly #parts: DoorsParts;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SIGNAL_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  constructor(parts: DoorsParts) {
    this.#parts = parts;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request, this.#parts.allowedOrigins);
    if (refused !== undefined) {
      plain(response, 403, refused);
      return;
    }
    const { origin } = request.headers;
    if (origin !== undefined) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("vary", "origin");
    }
    const url = addressOf(request);
    if (url.pathname.startsWith("/twirp/"))
      await this.#parts.twirp.serve(request, response, url.pathname);
    else if (url.pathname === "/" && request.method === "GET") plain(response, 200, "OK");
    else if (/^\/rtc(\/v1)?\/validate$/.test(url.pathname))
      await this.#validate(request, response, url);
    else plain(response, 404, "404 page not found");
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const refused = refusal(request, this.#parts.allowedOrigins);
    if (refused !== undefined) {
      refuseUpgrade(socket, 403, refused);
      return;
    }
    const url = addressOf(request);
    const { pathname } = url;
    if (pathname === "/rtc" || pathname === "/rtc/v1") {
      await this.#admitClient(request, socket, head, url);
    } else if (pathname === "/agent") {
      await this.#admitWorker(request, socket, head);
    } else {
      refuseUpgrade(socket, 404, "404 page not found");
    }
  }

  /** Asks every socket to go. */
  leave(): void {
    for (const socket of this.#sockets.clients) socket.close(1001);
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  /** Browsers ask here why a WebSocket was refused. */
  async #validate(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (request.method === "OPTIONS") {
      response.setHeader("access-control-allow-headers", "authorization");
      plain(response, 204, "");
      return;
    }
    const admission = await this.#parts.signalling.admit(request, url);
    if (admission.ok) plain(response, 200, "success");
    else plain(response, admission.status, admission.message);
  }

  async #admitClient(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    url: URL,
  ): Promise<void> {
    const { log, signalling } = this.#parts;
    const admission = await signalling.admit(request, url);
    if (!admission.ok) {
      refuse(socket, admission);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      guarded(log, "joining", () => signalling.accept(webSocket, admission));
    });
  }

  async #admitWorker(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { dispatcher, log, tokens } = this.#parts;
    const authentication = await authenticate(request, tokens);
    if (!authentication.ok) {
      refuse(socket, authentication);
      return;
    }
    if (authentication.claims?.video.agent !== true) {
      refuseUpgrade(socket, 401, "permissions denied");
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const worker = dispatcher.connect(socketLink(webSocket, log));
      onMessage(webSocket, (bytes) => {
        guarded(log, "a worker message", () => worker.receive(bytes));
      });
      webSocket.on("close", () => dispatcher.disconnect(worker));
    });
  }
}

function addressOf(request: IncomingMessage): URL {
  const url = new URL("http://127.0.0.1");
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  url.pathname = path.replaceAll(/\/{2,}/g, "/");
  url.search = query.join("?");
  return url;
}

function plain(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(message);
}

function refuse(socket: Duplex, refused: Refusal): void {
  refuseUpgrade(socket, refused.status, refused.message);
}

function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  // Nobody else ends it where the client does not close its side.
  socket.once("finish", () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} Refused`,
      "content-type: text/plain; charset=utf-8",
      `content-length: ${Buffer.byteLength(message)}`,
      "connection: close",
      "",
      message,
    ].join("\r\n"),
  );
}
