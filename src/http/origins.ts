import { isIPv4 } from "node:net";
import type { Config } from "../config.ts";
import { canonicalAddress } from "./address.ts";
import { canonicalOrigin, hostnameOf } from "./origin.ts";
import type { Arriving, Proxies } from "./proxies.ts";

/**
 * Which pages may talk to this server: one idea of our own host and of who else is allowed, for HTTP and WebSockets alike.
 */
export class Origins {
  readonly #proxies: Proxies;
  readonly #allowed: Config["corsOrigins"];
  readonly #devLogin: boolean;
  /** null: whatever host a request names is ours */
  readonly #publicOrigin: string | null;
  readonly #publicHostname: string | null;

  constructor({ auth, corsOrigins, publicUrl }: Pick<Config, "auth" | "corsOrigins" | "publicUrl">, proxies: Proxies) {
    this.#proxies = proxies;
    this.#allowed = corsOrigins;
    this.#devLogin = auth.devLogin;
    this.#publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
    this.#publicHostname = publicUrl === null ? null : new URL(publicUrl).hostname;
  }

  /** Whether every origin is allowed, by `CORS_ORIGINS=*`. */
  get any(): boolean {
    return this.#allowed === "any";
  }

  /** Whether the page that asks, if a page does, may talk to us. */
  isAllowed(request: Arriving): boolean {
    const { origin } = request.headers;
    if (origin === undefined || this.any || this.#isListed(origin) || this.#isOwn(origin, request)) return true;
    return this.#devLogin && isLoopback(origin);
  }

  /**
   * Whether dev login may give somebody something. Not to a page of another site, `*` or not; and not by a name that is
   * not ours, for a name of theirs may lead to this machine too (DNS rebinding), and their page is then of our origin.
   */
  mayUseDevLogin(request: Arriving): boolean {
    const hostname = hostnameOf(this.#proxies.hostOf(request) ?? "");
    if (hostname === undefined || !(isAddress(hostname) || this.#isOurName(hostname))) return false;
    const { origin } = request.headers;
    return origin === undefined || isLoopback(origin) || this.#isListed(origin) || this.#isOwn(origin, request);
  }

  #isOurName(hostname: string): boolean {
    return hostname === "localhost" || hostname === this.#publicHostname;
  }

  #isListed(text: string): boolean {
    const origin = canonicalOrigin(text);
    return origin !== undefined && this.#allowed !== "any" && this.#allowed.includes(origin);
  }

  /**
   * Our own: that of `PUBLIC_URL`; without it, that of the host by which we were reached. Of that one the scheme counts
   * where it is known: who ends TLS in front of us, without being believed, hides it.
   */
  #isOwn(text: string, request: Arriving): boolean {
    const origin = canonicalOrigin(text);
    if (origin === undefined) return false;
    if (this.#publicOrigin !== null) return origin === this.#publicOrigin;
    const host = this.#proxies.hostOf(request) ?? "";
    const { protocol } = new URL(origin);
    if (hostnameOf(host) === undefined || !/^https?:$/.test(protocol)) return false;
    const isSecure = this.#proxies.isSecure(request);
    if (isSecure !== undefined && isSecure !== (protocol === "https:")) return false;
    // With the origin's own scheme, so that its default port is the same as none.
    return new URL(`${protocol}//${host}`).origin === origin;
  }
}

/** A page of this very machine, of whatever port. */
function isLoopback(text: string): boolean {
  const origin = canonicalOrigin(text);
  if (origin === undefined || !/^https?:/.test(origin)) return false;
  const { hostname } = new URL(origin);
  const address = canonicalAddress(hostname) ?? "";
  return hostname === "localhost" || address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

function isAddress(hostname: string): boolean {
  return canonicalAddress(hostname) !== undefined;
}
