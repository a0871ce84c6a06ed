/**
 * Ours, for request-filtering-agent and its like check addresses alone: here one budget of time, bytes and requests
 * bounds a page with all that it refers to, and what that unpacks to.
 */
import dns from "node:dns/promises";
import http, { type IncomingMessage } from "node:http";
import https, { type RequestOptions } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Readable, type Transform } from "node:stream";
import zlib from "node:zlib";
import { isPublicHostName } from "./public-host-name.js";
import { isPublicAddress } from "./public-address.js";

export type FetchFailure =
  | "address"
  | "bytes"
  | "credentials"
  | "encoding"
  | "host"
  | "network"
  | "port"
  | "redirects"
  | "requests"
  | "scheme"
  | "time"
  | "url";

/** Why nothing was fetched: a rule forbade it, a limit was reached, or the network failed. */
export class FetchError extends Error {
  override readonly name = "FetchError";

  constructor(
    readonly reason: FetchFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** One request as it ended. */
export interface FetchEvent {
  url: string;
  outcome: "ok" | "redirect" | FetchFailure;
  status?: number;
  message?: string;
}

export interface SafeFetcherOptions {
  /** Who says that it asks: name, version and purpose. */
  userAgent: string;
  /** Milliseconds that one session may last, all requests together. Default 10,000. */
  budgetMs?: number;
  /** Bytes that one session may receive, and may unpack to: either limit ends it. Default 5 MB. */
  budgetBytes?: number;
  /** Milliseconds until a connection must stand. Default 3,000. */
  connectTimeoutMs?: number;
  /** Milliseconds that one sub-resource may take. Default 4,000. */
  subResourceTimeoutMs?: number;
  /** Called for every request that ended; the only trace that a fetch leaves. */
  onEvent?: (event: FetchEvent) => void;
  /** Tests only: reaches local servers. The service never sets it. */
  testing?: TestAllowance;
}

/** Lets a test stand in for the DNS and open exactly the inside addresses that it serves on. */
interface TestAllowance {
  /** Replaces the DNS: the addresses of a host name. */
  resolve?: (host: string) => Promise<readonly string[]>;
  /** True lets a connection through to an address that is not public. */
  allow?: (host: string, address: string, port: number) => boolean;
  /** The port to dial in place of 80 or 443. */
  dialPort?: (host: string, port: number) => number;
  /** A certificate authority in PEM form, for local https servers. */
  ca?: string;
}

export interface FetchRequest {
  /** The `Accept` header. */
  accept: string;
  /** Bytes of the unpacked body to take at most. */
  maxBytes: number;
  /** Whether a longer body is cut there rather than refused. */
  truncate?: boolean;
  /** Which public hosts may be asked, by redirects too; absent: all. */
  mayAsk?: (host: string) => boolean;
}

export interface FetchedBody {
  /** Where the last redirect led. */
  url: URL;
  status: number;
  /** The `Content-Type` header, empty when there was none. */
  contentType: string;
  body: Buffer;
}

const MAX_REDIRECTS = 3;
const MAX_SUB_RESOURCES = 8;
const MAX_PAGES = 4;

/**
 * Fetches what strangers name. Only http and https on ports 80 and 443, only public addresses
 * (the address that was checked is the one connected to), every redirect under the same rules.
 */
export class SafeFetcher {
  constructor(private readonly options: SafeFetcherOptions) {}

  /** Starts a session: one budget of time and bytes for a page and what it refers to. */
  open(): FetchSession {
    return new FetchSession(this.options);
  }
}

/** One budget for several requests. Close it when done: that ends whatever is still under way. */
export class FetchSession {
  readonly #options: SafeFetcherOptions;
  readonly #budgetBytes: number;
  readonly #deadline: number;
  readonly #end = new AbortController();
  #pages = 0;
  #subResources = 0;
  #receivedBytes = 0;
  #unpackedBytes = 0;

  constructor(options: SafeFetcherOptions) {
    this.#options = options;
    this.#budgetBytes = options.budgetBytes ?? 5_000_000;
    this.#deadline = performance.now() + (options.budgetMs ?? 10_000);
  }

  /** Fetches a page, following redirects. At most 4 in one session. @throws FetchError */
  async page(url: string, request: FetchRequest): Promise<FetchedBody> {
    this.#pages += 1;
    if (this.#pages > MAX_PAGES) throw new FetchError("requests", "Too many pages.");
    return this.#get(url, request, Number.POSITIVE_INFINITY);
  }

  /** Fetches what a page refers to. At most 8 in one session. @throws FetchError */
  async subResource(url: string, request: FetchRequest): Promise<FetchedBody> {
    this.#subResources += 1;
    if (this.#subResources > MAX_SUB_RESOURCES) {
      throw new FetchError("requests", "Too many sub-resources.");
    }
    return this.#get(url, request, this.#options.subResourceTimeoutMs ?? 4_000);
  }

  /** Sub-resources that may still be asked for. */
  get subResourcesLeft(): number {
    return Math.max(0, MAX_SUB_RESOURCES - this.#subResources);
  }

  /** Milliseconds left of the budget, 0 when it is spent. */
  get msLeft(): number {
    return this.#end.signal.aborted ? 0 : Math.max(0, this.#deadline - performance.now());
  }

  close(): void {
    this.#end.abort(new FetchError("time", "The session was closed."));
  }

  async #get(address: string, request: FetchRequest, limitMs: number): Promise<FetchedBody> {
    const limit = new AbortController();
    const stop = (reason: unknown) => limit.abort(reason);
    const endWithSession = () => stop(this.#end.signal.reason);
    const timer = setTimeout(
      () => stop(new FetchError("time", "The time budget is spent.")),
      Math.min(this.msLeft, limitMs, 2 ** 31 - 1),
    );
    this.#end.signal.addEventListener("abort", endWithSession, { once: true });
    let at = address;
    try {
      if (this.msLeft === 0) throw new FetchError("time", "The time budget is spent.");
      for (let redirects = 0; ; redirects += 1) {
        const url = this.#checkUrl(at);
        if (request.mayAsk?.(hostOf(url)) === false) {
          throw new FetchError("host", "This host is not listed.");
        }
        const response = await this.#send(url, request.accept, limit.signal);
        const next = redirectTarget(response, url);
        if (next === undefined) {
          const body = await this.#read(response, request);
          this.#report({ url: at, outcome: "ok", status: response.statusCode });
          return {
            url,
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"] ?? "",
            body,
          };
        }
        response.destroy();
        if (redirects === MAX_REDIRECTS) throw new FetchError("redirects", "Too many redirects.");
        this.#report({ url: at, outcome: "redirect", status: response.statusCode });
        at = next;
      }
    } catch (error) {
      const failure = asFetchError(limit.signal.aborted ? limit.signal.reason : error);
      this.#report({ url: at, outcome: failure.reason, message: failure.message });
      throw failure;
    } finally {
      clearTimeout(timer);
      this.#end.signal.removeEventListener("abort", endWithSession);
      limit.abort();
    }
  }

  #checkUrl(address: string): URL {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined) throw new FetchError("url", "Not an address.");
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new FetchError("scheme", "Only http and https are fetched.");
    }
    if (url.username !== "" || url.password !== "") {
      throw new FetchError("credentials", "Addresses with credentials are not fetched.");
    }
    if (url.port !== "" && url.port !== "80" && url.port !== "443") {
      throw new FetchError("port", "Only ports 80 and 443 are fetched.");
    }
    return url;
  }

  async #send(url: URL, accept: string, signal: AbortSignal): Promise<IncomingMessage> {
    const host = hostOf(url);
    const port = portOf(url);
    const addresses = await withSignal(this.#addresses(host, port), signal);
    const { testing, connectTimeoutMs = 3_000 } = this.#options;
    const secure = url.protocol === "https:";
    const options: RequestOptions & { autoSelectFamilyAttemptTimeout: number } = {
      host,
      port: testing?.dialPort?.(host, port) ?? port,
      path: url.pathname + url.search,
      method: "GET",
      // A pooled connection could have been opened before this check.
      agent: false,
      lookup: pinnedLookup(addresses),
      // Milliseconds before the next address is tried beside the first.
      autoSelectFamilyAttemptTimeout: 1_000,
      rejectUnauthorized: true,
      ...(testing?.ca === undefined ? {} : { ca: testing.ca }),
      signal,
      setHost: false,
      headers: {
        Host: url.host,
        "User-Agent": this.#options.userAgent,
        Accept: accept,
        "Accept-Encoding": "gzip, deflate, br",
      },
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = (secure ? https : http).request(options);
      const timer = setTimeout(() => {
        request.destroy(new FetchError("time", "No connection in time."));
      }, connectTimeoutMs);
      request.once("socket", (socket) => {
        socket.once(secure ? "secureConnect" : "connect", () => clearTimeout(timer));
      });
      // A server that changes protocol ends the request without a response or an error.
      request.once("close", () => {
        clearTimeout(timer);
        reject(new FetchError("network", "The connection was closed."));
      });
      request.once("response", resolve);
      // Stays on: a second error after the first must not end the process.
      request.on("error", reject);
      request.end();
    });
  }

  /** All addresses of a host, once every one of them has passed. */
  async #addresses(host: string, port: number): Promise<readonly string[]> {
    const literal = isIP(host) !== 0;
    if (!literal && !isPublicHostName(host)) throw new FetchError("host", "Not a public host.");
    const addresses = literal ? [host] : await this.#resolve(host);
    if (addresses.length === 0) throw new FetchError("network", "The name has no address.");
    for (const address of addresses) {
      const passes =
        isPublicAddress(address) || this.#options.testing?.allow?.(host, address, port) === true;
      if (!passes) throw new FetchError("address", "The name leads to an address inside.");
    }
    return addresses;
  }

  async #resolve(host: string): Promise<readonly string[]> {
    const { resolve } = this.#options.testing ?? {};
    if (resolve !== undefined) return resolve(host);
    const found = await dns.lookup(host, { all: true, verbatim: true });
    return found.map(({ address }) => address);
  }

  async #read(response: IncomingMessage, request: FetchRequest): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.#unpack(response)) {
      const room = request.maxBytes - size;
      if (chunk.length > room && request.truncate !== true) {
        throw new FetchError("bytes", "The body is too long.");
      }
      chunks.push(chunk.subarray(0, room));
      size += Math.min(chunk.length, room);
      if (size === request.maxBytes && request.truncate === true) break;
    }
    return Buffer.concat(chunks);
  }

  async *#unpack(response: IncomingMessage): AsyncGenerator<Buffer> {
    const encoding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    const received = this.#receive(response);
    try {
      const first = await received.next();
      if (first.done === true) return;
      const unpacker = unpackerFor(encoding, first.value);
      if (unpacker === undefined) {
        yield this.#countUnpacked(first.value);
        for await (const chunk of received) yield this.#countUnpacked(chunk);
        return;
      }
      const source = Readable.from(resume(first.value, received), { objectMode: false });
      source.once("error", (error) => unpacker.destroy(error));
      try {
        for await (const chunk of source.pipe(unpacker)) yield this.#countUnpacked(toBuffer(chunk));
      } finally {
        source.destroy();
      }
    } finally {
      response.destroy();
    }
  }

  async *#receive(response: IncomingMessage): AsyncGenerator<Buffer> {
    for await (const chunk of response) {
      const bytes = toBuffer(chunk);
      this.#receivedBytes += bytes.length;
      if (this.#receivedBytes > this.#budgetBytes) {
        throw new FetchError("bytes", "The byte budget is spent.");
      }
      yield bytes;
    }
  }

  #countUnpacked(chunk: Buffer): Buffer {
    this.#unpackedBytes += chunk.length;
    if (this.#unpackedBytes > this.#budgetBytes) {
      throw new FetchError("bytes", "The byte budget is spent.");
    }
    return chunk;
  }

  #report(event: FetchEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** A `lookup` for node:net that knows only the addresses that were checked: no second DNS answer. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = answers;
    if (first === undefined) callback(new Error("no address"), "", 0);
    else if (options.all === true) callback(null, answers);
    else callback(null, first.address, first.family);
  };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

function redirectTarget(response: IncomingMessage, base: URL): string | undefined {
  const { statusCode = 0, headers } = response;
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) {
    return undefined;
  }
  return URL.canParse(headers.location, base.href)
    ? new URL(headers.location, base.href).href
    : headers.location;
}

/** Nothing for a body that is as it is. @throws FetchError when the encoding is none we asked for. */
function unpackerFor(encoding: string, firstChunk: Buffer): Transform | undefined {
  switch (encoding) {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip();
    case "br":
      return zlib.createBrotliDecompress();
    case "deflate":
      // Servers send this with and without zlib's two-byte header.
      return hasZlibHeader(firstChunk) ? zlib.createInflate() : zlib.createInflateRaw();
    default:
      throw new FetchError("encoding", "The body is packed in an unknown way.");
  }
}

function hasZlibHeader(chunk: Buffer): boolean {
  const first = chunk[0] ?? 0;
  return (first & 0x0f) === 8 && ((first << 8) + (chunk[1] ?? 0)) % 31 === 0;
}

async function* resume(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  throw new FetchError("network", "Unexpected stream content.");
}

async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    work.then(resolve, reject);
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function asFetchError(error: unknown): FetchError {
  if (error instanceof FetchError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FetchError("network", message, { cause: error });
}
