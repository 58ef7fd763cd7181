import { constants, existsSync } from "node:fs";
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";
import type { Stores } from "../../ports/stores.ts";
import { CannotOpenData } from "../open-error.ts";
import { SqliteArchive } from "./archive.ts";
import { isBackup } from "./backup-mark.ts";
import { SqliteBackups } from "./backups.ts";
import { SqliteCampaigns } from "./campaigns.ts";
import { accessHere } from "./file-access.ts";
import { unmarkAtExit } from "./in-use-mark.ts";
import { SqliteLeases } from "./leases.ts";
import { SqliteLog } from "./log.ts";
import { lossIn } from "./loss.ts";
import type { DataFileOptions } from "./open-file.ts";
import { SqliteSessions } from "./sessions.ts";
import { SqliteSnapshots } from "./snapshots.ts";
import { reasonOf } from "./sqlite-error.ts";
import { SqliteTickets } from "./stream-tickets.ts";
import { tightenData } from "./tighten-data.ts";
import { WorkerAccess } from "./worker-access.ts";

export const DATA_FILE = "campaign-live-sessions.sqlite";
const BACKUP_FOLDER = "backups";

export interface SqliteOptions extends Pick<DataFileOptions, "addedCommitMs" | "forReading" | "lookEveryMs"> {
  /** created where it is missing, unless it is opened for reading */
  readonly folder: string;
  /** told once that the files are gone, or others than those that were opened: nothing is stored any more, for good */
  readonly onVanished?: (message: string) => void;
  /** where the file is worked on; docs/decisions/0003-log-writes.md says why `worker` is the default */
  readonly thread?: "worker" | "main";
}

/**
 * Opens the embedded store, the file `campaign-live-sessions.sqlite` in `folder`.
 * @throws CannotOpenData: another process uses the folder, a newer program wrote it, it is damaged or not writable
 */
export async function openSqliteStores({
  folder: named,
  thread = "worker",
  onVanished = () => {},
  ...more
}: SqliteOptions): Promise<Stores> {
  const folder = resolve(named);
  const path = join(folder, DATA_FILE);
  await (more.forReading ? checkIsThere(path) : makeWritable(folder, path));
  const options = { path, isBackup: checkIsWhole(path) === "backup", ...more };
  let closed = (): void => {};
  const whenVanished = (message: string): void => {
    // What stands there now is not ours to unmark.
    closed();
    onVanished(message);
  };
  const file = await (thread === "worker"
    ? WorkerAccess.open(options, whenVanished)
    : accessHere(options, whenVanished));
  if (!more.forReading) closed = unmarkAtExit(path);
  const log = new SqliteLog(file);
  return {
    log,
    snapshots: new SqliteSnapshots(file),
    sessions: new SqliteSessions(file),
    campaigns: new SqliteCampaigns(file),
    leases: new SqliteLeases(file),
    tickets: new SqliteTickets(file),
    archive: new SqliteArchive(file),
    backups: thread === "worker" ? new SqliteBackups(file, join(folder, BACKUP_FOLDER)) : null,
    check: () => file.call("check"),
    scrub: () => file.call("scrub"),
    async close() {
      await log.idle();
      await file.close();
      closed();
    },
  };
}

async function makeWritable(folder: string, path: string): Promise<void> {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new CannotOpenData(`the data folder ${folder} cannot be made: ${reasonOf(error)}`);
  }
  tightenData(folder, DATA_FILE, BACKUP_FOLDER);
  for (const place of [folder, path, `${path}-wal`]) {
    if (place !== folder && !existsSync(place)) continue;
    try {
      await access(place, constants.R_OK | constants.W_OK);
    } catch {
      throw new CannotOpenData(
        `${place} cannot be written by this user: the data folder and the files in it have to be`,
      );
    }
  }
}

/** @throws CannotOpenData where something of it is gone */
function checkIsWhole(path: string): "backup" | "data file" {
  let isCopy: boolean;
  let loss: string | undefined;
  try {
    isCopy = isBackup(path);
    loss = lossIn(path, isCopy);
  } catch (error) {
    throw new CannotOpenData(`${path} cannot be read: ${reasonOf(error)}`);
  }
  if (loss !== undefined) throw new CannotOpenData(loss);
  return isCopy ? "backup" : "data file";
}

async function checkIsThere(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch {
    throw new CannotOpenData(`there is no data file ${path} that can be read`);
  }
}
