import type { DatabaseSync } from "node:sqlite";
import { AccessTable } from "./access-table.ts";
import { ArchiveTable } from "./archive-table.ts";
import { CampaignTable } from "./campaign-table.ts";
import { HeartbeatTable } from "./heartbeat-table.ts";
import { LogTable } from "./log-table.ts";
import { SessionTable } from "./session-table.ts";
import { SnapshotTable } from "./snapshot-table.ts";
import { TicketTable } from "./ticket-table.ts";

/** The statements on an open file, by what they are about. */
export interface Tables {
  readonly log: LogTable;
  readonly sessions: SessionTable;
  readonly access: AccessTable;
  readonly snapshots: SnapshotTable;
  readonly campaigns: CampaignTable;
  readonly heartbeats: HeartbeatTable;
  readonly tickets: TicketTable;
  readonly archive: ArchiveTable;
  readonly touch: () => void;
}

/** @param forReading false: what a crash left of saves is swept away */
export function prepareTables(db: DatabaseSync, forReading: boolean): Tables {
  const touch = db.prepare("UPDATE health SET checks = checks + 1");
  const snapshots = new SnapshotTable(db);
  // Nobody else writes this file.
  if (!forReading) snapshots.dropStrayParts();
  return {
    log: new LogTable(db),
    sessions: new SessionTable(db),
    access: new AccessTable(db),
    snapshots,
    campaigns: new CampaignTable(db),
    heartbeats: new HeartbeatTable(db),
    tickets: new TicketTable(db),
    archive: new ArchiveTable(db),
    touch: () => void touch.run(),
  };
}
