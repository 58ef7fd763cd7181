import { campaignsContract } from "./campaigns.ts";
import { leasesContract } from "./leases.ts";
import { logContract } from "./log.ts";
import { sessionsContract } from "./sessions.ts";
import { snapshotsContract } from "./snapshots.ts";
import type { OpenStores } from "./under-test.ts";

/** Everything that stores promise, on the stores given. */
export function storesContract(name: string, open: OpenStores): void {
  logContract(name, open);
  sessionsContract(name, open);
  snapshotsContract(name, open);
  campaignsContract(name, open);
  leasesContract(name, open);
}
