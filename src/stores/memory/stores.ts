import type { Stores } from "../../ports/stores.ts";
import { MemoryArchive } from "./archive.ts";
import { emptyBacking, type MemoryBacking } from "./backing.ts";
import { MemoryCampaigns } from "./campaigns.ts";
import { MemoryLeases } from "./leases.ts";
import { MemoryLog } from "./log.ts";
import { MemorySessions } from "./sessions.ts";
import { MemorySnapshots } from "./snapshots.ts";
import { MemoryTickets } from "./stream-tickets.ts";

/**
 * Stores in memory: every guarantee of the ports but survival.
 * @param backing what an earlier opening wrote to; several openings may share one, as processes share a database
 */
export function openMemoryStores(backing: MemoryBacking = emptyBacking()): Stores {
  const log = new MemoryLog(backing);
  return {
    log,
    snapshots: new MemorySnapshots(backing),
    sessions: new MemorySessions(backing),
    campaigns: new MemoryCampaigns(backing, log),
    leases: new MemoryLeases(backing),
    tickets: new MemoryTickets(backing),
    archive: new MemoryArchive(backing),
    backups: null,
    check: async () => {},
    scrub: async () => {},
    close: async () => {},
  };
}
