import { isIP, isIPv4 } from "node:net";

const NAMED_RANGES = new Set(["loopback", "linklocal", "uniquelocal"]);

/** Whether a text says whose forwarded addresses are believed, as Express' `trust proxy` takes it. */
export function isTrustProxy(text: string): boolean {
  return /^(true|false|\d{1,3})$/.test(text) || text.split(",").every((part) => asRange(part.trim()) !== undefined);
}

/** What Express is given for a text that `isTrustProxy` takes. Ranges have the number of their bits, never a netmask. */
export function asTrustProxy(text: string): boolean | number | string {
  if (text === "true" || text === "false") return text === "true";
  if (/^\d+$/.test(text)) return Number(text);
  return text
    .split(",")
    .map((part) => asRange(part.trim()))
    .join(", ");
}

/** `10.0.0.0/8` for `10.0.0.0/255.0.0.0`; undefined for what is no range. */
function asRange(text: string): string | undefined {
  if (NAMED_RANGES.has(text)) return text;
  const [address = "", size, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return undefined;
  if (size === undefined) return text;
  const bits = family === 4 && isIPv4(size) ? bitsOf(size) : /^\d{1,3}$/.test(size) ? Number(size) : undefined;
  return bits === undefined || bits > (family === 4 ? 32 : 128) ? undefined : `${address}/${bits}`;
}

/** Of a netmask; undefined where ones stand behind zeros. */
function bitsOf(netmask: string): number | undefined {
  const digits = netmask
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(digits) ? digits.lastIndexOf("1") + 1 : undefined;
}
