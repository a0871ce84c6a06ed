import http from "node:http";
import net from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  FetchError,
  SafeFetcher,
  type FetchedBody,
  type FetchFailure,
  type SafeFetcherOptions,
} from "../../../src/process/web/safe-fetch.js";
import { serveSite, type Answer, type LocalSite, type Routes } from "../../support/local-site.js";

const PAGE = { accept: "text/html", maxBytes: 1_000_000 };
const HOME = "https://shop.example.com/";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((resource) => resource.close()));
});

async function serve(routes: Routes, secure = true): Promise<LocalSite> {
  const site = await serveSite(routes, secure);
  open.push(site);
  return site;
}

async function fetchPage(options: Partial<SafeFetcherOptions>, url = HOME): Promise<FetchedBody> {
  const session = new SafeFetcher({ userAgent: "ParleyTest/1.0", ...options }).open();
  open.push(session);
  return session.page(url, PAGE);
}

async function reasonOf(work: Promise<unknown>): Promise<FetchFailure | "fetched"> {
  try {
    await work;
    return "fetched";
  } catch (error) {
    if (error instanceof FetchError) return error.reason;
    throw error;
  }
}

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("not listening");
  return bound.port;
}

const redirectTo =
  (location: string, status = 302): Answer =>
  (_request, response) => {
    response.writeHead(status, { Location: location }).end();
  };

const packed =
  (encoding: string, body: Buffer): Answer =>
  (_request, response) => {
    response.writeHead(200, { "Content-Encoding": encoding }).end(body);
  };

describe("where a fetch may go", () => {
  it("fetches over https, verifying the certificate of the name that was asked for", async () => {
    const site = await serve({ "/": { body: "hello" } });
    const page = await fetchPage(site.options());
    expect(page.body.toString()).toBe("hello");
    expect(page.contentType).toBe("text/html");
    expect(site.requests[0]?.host).toBe("shop.example.com");
  });

  it("refuses a certificate that nobody it trusts has signed", async () => {
    const site = await serve({ "/": { body: "hello" } });
    const { testing } = site.options();
    const work = fetchPage({ testing: { ...testing, ca: undefined } });
    expect(await reasonOf(work)).toBe("network");
    expect(site.requests).toHaveLength(0);
  });

  it("refuses a certificate for another name", async () => {
    const site = await serve({ "/": { body: "hello" } });
    const { testing } = site.options();
    const resolve = async () => ["127.0.0.1"];
    const work = fetchPage({ testing: { ...testing, resolve } }, "https://other.example.com/");
    expect(await reasonOf(work)).toBe("network");
    expect(site.requests).toHaveLength(0);
  });

  it("sends no credentials, no cookies and no referrer, under its own name", async () => {
    const setCookie: Answer = (_request, response) => {
      response.writeHead(302, { Location: "/next", "Set-Cookie": "id=1; Path=/" }).end();
    };
    const site = await serve({ "/": setCookie, "/next": { body: "ok" } });
    await fetchPage(site.options());
    expect(site.requests).toHaveLength(2);
    for (const { headers } of site.requests) {
      expect(Object.keys(headers).toSorted()).toEqual([
        "accept",
        "accept-encoding",
        "connection",
        "host",
        "user-agent",
      ]);
      expect(headers["user-agent"]).toMatch(/^ParleyTest\//);
    }
  });

  it.each([
    ["ftp://shop.example.com/", "scheme"],
    ["file:///etc/passwd", "scheme"],
    ["data:text/html,hello", "scheme"],
    ["gopher://shop.example.com/", "scheme"],
    ["https://shop.example.com:8443/", "port"],
    ["http://shop.example.com:22/", "port"],
    ["https://user:secret@shop.example.com/", "credentials"],
    ["https://user@shop.example.com/", "credentials"],
    ["not an address", "url"],
    ["https://", "url"],
  ])("refuses %s", async (url, reason) => {
    const site = await serve({ "/": { body: "hello" } });
    expect(await reasonOf(fetchPage(site.options(), url))).toBe(reason);
    expect(site.requests).toHaveLength(0);
  });

  it.each([
    ["http://127.0.0.1/", "address"],
    ["http://2130706433/", "address"],
    ["http://0x7f.1/", "address"],
    ["http://0177.0.0.1/", "address"],
    ["http://127.1/", "address"],
    ["http://0/", "address"],
    ["http://[::1]/", "address"],
    ["http://[::ffff:127.0.0.1]/", "address"],
    ["http://[::ffff:7f00:1]/", "address"],
    ["http://[64:ff9b::7f00:1]/", "address"],
    ["http://[64:ff9b:1::a9fe:a9fe]/", "address"],
    ["http://[2002:7f00:1::]/", "address"],
    ["http://[fd00::1]/", "address"],
    ["http://169.254.169.254/latest/meta-data/", "address"],
    ["http://10.0.0.1/", "address"],
    ["http://①②⑦.0.0.1/", "address"],
    ["http://localhost/", "host"],
    ["http://localhost./", "host"],
    ["http://intranet/", "host"],
    ["http://printer.local/", "host"],
    ["http://metadata.google.internal/", "host"],
  ])("refuses the inside address %s", async (url, reason) => {
    const site = await serve({ "/": { body: "inside" } }, false);
    const resolve = async () => ["127.0.0.1"];
    const dialPort = () => site.port;
    const work = fetchPage({ testing: { resolve, dialPort } }, url);
    expect(await reasonOf(work)).toBe(reason);
    expect(site.requests).toHaveLength(0);
  });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "fd00:ec2::254",
    "fe80::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
  ])("refuses a public name that leads to %s", async (address) => {
    const site = await serve({ "/": { body: "inside" } }, false);
    const resolve = async () => [address];
    const work = fetchPage(
      { testing: { resolve, dialPort: () => site.port } },
      "http://a.example.com/",
    );
    expect(await reasonOf(work)).toBe("address");
    expect(site.requests).toHaveLength(0);
  });

  it("refuses a name when only one of its addresses is inside", async () => {
    for (const answers of [
      ["93.184.216.34", "10.0.0.1"],
      ["127.0.0.1", "2606:4700:4700::1111"],
    ]) {
      const resolve = async () => answers;
      expect(await reasonOf(fetchPage({ testing: { resolve } }))).toBe("address");
    }
  });

  it("fails when the name has no address or the DNS does not know it", async () => {
    const none = { testing: { resolve: async () => [] } };
    expect(await reasonOf(fetchPage(none))).toBe("network");
    const unknown = { testing: { resolve: () => Promise.reject(new Error("ENOTFOUND")) } };
    expect(await reasonOf(fetchPage(unknown))).toBe("network");
  });

  it("connects to the address that it checked, whatever the DNS says a moment later", async () => {
    const served: string[] = [];
    const listener: http.RequestListener = (request, response) => {
      served.push(request.socket.localAddress ?? "");
      response.end("ok");
    };
    const server = http.createServer(listener);
    const port = await listen(server);
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    let asked = 0;
    const options: Partial<SafeFetcherOptions> = {
      testing: {
        resolve: async () => answers[asked++] ?? ["127.0.0.2"],
        allow: (_host, address) => address === "127.0.0.1",
        dialPort: () => port,
      },
    };
    expect((await fetchPage(options, "http://a.example.com/")).status).toBe(200);
    expect(asked).toBe(1);
    expect(await reasonOf(fetchPage(options, "http://a.example.com/"))).toBe("address");
    expect(served).toEqual(["127.0.0.1"]);
  });

  it("tries the next address when the first does not answer", async () => {
    const site = await serve({ "/": { body: "hello" } });
    const testing = { resolve: async () => ["127.0.0.2", "127.0.0.1"], allow: () => true };
    expect((await fetchPage(site.options({ testing }))).status).toBe(200);
  });

  it("reaches nothing local without the test's allowance", async () => {
    const site = await serve({ "/": { body: "hello" } });
    const { testing } = site.options();
    const work = fetchPage({ testing: { ...testing, allow: undefined } });
    expect(await reasonOf(work)).toBe("address");
  });
});

describe("redirects", () => {
  it("follows three and reports where they led", async () => {
    const site = await serve({
      "/": redirectTo("/1", 301),
      "/1": redirectTo("https://www.shop.example.com/2", 307),
      "/2": redirectTo("3", 308),
      "/3": { body: "there" },
    });
    const page = await fetchPage(site.options());
    expect(page.url.href).toBe("https://www.shop.example.com/3");
    expect(page.body.toString()).toBe("there");
  });

  it("asks only the hosts that may be asked, also where a redirect leads", async () => {
    const site = await serve({
      "/": { body: "here" },
      "/away": redirectTo("https://www.shop.example.com/"),
      "/inside": redirectTo("/"),
    });
    const ask = async (path: string, host: string): Promise<FetchFailure | "fetched"> => {
      const session = new SafeFetcher(site.options()).open();
      open.push(session);
      const mayAsk = (one: string): boolean => one === host;
      return reasonOf(session.page(HOME + path, { ...PAGE, mayAsk }));
    };
    expect(await ask("", "shop.example.com")).toBe("fetched");
    expect(await ask("inside", "shop.example.com")).toBe("fetched");
    expect(await ask("away", "shop.example.com")).toBe("host");
    expect(await ask("", "www.shop.example.com")).toBe("host");
    expect(site.requests.map(({ host, path }) => host + path)).toEqual([
      "shop.example.com/",
      "shop.example.com/inside",
      "shop.example.com/",
      "shop.example.com/away",
    ]);
  });

  it("refuses a fourth, and so any loop", async () => {
    const site = await serve({ "/": redirectTo("/") });
    expect(await reasonOf(fetchPage(site.options()))).toBe("redirects");
    expect(site.requests).toHaveLength(4);
  });

  it.each([
    ["http://127.0.0.1/", "address"],
    ["http://[::1]/", "address"],
    ["http://169.254.169.254/latest/meta-data/", "address"],
    ["//2130706433/", "address"],
    ["http://localhost/", "host"],
    ["http://inside.example.com/", "address"],
    ["https://shop.example.com:8080/", "port"],
    ["https://user:secret@shop.example.com/", "credentials"],
    ["file:///etc/passwd", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["https://", "url"],
  ])("refuses one to %s", async (location, reason) => {
    const site = await serve({ "/": redirectTo(location) });
    const options = site.options({
      testing: {
        resolve: async (host) => [host === "inside.example.com" ? "10.0.0.1" : "127.0.0.1"],
        allow: (host, address) => host === "shop.example.com" && address === "127.0.0.1",
      },
    });
    expect(await reasonOf(fetchPage(options))).toBe(reason);
    expect(site.requests).toHaveLength(1);
  });
});

describe("limits", () => {
  it("gives up on a server that accepts and says nothing", async () => {
    const site = await serve({ "/": () => {} });
    expect(await reasonOf(fetchPage(site.options({ budgetMs: 200 })))).toBe("time");
  });

  it("gives up on a server that sends a byte now and then", async () => {
    const site = await serve({
      "/": (_request, response) => {
        const drip = setInterval(() => response.write("x"), 20);
        response.once("close", () => clearInterval(drip));
      },
    });
    expect(await reasonOf(fetchPage(site.options({ budgetMs: 300 })))).toBe("time");
  });

  it("gives up on a DNS that does not answer", async () => {
    const testing = { resolve: () => new Promise<string[]>(() => {}) };
    expect(await reasonOf(fetchPage({ budgetMs: 100, testing }))).toBe("time");
  });

  it("asks for nothing more once the time is spent", async () => {
    const site = await serve({ "/": { body: "hello" } });
    const session = new SafeFetcher(site.options({ budgetMs: 0 })).open();
    expect(await reasonOf(session.page(HOME, PAGE))).toBe("time");
    expect(site.requests).toHaveLength(0);
  });

  it("ends what is under way when the session is closed", async () => {
    const session = new SafeFetcher((await serve({ "/": () => session.close() })).options()).open();
    expect(await reasonOf(session.page(HOME, PAGE))).toBe("time");
  });

  const endless: Answer = (_request, response) => {
    const chunk = Buffer.alloc(65_536, "x");
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  };

  it("refuses an endless body", async () => {
    const site = await serve({ "/": endless });
    expect(await reasonOf(fetchPage(site.options()))).toBe("bytes");
  });

  it("cuts an endless body where the caller says so", async () => {
    const site = await serve({ "/": endless });
    const session = new SafeFetcher(site.options()).open();
    const { body } = await session.page(HOME, { ...PAGE, maxBytes: 1_000, truncate: true });
    expect(body).toHaveLength(1_000);
  });

  it("counts the bytes of all requests of a session together", async () => {
    const site = await serve({ "/": { body: "x".repeat(400) } });
    const session = new SafeFetcher(site.options({ budgetBytes: 1_000 })).open();
    expect(await reasonOf(session.page(HOME, PAGE))).toBe("fetched");
    expect(await reasonOf(session.subResource(HOME, PAGE))).toBe("fetched");
    expect(await reasonOf(session.subResource(HOME, PAGE))).toBe("bytes");
  });

  const zeros = Buffer.alloc(30_000_000);
  it.each([
    ["gzip", gzipSync(zeros)],
    ["br", brotliCompressSync(zeros)],
    ["deflate", deflateSync(zeros)],
  ])("refuses a small %s body that unpacks to a huge one", async (encoding, body) => {
    expect(body.length).toBeLessThan(50_000);
    const site = await serve({ "/": packed(encoding, body) });
    const session = new SafeFetcher(site.options()).open();
    const request = { ...PAGE, maxBytes: 100_000_000 };
    expect(await reasonOf(session.page(HOME, request))).toBe("bytes");
  });

  it("counts what arrives too, when it unpacks to nothing", async () => {
    const nothing = Buffer.alloc(200_000, gzipSync(""));
    const site = await serve({ "/": packed("gzip", nothing) });
    const work = fetchPage(site.options({ budgetBytes: 100_000 }));
    expect(await reasonOf(work)).toBe("bytes");
  });

  it("allows eight sub-resources, whether they answered or not", async () => {
    const site = await serve({ "/": { body: "hello" } });
    const session = new SafeFetcher(site.options()).open();
    for (let count = 0; count < 8; count += 1) {
      const url = count % 2 === 0 ? HOME : "http://127.0.0.1/";
      expect(await reasonOf(session.subResource(url, PAGE))).not.toBe("requests");
    }
    expect(session.subResourcesLeft).toBe(0);
    expect(await reasonOf(session.subResource(HOME, PAGE))).toBe("requests");
  });

  it("limits a sub-resource by itself, leaving the session its time", async () => {
    const site = await serve({ "/": { body: "hello" }, "/slow": () => {} });
    const session = new SafeFetcher(site.options({ subResourceTimeoutMs: 100 })).open();
    expect(await reasonOf(session.subResource(`${HOME}slow`, PAGE))).toBe("time");
    expect(await reasonOf(session.page(HOME, PAGE))).toBe("fetched");
  });
});

describe("bodies", () => {
  it.each([
    ["gzip", gzipSync("hello")],
    ["x-gzip", gzipSync("hello")],
    ["br", brotliCompressSync("hello")],
    ["deflate", deflateSync("hello")],
    ["deflate", deflateRawSync("hello")],
    ["identity", Buffer.from("hello")],
    ["GZIP", gzipSync("hello")],
  ])("unpacks %s", async (encoding, body) => {
    const site = await serve({ "/": packed(encoding, body) });
    expect((await fetchPage(site.options())).body.toString()).toBe("hello");
  });

  it("refuses a body packed in an unknown way or twice", async () => {
    for (const encoding of ["zstd", "gzip, gzip"]) {
      const site = await serve({ "/": packed(encoding, gzipSync("hello")) });
      expect(await reasonOf(fetchPage(site.options()))).toBe("encoding");
    }
  });

  it("fails on a body that is broken or breaks off", async () => {
    const cut: Answer = (_request, response) => {
      response.writeHead(200, { "Content-Length": "100" }).write("hello");
      setTimeout(() => response.destroy(), 20);
    };
    const broken = packed("gzip", Buffer.from("this is no gzip"));
    const short = packed("gzip", gzipSync("hello".repeat(50)).subarray(0, 20));
    for (const answer of [cut, broken, short]) {
      const site = await serve({ "/": answer });
      expect(await reasonOf(fetchPage(site.options()))).toBe("network");
    }
  });

  it.each([
    ["no HTTP", "hello\r\n\r\n"],
    ["nothing", ""],
    ["another protocol", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"X-Long: y\r\n".repeat(10_000)}`],
    ["a wrong chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"],
  ])("fails on a server that speaks %s", async (_what, bytes) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(bytes));
    });
    const port = await listen(server);
    const testing = { resolve: async () => ["127.0.0.1"], allow: () => true, dialPort: () => port };
    const work = fetchPage({ testing }, "http://a.example.com/");
    expect(await reasonOf(work)).toBe("network");
  });

  it("answers an empty body as empty", async () => {
    const site = await serve({ "/": packed("gzip", Buffer.alloc(0)) });
    expect((await fetchPage(site.options())).body).toHaveLength(0);
  });

  it("reports every request to the callback, and only there", async () => {
    const site = await serve({ "/": redirectTo("/1"), "/1": redirectTo("http://10.0.0.1/") });
    await reasonOf(fetchPage(site.options()));
    expect(site.events.map(({ url, outcome }) => [url, outcome])).toEqual([
      [HOME, "redirect"],
      [`${HOME}1`, "redirect"],
      ["http://10.0.0.1/", "address"],
    ]);
  });
});
