import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import type { AuditEvent, AuditNote } from "./record.ts";

/** The `prev` of a session's first event. */
export const CHAIN_START = "0".repeat(64);

/** SHA-256, hex, over the canonical JSON (RFC 8785) of an event without its `hash`. */
function hashOf(event: Omit<AuditEvent, "hash">): string {
  return hash("sha256", canonicalize(event) as string, "hex");
}

/**
 * Gives a note its number and its place in the chain.
 * @param prevCount how many events stand before it
 * @param prevHead the hash of the last of them, `CHAIN_START` for the first
 * @throws where the note holds what canonical JSON cannot say (NaN, a lone surrogate)
 */
export function chain(prevCount: number, prevHead: string, note: AuditNote): AuditEvent {
  const { kind, actor, data } = note;
  const event = { n: prevCount + 1, at: new Date(note.at).toISOString(), kind, actor, data, prev: prevHead };
  return { ...event, hash: hashOf(event) };
}

/** What is known of a chain so far: `GET events/verify`. */
export interface ChainVerdict {
  readonly valid: boolean;
  /** events looked at */
  readonly count: number;
  /** the number at which the first event stands, or should stand, that does not fit; null if all do */
  readonly firstBrokenAt: number | null;
  /** the hash that the last event names as its own */
  readonly head: string;
}

export const NOTHING_VERIFIED: ChainVerdict = { valid: true, count: 0, firstBrokenAt: null, head: CHAIN_START };

/**
 * Checks events in the order in which they are stored: numbers without gaps, each `prev` the hash before it, each hash
 * that of its event. A chain can be checked page by page, each with the verdict on those before it. An end that was cut
 * off cannot show here: compare `count` and `head` with those of the session.
 */
export function verifyChain(events: Iterable<AuditEvent>, from: ChainVerdict = NOTHING_VERIFIED): ChainVerdict {
  let { count, firstBrokenAt, head } = from;
  for (const event of events) {
    count += 1;
    if (firstBrokenAt === null && !follows(event, count, head)) firstBrokenAt = count;
    head = event.hash;
  }
  return { valid: firstBrokenAt === null, count, firstBrokenAt, head };
}

function follows(event: AuditEvent, n: number, prev: string): boolean {
  if (event.n !== n || event.prev !== prev) return false;
  const { hash: named, ...rest } = event;
  try {
    return hashOf(rest) === named;
  } catch {
    return false; // what canonical JSON cannot say was never hashed by us
  }
}
