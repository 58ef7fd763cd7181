import { examine, type Summary, type Told } from "../../src/archive/doctor/examine.ts";
import type { Finding } from "../../src/archive/doctor/finding.ts";
import type { Stores } from "../../src/ports/stores.ts";

/** When `examined` examines, in ms since 1970. */
export const NOW = Date.UTC(2026, 5, 1);

export interface Examination {
  readonly summary: Summary;
  readonly told: readonly Told[];
  readonly found: readonly Finding[];
}

/** Looks through stores as the doctor does, without waiting. */
export async function examined(stores: Stores, { mend = false, now = NOW } = {}): Promise<Examination> {
  const told: Told[] = [];
  const summary = await examine(mend, {
    open: async () => stores,
    now: () => now,
    wait: async () => {},
    tell: (one) => told.push(one),
    onProgress: () => {},
  });
  return { summary, told, found: told.flatMap((one) => (one.what === "found" ? [one.finding] : [])) };
}
