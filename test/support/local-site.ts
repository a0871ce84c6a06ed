import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { FetchEvent, SafeFetcherOptions } from "../../src/process/web/safe-fetch.js";
import { makeSelfSigned } from "./self-signed.js";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A body, or a function that answers as it likes. The key is the path. */
export type Routes = Record<string, { type?: string; body: string | Buffer } | Answer>;

export interface LocalSite {
  /** Options of a fetcher that takes `host` to this server and allows 127.0.0.1, nothing else. */
  options(more?: Partial<SafeFetcherOptions>): SafeFetcherOptions;
  /** Requests as they arrived: host, path and headers. */
  requests: { host: string; path: string; headers: IncomingMessage["headers"] }[];
  /** How every fetch ended. */
  events: FetchEvent[];
  port: number;
  close(): Promise<void>;
}

const HOSTS = ["shop.example.com", "www.shop.example.com", "cdn.example.net"];
const certificate = makeSelfSigned(HOSTS);

/** Serves routes on 127.0.0.1; with `secure: false` by http, and https connections are refused. */
export async function serveSite(routes: Routes, secure = true): Promise<LocalSite> {
  const requests: LocalSite["requests"] = [];
  const events: FetchEvent[] = [];
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? "/";
    requests.push({ host: request.headers.host ?? "", path, headers: request.headers });
    const route = routes[path];
    if (typeof route === "function") route(request, response);
    else if (route === undefined) response.writeHead(404).end("not here");
    else response.writeHead(200, { "Content-Type": route.type ?? "text/html" }).end(route.body);
  };
  const server = secure ? https.createServer(certificate, listener) : http.createServer(listener);
  // A client that gives up is part of many tests.
  server.on("clientError", (_error, socket) => socket.destroy());
  const port = await listen(server);
  return {
    requests,
    events,
    port,
    options: (more = {}) => ({
      userAgent: "ParleyTest/1.0",
      onEvent: (event) => events.push(event),
      ...more,
      testing: {
        resolve: async (host) => (HOSTS.includes(host) ? ["127.0.0.1"] : []),
        allow: (_host, address) => address === "127.0.0.1",
        // Port 1 is closed: the door that this site does not have.
        dialPort: (_host, wanted) => (wanted === (secure ? 443 : 80) ? port : 1),
        ca: certificate.cert,
        ...more.testing,
      },
    }),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return portOf(server.address());
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}
