import type { Stores } from "../../ports/stores.ts";
import type { Finding, Severity } from "./finding.ts";
import { mendSession } from "./mend.ts";
import { type LookDeps, type LookedAt, lookAtStore, type Totals } from "./store-look.ts";

/** What came to light, in the order in which it did. */
export type Told =
  | { readonly what: "found"; readonly finding: Finding }
  /** `sessionId` null: the store */
  | { readonly what: "mended"; readonly sessionId: string | null; readonly did: string }
  | { readonly what: "not_mended"; readonly sessionId: string; readonly why: string };

/** What was looked at, and how much is wrong at the end, by severity. */
export interface Summary extends Totals {
  readonly wrong: Readonly<Record<Severity, number>>;
}

export interface ExamineDeps extends Omit<LookDeps, "stores"> {
  /** @param forReading nothing is written, however it is used */
  readonly open: (forReading: boolean) => Promise<Stores>;
  readonly tell: (told: Told) => void;
}

/**
 * Looks a whole store over and tells what is wrong with it; with `mend`, mends what can be mended afterwards. It looks
 * through a store opened for reading, which writes nothing at all: opening one for writing may mend already.
 * @throws what opening throws | StoreUnavailable | OutcomeUnknown
 */
export async function examine(mend: boolean, deps: ExamineDeps): Promise<Summary> {
  const wrong: Record<Severity, number> = { note: 0, warning: 0, damage: 0 };
  const faults: Finding[] = [];
  const toMend: LookedAt[] = [];
  const totals = await inStores(deps, true, async (stores) => {
    const looking = lookAtStore({ ...deps, stores });
    for (;;) {
      const next = await looking.next();
      if (next.done) return next.value;
      const { findings } = next.value;
      for (const finding of findings) deps.tell({ what: "found", finding });
      for (const { severity } of findings) wrong[severity] += 1;
      faults.push(...findings.filter(({ kind }) => kind === "store_fault"));
      if (findings.some(({ canMend }) => canMend)) toMend.push(next.value);
    }
  });
  if (!mend || toMend.length + faults.length === 0) return { ...totals, wrong };
  await inStores(deps, false, async (stores) => {
    const still = faults.length === 0 ? [] : await stores.archive.faults();
    for (const { says, severity } of faults) {
      if (still.includes(says)) continue;
      wrong[severity] -= 1;
      deps.tell({ what: "mended", sessionId: null, did: `by opening it for writing: ${says}` });
    }
    for (const one of toMend) {
      const left = await mendOne(one, { ...deps, stores });
      for (const { severity } of one.findings) wrong[severity] -= 1;
      for (const { severity } of left) wrong[severity] += 1;
    }
  });
  return { ...totals, wrong };
}

/** @returns what is wrong with it still */
async function mendOne(
  { sessionId, findings }: LookedAt,
  deps: ExamineDeps & { readonly stores: Stores },
): Promise<readonly Finding[]> {
  const { tell, stores } = deps;
  if (sessionId === null) {
    // Opening a store for writing may have dropped them already.
    await stores.archive.dropLeftovers();
    tell({ what: "mended", sessionId, did: "dropped what was left over" });
    return [];
  }
  const mended = await mendSession(sessionId, deps);
  if (mended === undefined) {
    tell({ what: "not_mended", sessionId, why: "a process hosts it now" });
    return findings;
  }
  for (const did of mended.did) tell({ what: "mended", sessionId, did });
  return mended.left;
}

async function inStores<T>(
  { open }: ExamineDeps,
  forReading: boolean,
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  const stores = await open(forReading);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}
