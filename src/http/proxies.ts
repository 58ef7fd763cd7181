import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Config } from "../config.ts";
import type { SeenClient } from "../ports/elsewhere.ts";
import { canonicalAddress, rateKeyOf } from "./address.ts";
import { isHost } from "./origin.ts";

/** The ranges that `TRUST_PROXY` may name, as Express has them. */
const NAMED_RANGES: { readonly [name: string]: readonly string[] } = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/** What of a request is looked at here: HTTP requests and WebSocket upgrades alike. */
export type Arriving = Pick<IncomingMessage, "headers" | "rawHeaders" | "httpVersion" | "socket" | "method" | "url">;

/** What another process of ours says of a request's client, which it forwarded; undefined: none did. */
type Told = (request: Arriving) => SeenClient | undefined;

/**
 * Who asks, by which host they reached us and over what, as far as the proxies in front of us may be believed
 * (`TRUST_PROXY`), and the process of ours that forwarded it. The one place that reads `X-Forwarded-*`, for HTTP,
 * matchmaking and WebSockets alike.
 */
export class Proxies {
  readonly #trusts: (address: string, hop: number) => boolean;
  readonly #told: Told;

  /**
   * @param trust as Express' `trust proxy`
   * @param told what was seen by the process of ours that forwarded a request
   */
  constructor(trust: Config["trustProxy"], told: Told = () => undefined) {
    this.#trusts = trustOf(trust);
    this.#told = told;
  }

  /** All of it. */
  seen(request: Arriving): SeenClient {
    return {
      address: this.addressOf(request),
      host: this.hostOf(request) ?? undefined,
      isSecure: this.isSecure(request),
    };
  }

  /** Whether a proxy is believed. @param hop how many stand between it and us */
  trusts(address: string | undefined, hop: number): boolean {
    return this.#trusts(canonicalAddress(address ?? "") ?? "", hop);
  }

  /** The client's address in its canonical form; empty where the connection is gone already. */
  addressOf(request: Arriving): string {
    const forwarded = this.#told(request);
    if (forwarded !== undefined) return forwarded.address;
    let client = canonicalAddress(request.socket.remoteAddress ?? "") ?? "";
    const told = [...listOf(request, "x-forwarded-for")].reverse();
    for (const [hop, text] of told.entries()) {
      const before = canonicalAddress(text);
      // What is no address says nothing: the proxy that told it is the last that is known.
      if (before === undefined || !this.#trusts(client, hop)) break;
      client = before;
    }
    return client;
  }

  /** The key under which a rate by address counts this request. Every limit by address goes by it. */
  rateKeyOf(request: Arriving): string {
    return rateKeyOf(this.addressOf(request));
  }

  /**
   * The host by which we were reached: what the nearest proxy, if it is believed, says in `X-Forwarded-Host`, else `Host`.
   * @returns undefined where there is none, null where what stands there is no host
   */
  hostOf(request: Arriving): string | null | undefined {
    const told = this.#told(request);
    if (told !== undefined) return told.host;
    const { headers, rawHeaders } = request;
    const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host").length;
    if (hosts > 1 || (headers.host !== undefined && !isHost(headers.host))) return null;
    const [forwarded] = this.#isBehindOne(request) ? listOf(request, "x-forwarded-host") : [];
    if (forwarded === undefined) return headers.host;
    return isHost(forwarded) ? forwarded : null;
  }

  /** Whether the request came by https; undefined where nobody says so: a proxy that is not believed may have had it so. */
  isSecure(request: Arriving): boolean | undefined {
    const told = this.#told(request);
    if (told !== undefined) return told.isSecure;
    if ((request.socket as Partial<TLSSocket>).encrypted === true) return true;
    const [scheme] = this.#isBehindOne(request) ? listOf(request, "x-forwarded-proto") : [];
    return scheme === undefined ? undefined : /^(https|wss)$/i.test(scheme);
  }

  /** Whether another process of ours sent it on, which looked at it before. */
  wasForwarded(request: Arriving): boolean {
    return this.#told(request) !== undefined;
  }

  #isBehindOne(request: Arriving): boolean {
    return this.trusts(request.socket.remoteAddress, 0);
  }
}

/** Whether a request names one host, and one that can be. Where HTTP is 1.0 it may name none. */
export function namesItsHost(request: Arriving, proxies: Proxies): boolean {
  if (proxies.wasForwarded(request)) return true;
  const host = proxies.hostOf(request);
  return host === undefined ? request.httpVersion === "1.0" : host !== null;
}

function listOf({ headers }: Arriving, name: string): string[] {
  const value = headers[name];
  const text = Array.isArray(value) ? value.join() : (value ?? "");
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function trustOf(trust: Config["trustProxy"]): (address: string, hop: number) => boolean {
  if (typeof trust === "boolean") return () => trust;
  if (typeof trust === "number") return (_address, hop) => hop < trust;
  const trusted = new BlockList();
  for (const range of trust.split(",").flatMap((part) => NAMED_RANGES[part.trim()] ?? [part.trim()])) {
    const [address = "", bits] = range.split("/");
    const mapped = isIPv6(address) ? canonicalAddress(address) : undefined;
    if (mapped !== undefined && !isIPv6(mapped)) trusted.addSubnet(mapped, Math.max(0, Number(bits ?? 128) - 96));
    else trusted.addSubnet(address, Number(bits ?? (isIPv6(address) ? 128 : 32)), familyOf(address));
  }
  return (address) => address !== "" && trusted.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
