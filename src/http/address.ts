import { isIPv4, isIPv6, SocketAddress } from "node:net";

/**
 * An address in its one form: without a port, brackets or a zone, an IPv4 one that is mapped into IPv6 as IPv4.
 * @param text as a socket or a proxy says it: `198.51.100.4:4711`, `[2001:db8::1]:443`, `::ffff:198.51.100.4`
 * @returns undefined for what is no address
 */
export function canonicalAddress(text: string): string | undefined {
  const bare = withoutPort(text.trim()).replace(/%.*$/s, "");
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return undefined;
  const { address } = new SocketAddress({ address: bare, family: "ipv6" });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return mapped ?? address;
}

/**
 * For whom a rate by address counts: an IPv4 address, or the /64 of an IPv6 one, for one person's line has a whole /64.
 * @param address canonical
 */
export function rateKeyOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [left = "", right] = address.split("::");
  const before = left === "" ? [] : left.split(":");
  const after = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

function withoutPort(text: string): string {
  return /^\[(.*)\](?::\d*)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d*$/.exec(text)?.[1] ?? text;
}
