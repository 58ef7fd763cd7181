import { OutcomeUnknown, StoredDataDamaged, StoreUnavailable } from "../../ports/failures.ts";

/**
 * How bad something is: a `note` goes away by itself or does no harm, a `warning` should be looked at, and `damage`
 * means that something is lost, or will be by going on.
 */
export type Severity = "note" | "warning" | "damage";

/** Everything that can be found wrong with a store. */
const SEVERITIES = {
  /** the store says so of itself: a damaged page, an index that is missing */
  store_fault: "damage",
  leftovers: "note",

  campaign_unreadable: "damage",
  campaign_without_gm: "damage",
  campaign_member_twice: "warning",
  campaign_name: "warning",

  session_unreadable: "damage",
  /** nothing can be said of its end */
  unsettled: "note",
  /** something is kept of a session, but no record of its log */
  log_missing: "damage",
  gap: "damage",
  record_damaged: "damage",
  /** forgotten, although no trim goes that far */
  content_missing: "damage",
  /** readable, but it cannot follow what stands before it */
  record_misfit: "damage",
  epoch_falls: "damage",
  audit_broken: "damage",
  traces_broken: "damage",
  /** neither the log alone nor a snapshot with the log after it gives the session */
  not_restorable: "damage",

  snapshot_partial: "warning",
  snapshot_damaged: "warning",
  /** whole, and not what the log says */
  snapshot_differs: "damage",
  snapshot_beyond_log: "damage",

  row_missing: "warning",
  /** as the session was before; its next opening mends that */
  row_behind: "note",
  row_differs: "warning",
  lookup_missing: "warning",
  lookup_of_nobody: "warning",
  /** nothing is noted of its people: a running server makes up for that */
  people_missing: "note",
  person_differs: "warning",
  invite_differs: "warning",
  lease_of_nobody: "warning",
  campaign_missing: "damage",
} as const satisfies Record<string, Severity>;

export type FindingKind = keyof typeof SEVERITIES;

/** Where something is wrong; what does not apply is null. */
export interface Place {
  readonly campaignId: string | null;
  readonly sessionId: string | null;
  readonly pos: number | null;
}

/** Something that is wrong with a store. `says` is a sentence without session content. */
export interface Finding extends Place {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly says: string;
  /** whether `--mend` mends it */
  readonly canMend: boolean;
}

export function finding(kind: FindingKind, where: Partial<Place>, says: string, canMend = false): Finding {
  const place = { campaignId: null, sessionId: null, pos: null, ...where };
  return { kind, severity: SEVERITIES[kind], ...place, says, canMend };
}

/** The same thing at the same place, as far as somebody who reads it can tell. */
export function isSame(one: Finding, other: Finding): boolean {
  return one.kind === other.kind && one.pos === other.pos && one.says === other.says;
}

const OUR_OWN = [Error, StoredDataDamaged, StoreUnavailable, OutcomeUnknown];

/**
 * Why something could not be read, without what it holds: a parser's message, or one about a wrong argument, quotes
 * what it stumbled over, and only our own messages are known not to.
 */
export function reasonWithoutContent(error: unknown): string {
  if (error instanceof SyntaxError) return "it is no JSON";
  if (error instanceof Error && OUR_OWN.some((kind) => error.constructor === kind)) return error.message;
  return `it is not of the shape that it should be (${error instanceof Error ? error.name : typeof error})`;
}
