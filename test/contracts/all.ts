import { campaignsContract } from "./campaigns.ts";
import { leasesContract } from "./leases.ts";
import { logContract } from "./log.ts";
import { sessionsContract } from "./sessions.ts";
import { snapshotsContract } from "./snapshots.ts";
import type { OpenStores } from "./under-test.ts";

/** Everything that stores promise, on the stores given. @param snapshotsInParts false where a snapshot is one piece */
export function storesContract(name: string, open: OpenStores, { snapshotsInParts = true } = {}): void {
  logContract(name, open);
  sessionsContract(name, open);
  snapshotsContract(name, open, snapshotsInParts);
  campaignsContract(name, open);
  leasesContract(name, open);
}
