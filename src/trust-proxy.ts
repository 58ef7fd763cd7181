import { isIP } from "node:net";

const NAMED_RANGES = new Set(["loopback", "linklocal", "uniquelocal"]);

/** Whether a text says whose forwarded addresses are believed, as Express' `trust proxy` takes it. */
export function isTrustProxy(text: string): boolean {
  if (/^(true|false|\d{1,3})$/.test(text)) return true;
  return text.split(",").every((part) => {
    const [address = "", bits, ...rest] = part.trim().split("/");
    if (NAMED_RANGES.has(address)) return bits === undefined;
    const family = isIP(address);
    if (family === 0 || rest.length > 0) return false;
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
  });
}

/** What Express is given for a text that `isTrustProxy` takes. */
export function asTrustProxy(text: string): boolean | number | string {
  if (text === "true" || text === "false") return text === "true";
  return /^\d+$/.test(text) ? Number(text) : text;
}
