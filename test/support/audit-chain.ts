import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { AuditEventView } from "./evening.ts";

/**
 * Checks an audit trail as anybody outside can, from the events alone (contract, section 2, AuditEvent): numbers from 1 without
 * gaps, each hash over the canonical JSON of its event, each `prev` the hash before.
 * @returns the `n` of the first event that breaks the chain, null if none does
 */
export function firstBroken(events: readonly AuditEventView[]): number | null {
  let prev = "0".repeat(64);
  for (const [index, { hash, ...hashed }] of events.entries()) {
    const computed = createHash("sha256")
      .update(canonicalize(hashed) ?? "")
      .digest("hex");
    if (hashed.n !== index + 1 || hashed.prev !== prev || hash !== computed) return hashed.n;
    prev = hash;
  }
  return null;
}
