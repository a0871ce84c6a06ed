import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../../../src/platform/errors.js";
import { normalizeDomains, normalizeOrigin } from "../../../src/platform/widgets/origins.js";

const ORIGINS: Record<string, string> = {
  "yourdomain.com": "https://yourdomain.com",
  "https://app.example.com/checkout": "https://app.example.com",
  "https://app.example.com/": "https://app.example.com",
  "http://example.com": "http://example.com",
  "HTTPS://Example.COM": "https://example.com",
  "https://example.com:443": "https://example.com",
  "http://example.com:80/x": "http://example.com",
  "https://example.com:80": "https://example.com:80",
  "http://example.com:443": "http://example.com:443",
  "example.com:8443": "https://example.com:8443",
  "localhost:3000": "https://localhost:3000",
  "http://localhost:3000": "http://localhost:3000",
  "http://127.0.0.1:8080/a?b#c": "http://127.0.0.1:8080",
  "http://[::1]:3000": "http://[::1]:3000",
  "[::1]:3000": "https://[::1]:3000",
  "bücher.example": "https://xn--bcher-kva.example",
  "https://BÜCHER.example": "https://xn--bcher-kva.example",
  "xn--bcher-kva.example": "https://xn--bcher-kva.example",
  "例え.テスト": "https://xn--r8jz45g.xn--zckzah",
  "  example.com  ": "https://example.com",
  "example.com?utm=1": "https://example.com",
  "example.com#top": "https://example.com",
  "https://example.com/@handle": "https://example.com",
  "example.com/a:b": "https://example.com",
  "my_host.example": "https://my_host.example",
  intranet: "https://intranet",
  "intranet:8080": "https://intranet:8080",
  "intranet:8080/checkout": "https://intranet:8080",
  "LOCALHOST:3000": "https://localhost:3000",
  "data.example:8443": "https://data.example:8443",
  "mailto.example": "https://mailto.example",
  "https://mailto:8080": "https://mailto:8080",
  "null.example": "https://null.example",
};

const NO_ORIGINS = [
  "",
  " ",
  "*",
  "*.example.com",
  "https://*.example.com",
  "https://example.com/*",
  "https://user@example.com",
  "https://user:secret@example.com",
  "https://@example.com",
  "https:///user@example.com",
  "user@example.com",
  "exa mple.com",
  "https://example.com/a b",
  "example.com\tx",
  "example.com\nhttps://evil.example",
  "null",
  "NULL",
  "null/",
  "null:8080",
  "https://null",
  "ftp://example.com",
  "ftp:example.com",
  "ftp:21",
  "mailto:x",
  "mailto:8080",
  "tel:123",
  "sms:4911",
  "data:,x",
  "data:1",
  "file:etc",
  "file:8080",
  "about:blank",
  "about:1",
  "JavaScript:1",
  "blob:https://example.com/x",
  "blob:1",
  "http:8080",
  "https:443",
  "wss://example.com",
  "ws:80",
  "chrome-extension://abcdef",
  "chrome-extension:1",
  "moz-extension:1",
  "view-source:1",
  "news:x",
  "javascript:alert(1)",
  "javascript://example.com/%0aalert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "mailto:a@example.com",
  "http:/example.com",
  "https:example.com",
  "http:",
  "https://",
  "://example.com",
  "example.com:port",
  "example.com:99999",
  "example.com:",
  "https://exa%20mple.com",
  "https://exa<mple.com",
  "example..com",
  "-example.com",
  "\\\\example.com",
  "/",
  "/checkout",
  "//example.com",
  "123",
  "https:\\\\example.com",
  `${"a".repeat(250)}.example.com`,
  `https://example.com/${"a".repeat(2000)}`,
];

describe("a domain is normalised to an origin", () => {
  for (const [text, origin] of Object.entries(ORIGINS)) {
    test(`${JSON.stringify(text)} → ${origin}`, () => {
      expect(normalizeOrigin(text)).toBe(origin);
    });
  }
});

describe("what is no origin is refused", () => {
  for (const text of NO_ORIGINS) {
    test(JSON.stringify(text.slice(0, 60)), () => {
      expect(normalizeOrigin(text)).toBeUndefined();
    });
  }
});

describe("whatever is typed", () => {
  const host = fc.domain();
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
  const protocol = fc.constantFrom("", "http://", "https://", "HTTP://", "Https://");
  const tail = fc.constantFrom("", "/", "/checkout", "?a=b", "#c", "/a/b?c=d#e");

  test("an address keeps its host, and its port unless it is the protocol's own", () => {
    fc.assert(
      fc.property(protocol, host, port, tail, (scheme, name, number, rest) => {
        const secure = !scheme.toLowerCase().startsWith("http:");
        const isDefault = number === undefined || number === (secure ? 443 : 80);
        const text = `${scheme}${name}${number === undefined ? "" : `:${number}`}${rest}`;
        expect(normalizeOrigin(text)).toBe(
          `http${secure ? "s" : ""}://${name.toLowerCase()}${isDefault ? "" : `:${number}`}`,
        );
      }),
    );
  });

  test("the answer is an origin as a browser writes it, and normalising it again changes nothing", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.tuple(protocol, fc.string()).map((parts) => parts.join("")),
      fc
        .tuple(
          fc.constantFrom(
            "null",
            "mailto",
            "tel",
            "data",
            "https",
            "intranet",
            "x-y",
            "a.b",
            "[::1]",
          ),
          fc.constantFrom(":", "://", ":/", "", ".", ".:"),
          fc.oneof(fc.integer({ min: 0, max: 70_000 }).map(String), fc.domain(), fc.string()),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const origin = normalizeOrigin(typed);
        if (origin === undefined) return;
        expect(new URL(origin).origin).toBe(origin);
        expect(normalizeOrigin(origin)).toBe(origin);
        expect(new URL(origin).hostname).not.toBe("null");
        expect(origin).toMatch(/^https?:\/\/[^/\s*@\\]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the list of domains", () => {
  test("keeps its order and each origin once", () => {
    expect(
      normalizeDomains(["b.example", "https://B.example/x", "a.example", "http://b.example"]),
    ).toEqual(["https://b.example", "https://a.example", "http://b.example"]);
  });

  test("names every entry that is wrong, without repeating it", () => {
    const error = caught(() =>
      normalizeDomains(["ok.example", "*.evil.example", "also ok", "fine.example"]),
    );
    expect(error.fields?.map((field) => field.path)).toEqual(["domains.1", "domains.2"]);
    expect(JSON.stringify(error.fields) + error.message).not.toContain("evil");
  });

  test("has at most 100 entries", () => {
    const names = Array.from({ length: 101 }, (_, n) => `shop${n}.example`);
    expect(normalizeDomains(names.slice(0, 100))).toHaveLength(100);
    expect(caught(() => normalizeDomains(names)).fields?.[0]?.path).toBe("domains");
  });
});

/** The error of a call that must fail. */
function caught(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
