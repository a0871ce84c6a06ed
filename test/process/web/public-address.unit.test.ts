import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../src/process/web/public-address.js";

describe("isPublicAddress", () => {
  it.each([
    "93.184.216.34",
    "8.8.8.8",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "64:ff9b:1::808:808",
    "2002:808:808::1",
  ])("takes %s", (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    ["loopback", "127.0.0.1"],
    ["loopback, elsewhere in its range", "127.255.0.9"],
    ["this network", "0.0.0.0"],
    ["private, 10/8", "10.0.0.1"],
    ["private, 172.16/12", "172.31.255.255"],
    ["private, 192.168/16", "192.168.1.1"],
    ["link-local, with the clouds' metadata", "169.254.169.254"],
    ["carrier-grade NAT", "100.64.0.1"],
    ["a cloud's metadata inside carrier-grade NAT", "100.100.100.200"],
    ["Azure's metadata on a public address", "168.63.129.16"],
    ["protocol assignments", "192.0.0.192"],
    ["documentation", "203.0.113.7"],
    ["benchmarks", "198.18.0.1"],
    ["multicast", "224.0.0.1"],
    ["reserved", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["IPv6 loopback", "::1"],
    ["IPv6 unspecified", "::"],
    ["IPv6 unique local", "fd00:ec2::254"],
    ["IPv6 link-local", "fe80::1"],
    ["IPv6 with a zone", "fe80::1%eth0"],
    ["IPv6 site-local", "fec0::1"],
    ["IPv6 multicast", "ff02::1"],
    ["IPv6 documentation", "2001:db8::1"],
    ["IPv6 not handed out", "4000::1"],
    ["Teredo", "2001::1"],
    ["IPv4-mapped loopback", "::ffff:127.0.0.1"],
    ["IPv4-mapped metadata in hex", "::ffff:a9fe:a9fe"],
    ["IPv4-compatible loopback", "::7f00:1"],
    ["IPv4-translated loopback", "::ffff:0:7f00:1"],
    ["NAT64 of a private address", "64:ff9b::a00:1"],
    ["local NAT64 of metadata", "64:ff9b:1::a9fe:a9fe"],
    ["local NAT64 with the address elsewhere", "64:ff9b:1:7f00:0:100::"],
    ["6to4 of a private address", "2002:c0a8:101::1"],
    ["6to4 of loopback", "2002:7f00:1::"],
    ["octal, not four decimal parts", "0177.0.0.1"],
    ["short", "127.1"],
    ["no address", "example.com"],
    ["nothing", ""],
  ])("refuses %s: %s", (_what, address) => expect(isPublicAddress(address)).toBe(false));

  it("judges a wrapped address as the address inside, whichever the wrapping", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const hex = Buffer.from(address.split(".").map(Number)).toString("hex");
        const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
        const expected = isPublicAddress(address);
        for (const form of [
          `::ffff:${address}`,
          `64:ff9b::${groups}`,
          `64:ff9b:1::${groups}`,
          `2002:${groups}::1`,
        ]) {
          expect(isPublicAddress(form)).toBe(expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
