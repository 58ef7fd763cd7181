import type { DatabaseSync } from "node:sqlite";
import { ArchiveTable } from "./archive-table.ts";
import { CampaignTable } from "./campaign-table.ts";
import { HeartbeatTable } from "./heartbeat-table.ts";
import { LogTable } from "./log-table.ts";
import { SessionTable } from "./session-table.ts";
import { SnapshotTable } from "./snapshot-table.ts";

/** The statements on an open file, by what they are about. */
export interface Tables {
  readonly log: LogTable;
  readonly sessions: SessionTable;
  readonly snapshots: SnapshotTable;
  readonly campaigns: CampaignTable;
  readonly heartbeats: HeartbeatTable;
  readonly archive: ArchiveTable;
  readonly touch: () => void;
}

export function prepareTables(db: DatabaseSync): Tables {
  const touch = db.prepare("UPDATE health SET checks = checks + 1");
  return {
    log: new LogTable(db),
    sessions: new SessionTable(db),
    snapshots: new SnapshotTable(db),
    campaigns: new CampaignTable(db),
    heartbeats: new HeartbeatTable(db),
    archive: new ArchiveTable(db),
    touch: () => void touch.run(),
  };
}
