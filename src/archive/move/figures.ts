import { PublicDigest } from "../../core/digest.ts";
import { fingerprintOf, SNAPSHOT_FORMAT } from "../../core/snapshot.ts";
import type { SessionState } from "../../core/state.ts";
import type { Figures } from "./lines.ts";

/** A session in figures that are the same wherever it is kept. */
export function figuresOf(state: SessionState): Figures {
  const { pos, seq, auditCount, auditHead, entries } = state;
  const digest = new PublicDigest(entries).hex;
  const stateSha256 = fingerprintOf(state);
  return { pos, seq, digest, stateSha256, stateFormat: SNAPSHOT_FORMAT, auditCount, auditHead };
}

/**
 * In what a session differs from what it was; empty where in nothing. A newer program writes a state otherwise: what
 * that gives cannot be compared.
 */
export function differences(was: Figures, is: Figures): (keyof Figures)[] {
  const comparable = was.stateFormat === is.stateFormat;
  const names = Object.keys(is) as (keyof Figures)[];
  return names.filter((name) => was[name] !== is[name] && (comparable || !name.startsWith("state")));
}
