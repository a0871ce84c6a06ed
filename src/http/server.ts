import { createServer, IncomingMessage, ServerResponse, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Express } from "express";
import type { Logger } from "pino";
import { ownUrl } from "../config.js";
import { OperatorError } from "../operator-error.js";

const IDLE_SWEEP_MS = 50;

/** An HTTP server that can stop without breaking off what it has begun. */
export interface HttpServer {
  readonly server: Server;
  /** Stops listening, lets open requests end, and cuts what is left after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
}

/**
 * Express sets the prototype of every request and response, which makes each later access to them
 * slow. Made with Express's prototypes in the first place, they are left alone: about three times
 * the throughput, by a public option of `node:http`.
 */
export function createHttpServer(app: Express): HttpServer {
  function Req(this: IncomingMessage, socket: Socket): void {
    Reflect.apply(IncomingMessage, this, [socket]);
  }
  function Res(this: ServerResponse, req: IncomingMessage, options: object): void {
    Reflect.apply(ServerResponse, this, [req, options]);
  }
  Req.prototype = app.request;
  Res.prototype = app.response;
  const server = createServer(
    // Functions with a prototype are constructors, which TypeScript has no way to say of these two.
    { IncomingMessage: Req as never, ServerResponse: Res as never },
    app,
  );
  return {
    server,
    drain: async (timeoutMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Again and again: a connection whose last request has just been answered is idle from then on.
      const sweeper = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
      const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
      await closed;
      clearInterval(sweeper);
      clearTimeout(timer);
    },
  };
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
  // A link's own address, without the link.
  EINVAL: NOT_OURS,
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
};

/** @returns where it is reached from this machine. @throws ListenError when the port or the address cannot be had. */
export function listen(
  { server }: HttpServer,
  { port, host, log }: { port: number; host: string; log: Logger },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = ({ code = "" }: NodeJS.ErrnoException): void => {
      const reason = REFUSALS[code] ?? `cannot be used (${code})`;
      reject(new ListenError(`Port ${port} on ${host} ${reason}.`));
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
