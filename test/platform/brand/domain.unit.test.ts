import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidDomainError } from "../../../src/platform/brand/brand-errors.js";
import { normalizeDomain } from "../../../src/platform/brand/domain.js";
import { isPublicHostName } from "../../../src/process/web/public-host-name.js";

describe("normalizeDomain", () => {
  it.each([
    ["example.com", "example.com"],
    ["https://example.com", "example.com"],
    ["HTTP://WWW.Example.COM/", "example.com"],
    ["  www.example.com  ", "example.com"],
    ["shop.example.co.uk", "shop.example.co.uk"],
    ["example.com.", "example.com"],
    ["müller.de", "xn--mller-kva.de"],
    ["https://www.bücher.example.org/", "xn--bcher-kva.example.org"],
    ["例え.jp", "xn--r8jz45g.jp"],
    ["例え。jp", "xn--r8jz45g.jp"],
    ["ＥＸＡＭＰＬＥ．com", "example.com"],
    ["www.nl", "www.nl"],
    ["1.com", "1.com"],
  ])("reads %j as %s", (input, domain) => {
    expect(normalizeDomain(input)).toBe(domain);
  });

  it.each([
    "127.0.0.1",
    "https://127.0.0.1/",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "0",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "93.184.216.34",
    "1.2.3.4.5",
    "[::1]",
    "::1",
    "[::ffff:7f00:1]",
    "fe80::1%eth0",
  ])("refuses the IP address %s", (input) => {
    expect(() => normalizeDomain(input)).toThrow(InvalidDomainError);
  });

  it.each([
    "localhost",
    "LOCALHOST.",
    "intranet",
    "com",
    "app.localhost",
    "printer.local",
    "metadata.google.internal",
    "router.lan",
    "nas.home",
    "1.0.168.192.in-addr.arpa",
    "home.arpa",
    "shop.test",
    "shop.example",
    "shop.invalid",
    "duckduckgo.onion",
    "vitalik.alt",
    "ｌｏｃａｌｈｏｓｔ",
    "printer.ｌｏｃａｌ",
  ])("refuses %s, which is no public name", (input) => {
    expect(() => normalizeDomain(input)).toThrow(InvalidDomainError);
  });

  it.each([
    "",
    "   ",
    "https://",
    "example.com:8080",
    "example.com:443",
    "user@example.com",
    "https://user:secret@example.com",
    "example.com/path",
    "example.com//",
    "example.com?x=1",
    "example.com#top",
    "example.com\\evil",
    "exa mple.com",
    "exam\nple.com",
    "example.com\0",
    "%65xample.com",
    "ftp://example.com",
    "javascript:alert(1)",
    "//example.com",
    "https://https://example.com",
    "*.example.com",
    "-bad.example.com",
    "bad_name.example.com",
    "a..example.com",
    ".example.com",
    `${"a".repeat(64)}.com`,
    `${"a.".repeat(127)}com`,
    "a".repeat(5000),
    "xn--zzzzzz99999.com",
  ])("refuses %j, which is more or less than a host name", (input) => {
    expect(() => normalizeDomain(input)).toThrow(InvalidDomainError);
  });

  it("answers a public host name or refuses, whatever it is given", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.webUrl(), fc.domain()), (input) => {
        try {
          const domain = normalizeDomain(input);
          expect(isPublicHostName(domain)).toBe(true);
          expect(new URL(`https://${domain}/`).hostname).toBe(domain);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidDomainError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves a normalised name as it is, with or without the wrapping", () => {
    const names = fc.domain().filter((name) => isPublicHostName(name) && !name.startsWith("www."));
    fc.assert(
      fc.property(names, fc.constantFrom("", "http://", "https://"), (name, protocol) => {
        expect(normalizeDomain(`${protocol}www.${name}/`)).toBe(name);
        expect(normalizeDomain(name)).toBe(name);
      }),
    );
  });

  it("refuses every IPv4 address, in decimal, hex, octal and short form", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        const parts = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255);
        const [first = 0] = parts;
        for (const form of [
          String(number),
          `0x${number.toString(16)}`,
          `0${number.toString(8)}`,
          parts.join("."),
          parts.map((part) => `0x${part.toString(16)}`).join("."),
          `${first}.${number & 0xff_ff_ff}`,
        ]) {
          expect(() => normalizeDomain(form)).toThrow(InvalidDomainError);
        }
      }),
    );
  });
});
