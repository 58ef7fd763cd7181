import { accessContract } from "./access.ts";
import { archiveContract } from "./archive.ts";
import { campaignsContract } from "./campaigns.ts";
import { ceilingsContract } from "./ceilings.ts";
import { damageContract } from "./damage.ts";
import { damagedSnapshotsContract } from "./damaged-snapshots.ts";
import { leasesContract } from "./leases.ts";
import { logContract } from "./log.ts";
import { sessionsContract } from "./sessions.ts";
import { snapshotsContract } from "./snapshots.ts";
import { ticketsContract } from "./tickets.ts";
import type { OpenStores } from "./under-test.ts";

/** Everything that stores promise, on the stores given. @param onDisk false where nothing is: no parts, no damage */
export function storesContract(name: string, open: OpenStores, { onDisk = true } = {}): void {
  logContract(name, open);
  sessionsContract(name, open);
  snapshotsContract(name, open, onDisk);
  campaignsContract(name, open);
  ceilingsContract(name, open);
  leasesContract(name, open);
  accessContract(name, open);
  ticketsContract(name, open);
  archiveContract(name, open, onDisk);
  if (!onDisk) return;
  damageContract(name, open);
  damagedSnapshotsContract(name, open);
}
