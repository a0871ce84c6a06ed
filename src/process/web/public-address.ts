import ipaddr from "ipaddr.js";

/**
 * Whether an IP address is public unicast. Addresses that carry an IPv4 address for a translator
 * (IPv4-mapped, NAT64, 6to4) count as the address they carry; every other special range is refused.
 */
export function isPublicAddress(address: string): boolean {
  // A zone ("fe80::1%eth0") only means something on this machine.
  if (address.includes("%")) return false;
  // Four decimal parts only: ipaddr.js also reads octal, hex and short forms.
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return isPublicV4(ipaddr.IPv4.parse(address));
  return ipaddr.IPv6.isValid(address) && isPublicV6(ipaddr.IPv6.parse(address));
}

/** Azure answers machine metadata here, on an address that is otherwise public. */
const AZURE_METADATA = "168.63.129.16";

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === "unicast" && address.toString() !== AZURE_METADATA;
}

function isPublicV6(address: ipaddr.IPv6): boolean {
  const bytes = address.toByteArray();
  if (address.isIPv4MappedAddress()) return isPublicV4(address.toIPv4Address());
  // Of the local NAT64 prefix only 64:ff9b:1::/96: other lengths put the IPv4 part elsewhere, and
  // which one a network uses cannot be seen.
  if (isWithin(address, "64:ff9b::", 96) || isWithin(address, "64:ff9b:1::", 96)) {
    return isPublicV4(new ipaddr.IPv4(bytes.slice(12, 16)));
  }
  if (isWithin(address, "2002::", 16)) return isPublicV4(new ipaddr.IPv4(bytes.slice(2, 6)));
  // Outside 2000::/3 nothing is handed out, though ipaddr.js calls some of it unicast.
  return address.range() === "unicast" && isWithin(address, "2000::", 3);
}

function isWithin(address: ipaddr.IPv6, prefix: string, bits: number): boolean {
  return address.match(ipaddr.IPv6.parse(prefix), bits);
}
