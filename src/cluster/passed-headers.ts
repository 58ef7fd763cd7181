import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { ASKING_HEADER, CHALLENGE_HEADER, FORWARDED_HEADER, PROOF_HEADER } from "./peer-proof.ts";

/** About one connection, not about what is said over it (RFC 9110, section 7.6.1). */
const OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What this process says of a request by itself: a client's word for it is not passed on. */
const SAID_BY_US: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "expect",
  "forwarded",
  "x-real-ip",
  "x-client-ip",
  FORWARDED_HEADER,
  ASKING_HEADER,
  CHALLENGE_HEADER,
  PROOF_HEADER,
]);

/** Of a client's request, what its host is told. */
export function passedToHost(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = namedBy(headers.connection);
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) =>
        !OF_ONE_CONNECTION.has(name) && !SAID_BY_US.has(name) && !name.startsWith("x-forwarded-") && !named.has(name),
    ),
  );
}

/** Of a host's answer, what its client is told: names and values in turn. */
export function passedToClient(rawHeaders: readonly string[]): string[] {
  const passed: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (!OF_ONE_CONNECTION.has(name.toLowerCase())) passed.push(name, rawHeaders[i + 1]!);
  }
  return passed;
}

function namedBy(connection: string | undefined): ReadonlySet<string> {
  return new Set((connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
}
