import { liveLease } from "../../live/live-lease.ts";
import type { Leftover } from "../../ports/archive.ts";
import type { Stores } from "../../ports/stores.ts";
import { lookAtCampaign } from "./campaign-look.ts";
import { type Finding, finding, isSame, reasonWithoutContent } from "./finding.ts";
import { lookAtSession, type SessionLook } from "./session-look.ts";

const PAGE = 100;
/** Between two looks at a session: what was on its way has then arrived. */
const LOOK_AGAIN_AFTER_MS = 200;
/** Looks at a session in which something is wrong; at one that a live process hosts, and which goes on meanwhile. */
const LOOKS = 2;
const LOOKS_WHILE_HOSTED = 4;

/** How much was looked at. */
export interface Totals {
  readonly campaigns: number;
  readonly sessions: number;
  readonly records: number;
  readonly snapshots: number;
}

/** A session, a campaign or the store itself, and what is wrong with it. */
export interface LookedAt {
  /** null: it is no session */
  readonly sessionId: string | null;
  readonly findings: readonly Finding[];
}

export interface LookDeps {
  readonly stores: Stores;
  /** ms since 1970 */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** told after each campaign and session */
  readonly onProgress: (totals: Totals) => void;
}

/**
 * Looks a whole store over, page by page, and tells what is wrong as it finds it. Changes nothing. What is wrong with a
 * session is told if it is still so when looked at again.
 * @throws StoreUnavailable
 */
export async function* lookAtStore(deps: LookDeps): AsyncGenerator<LookedAt, Totals> {
  const { stores, onProgress } = deps;
  const { archive, campaigns } = stores;
  const totals = { campaigns: 0, sessions: 0, records: 0, snapshots: 0 };
  const faults = await archive.faults();
  yield { sessionId: null, findings: faults.map((fault) => finding("store_fault", {}, fault)) };
  const leftovers = await archive.leftovers();
  const says = ({ what, count }: Leftover) => `left over, and of no use to anything: ${what} (${count})`;
  yield { sessionId: null, findings: leftovers.map((one) => finding("leftovers", {}, says(one), true)) };
  for await (const campaignId of idsFrom((after) => archive.campaignIds(after, PAGE))) {
    yield { sessionId: null, findings: await lookAtCampaign(campaignId, campaigns) };
    totals.campaigns += 1;
    onProgress(totals);
  }
  for await (const sessionId of idsFrom((after) => archive.sessionIds(after, PAGE))) {
    const { findings, records, snapshots } = await lookUntilSure(sessionId, deps);
    yield { sessionId, findings };
    totals.sessions += 1;
    totals.records += records;
    totals.snapshots += snapshots;
    onProgress(totals);
  }
  return totals;
}

/** Looks at a session; where something is wrong, again: only what is wrong each time is. */
export async function lookUntilSure(
  sessionId: string,
  { stores, now, wait }: Pick<LookDeps, "stores" | "now" | "wait">,
): Promise<SessionLook> {
  let seen = await lookOnce(sessionId, stores);
  for (let looks = 1; seen.findings.length > 0; looks++) {
    if (looks >= LOOKS_WHILE_HOSTED) break;
    if (looks >= LOOKS && (await liveLease(sessionId, stores.leases, now())) === undefined) break;
    await wait(LOOK_AGAIN_AFTER_MS);
    const again = await lookOnce(sessionId, stores);
    const findings = again.findings.filter((one) => seen.findings.some((other) => isSame(one, other)));
    seen = { ...again, findings };
  }
  return seen;
}

/** @throws StoreUnavailable where the store is gone: one session that it cannot read is no reason to stop */
async function lookOnce(sessionId: string, stores: Stores): Promise<SessionLook> {
  try {
    return await lookAtSession(sessionId, stores);
  } catch (error) {
    await stores.archive.sessionIds("", 1);
    const says = `it cannot be looked over: ${reasonWithoutContent(error)}`;
    const findings = [finding("session_unreadable", { sessionId }, says)];
    return { findings, state: undefined, records: 0, snapshots: 0, goodSnapshots: 0 };
  }
}

async function* idsFrom(pageAfter: (id: string) => Promise<string[]>): AsyncGenerator<string> {
  for (let page = await pageAfter(""); page.length > 0; page = await pageAfter(page.at(-1)!)) yield* page;
}
