import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Logger } from "pino";
import { ownUrl } from "../config.js";
import { OperatorError } from "../../process/operator-error.js";
import type { HttpApp } from "./hot-routes.js";

/** What a connection may cost us; each is in milliseconds unless the name says otherwise. */
export interface ConnectionLimits {
  /** From the connection, or the request's first byte, to the end of its headers. */
  readonly headers: number;
  /** To the end of its body. */
  readonly request: number;
  /** Without a byte in either direction while an answer is under way. */
  readonly stalled: number;
  /** Between two requests. Longer than proxies keep a connection (60 s), so that they close it and not we. */
  readonly keepAlive: number;
  readonly maxConnections: number;
}

const CONNECTION_LIMITS: ConnectionLimits = {
  headers: 10_000,
  request: 30_000,
  stalled: 120_000,
  keepAlive: 75_000,
  maxConnections: 4_000,
};
const CHECK_MS = 1_000;
/** How long a connection that we took may stay silent once we stop. */
const LAST_WORDS_MS = 500;
/** Without a new connection in so many, nobody is on the way. */
const QUIET_TURNS = 10;
const TURN_MS = 5;
const LAST_COMERS_MS = 2_000;

/** An HTTP server that can stop without breaking off what it has begun. */
export interface HttpServer {
  readonly server: Server;
  /** From now on every answer ends its connection; new ones are still taken. */
  sayGoodbye(): void;
  /** Stops listening, lets open requests end, and cuts what is left after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
}

export function createHttpServer(
  app: HttpApp,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): HttpServer {
  const server: Server = createServer({
    ...app.messages,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: Math.min(CHECK_MS, limits.headers),
  });
  server.timeout = limits.stalled;
  server.maxConnections = limits.maxConnections;
  // Those that only wait make room for who comes next.
  server.on("drop", () => server.closeIdleConnections());

  let leaving = false;
  // Of each connection the one that was asked for last: a listener on each response costs more.
  const latest = new Map<Socket, ServerResponse>();
  const silent = new Set<Socket>();
  server.on("connection", (socket) => {
    silent.add(socket);
    socket.once("close", () => {
      silent.delete(socket);
      latest.delete(socket);
    });
  });
  let held: (() => void)[] | undefined;
  server.on("request", (req, res) => {
    silent.delete(req.socket);
    latest.set(req.socket, res);
    if (leaving) res.setHeader("Connection", "close");
    if (held) held.push(() => app(req, res));
    else app(req, res);
  });
  const sayGoodbye = (): void => {
    leaving = true;
    for (const res of latest.values()) if (!res.headersSent) res.setHeader("Connection", "close");
  };
  return {
    server,
    sayGoodbye,
    drain: async (timeoutMs) => {
      sayGoodbye();
      // Who waits for an answer opens no other connection: answers begin again when we have closed.
      const last = (held = []) as (() => void)[];
      await untilNobodyComes(server);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      held = undefined;
      for (const answer of last) answer();
      // An answer that began with the promise to keep its connection leaves it idle.
      const sweeper = setInterval(() => {
        server.closeIdleConnections();
        for (const socket of silent) socket.destroy();
      }, LAST_WORDS_MS);
      const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
      await closed;
      clearInterval(sweeper);
      clearTimeout(timer);
    },
  };
}

/**
 * Closing resets the connections that the system has and we have not taken yet. Who heeds readiness
 * comes no more, and who is answered nothing for a moment neither. Turns of the loop are counted, not
 * time: on a busy machine time passes without us. It ends right after the loop took what was there.
 */
async function untilNobodyComes(server: Server): Promise<void> {
  const end = performance.now() + LAST_COMERS_MS;
  let quietTurns = 0;
  const note = (): void => void (quietTurns = -1);
  server.on("connection", note);
  while (quietTurns < QUIET_TURNS && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    await new Promise((resolve) => setImmediate(resolve));
    quietTurns += 1;
  }
  server.off("connection", note);
}

/** The port or address cannot be had; the message says which. */
export class ListenError extends OperatorError {
  override name = "ListenError";
}

const NOT_OURS = "cannot be used: HOST is not an address of this machine";
const UNKNOWN_NAME = "cannot be used: HOST is a name that does not resolve";
const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use; set PORT to another one",
  EACCES: "may not be used by this user; set PORT to another one",
  EADDRNOTAVAIL: NOT_OURS,
  EAFNOSUPPORT: "cannot be used: this machine has no IPv6",
  // A link-local address that does not name its interface.
  EINVAL: NOT_OURS,
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
};

/**
 * @param prefix of the two variables that said where.
 * @returns where it is reached from this machine.
 * @throws ListenError when the port or the address cannot be had.
 */
export function listen(
  { server }: HttpServer,
  { port, host, log, prefix = "" }: { port: number; host: string; log: Logger; prefix?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = ({ code = "" }: NodeJS.ErrnoException): void => {
      const reason = REFUSALS[code] ?? `cannot be used (${code})`;
      const named = reason.replace(/\b(PORT|HOST)\b/, `${prefix}$1`);
      reject(new ListenError(`Port ${port} on ${host} ${named}.`));
    };
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      // One connection that the system could not hand over is no reason to end all others.
      server.on("error", (error) => log.error({ err: error }, "a connection was not taken"));
      const address = server.address() as AddressInfo;
      resolve(ownUrl(address.address, address.port));
    });
  });
}
