import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { ServerInfo, ServerInfo_Edition } from "@livekit/protocol";
import { WebSocketServer } from "ws";
import { authenticate, type Refusal } from "./authenticate.js";
import { AgentDispatcher } from "./dispatch.js";
import { refusal } from "./guards.js";
import { MAX_SIGNAL_MESSAGE_BYTES } from "./limits.js";
import { guarded, type Log } from "./log.js";
import { Rooms } from "./rooms.js";
import { Signalling } from "./signalling.js";
import { onMessage, socketLink } from "./socket.js";
import { TokenAuthority } from "./tokens.js";
import { TwirpApi } from "./twirp.js";
import { WebhookSender } from "./webhooks.js";

const HOST = "127.0.0.1";
/** Tokens travel in the address and carry metadata: headers may be large, in bytes. */
const MAX_HEADER_BYTES = 256 * 1024;
/** Silent connections and slow bodies end. */
const TIME_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
};
const LAST_WEBHOOKS_WAIT_MS = 2_000;

/** The server that this one stands in for; clients choose what they use by it. */
const SERVER_INFO = new ServerInfo({
  edition: ServerInfo_Edition.Standard,
  version: "1.13.5",
  protocol: 16,
  nodeId: "ND_embedded",
  agentProtocol: 1,
});

export interface EmbeddedLiveKitOptions {
  /** Zero: a free one. */
  readonly port: number;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Origins of pages that may connect; those on loopback always may. */
  readonly allowedOrigins: readonly string[];
  /** Where signed webhooks are posted; it can be set later. */
  readonly webhookUrl?: string;
  readonly log: Log;
}

export interface EmbeddedLiveKit {
  /** `ws://127.0.0.1:<port>`, for clients and the server SDK alike. */
  readonly url: string;
  readonly port: number;
  setWebhookUrl(url: string): void;
  /** Ends every room, job and connection; after it nothing keeps the process alive. */
  close(): Promise<void>;
}

/**
 * Starts a LiveKit-compatible server for development and demos: one process, loopback only,
 * audio, video and data. Rejects with a sentence for people when the port is taken.
 */
export async function startEmbeddedLiveKit(
  options: EmbeddedLiveKitOptions,
): Promise<EmbeddedLiveKit> {
  const { log } = options;
  const tokens = new TokenAuthority(options.apiKey, options.apiSecret);
  const webhooks = new WebhookSender(options.webhookUrl, tokens, log);
  const dispatcher = new AgentDispatcher(SERVER_INFO, tokens, log);
  const rooms = new Rooms(
    SERVER_INFO,
    {
      webhook: (event) => webhooks.send(event),
      created: (room, agents) => dispatcher.roomCreated(room, agents),
      agentLeft: (room, identity) => dispatcher.agentLeft(room, identity),
      closed: (room) => dispatcher.roomClosed(room),
    },
    log,
  );
  const signalling = new Signalling(rooms, tokens, log);
  const twirp = new TwirpApi(rooms, dispatcher, tokens, log);
  const allowedOrigins = new Set(options.allowedOrigins);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SIGNAL_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  const http = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, ...TIME_LIMITS },
    (request, response) => {
      serveHttp(request, response).catch((error: unknown) => {
        log.warn({ err: error }, "embedded LiveKit: request failed");
        response.destroy();
      });
    },
  );
  http.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    serveUpgrade(request, socket, head).catch((error: unknown) => {
      log.warn({ err: error }, "embedded LiveKit: connection failed");
      socket.destroy();
    });
  });

  async function serveHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request, allowedOrigins);
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
    if (url.pathname.startsWith("/twirp/")) await twirp.serve(request, response, url.pathname);
    else if (url.pathname === "/" && request.method === "GET") plain(response, 200, "OK");
    else if (/^\/rtc(\/v1)?\/validate$/.test(url.pathname)) await validate(request, response, url);
    else plain(response, 404, "404 page not found");
  }

  /** Browsers ask here why a WebSocket was refused. */
  async function validate(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    if (request.method === "OPTIONS") {
      response.setHeader("access-control-allow-headers", "authorization");
      plain(response, 204, "");
      return;
    }
    const admission = await signalling.admit(request, url);
    if (admission.ok) plain(response, 200, "success");
    else plain(response, admission.status, admission.message);
  }

  async function serveUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const refused = refusal(request, allowedOrigins);
    if (refused !== undefined) {
      refuseUpgrade(socket, 403, refused);
      return;
    }
    const url = addressOf(request);
    if (url.pathname === "/rtc" || url.pathname === "/rtc/v1") {
      const admission = await signalling.admit(request, url);
      if (!admission.ok) refuse(socket, admission);
      else {
        sockets.handleUpgrade(request, socket, head, (webSocket) => {
          guarded(log, "joining", () => signalling.accept(webSocket, admission));
        });
      }
    } else if (url.pathname === "/agent") {
      const authentication = await authenticate(request, tokens);
      if (!authentication.ok) refuse(socket, authentication);
      else if (authentication.claims?.video.agent !== true) {
        refuseUpgrade(socket, 401, "permissions denied");
      } else {
        sockets.handleUpgrade(request, socket, head, (webSocket) => {
          const worker = dispatcher.connect(socketLink(webSocket, log));
          onMessage(webSocket, (bytes) => {
            guarded(log, "a worker message", () => worker.receive(bytes));
          });
          webSocket.on("close", () => dispatcher.disconnect(worker));
        });
      }
    } else {
      refuseUpgrade(socket, 404, "404 page not found");
    }
  }

  const port = await listen(http, options.port);
  log.info({ port }, "embedded LiveKit: listening");
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    rooms.closeAll();
    for (const socket of sockets.clients) socket.close(1001);
    await webhooks.close(LAST_WEBHOOKS_WAIT_MS);
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    http.closeAllConnections();
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
    });
  }

  return {
    url: `ws://${HOST}:${port}`,
    port,
    setWebhookUrl: (url) => {
      webhooks.url = url;
    },
    close: () => (closing ??= close()),
  };
}

async function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") {
        reject(error);
        return;
      }
      const advice = "Stop what uses it, or choose another port.";
      reject(new Error(`The embedded LiveKit cannot listen: port ${port} is in use. ${advice}`));
    });
    http.listen(port, HOST, () => {
      const address: AddressInfo | string | null = http.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function addressOf(request: IncomingMessage): URL {
  const url = new URL(`http://${HOST}`);
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
