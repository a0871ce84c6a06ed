import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ServerInfo, ServerInfo_Edition } from "@livekit/protocol";
import { AgentDispatcher } from "./agent-dispatcher.js";
import { Doors } from "./doors.js";
import type { Log } from "./guarded.js";
import { RoomRegistry } from "./room-registry.js";
import { Signalling } from "./signalling.js";
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
  // Clients close a connection that they use no more: one that we close first may carry a call just then.
  keepAliveTimeout: 75_000,
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
  const rooms = new RoomRegistry(
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
  const doors = new Doors({
    signalling,
    twirp: new TwirpApi(rooms, dispatcher, tokens, log),
    dispatcher,
    tokens,
    allowedOrigins: new Set(options.allowedOrigins),
    log,
  });
  const http = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, ...TIME_LIMITS },
    (request, response) => {
      doors.serve(request, response).catch((error: unknown) => {
        log.warn({ err: error }, "embedded LiveKit: request failed");
        response.destroy();
      });
    },
  );
  http.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    doors.upgrade(request, socket, head).catch((error: unknown) => {
      log.warn({ err: error }, "embedded LiveKit: connection failed");
      socket.destroy();
    });
  });

  const port = await listen(http, options.port);
  log.info({ port }, "embedded LiveKit: listening");
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    rooms.closeAll();
    doors.leave();
    await webhooks.close(LAST_WEBHOOKS_WAIT_MS);
    doors.close();
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
