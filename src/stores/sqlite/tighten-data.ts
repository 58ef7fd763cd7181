import { readdirSync } from "node:fs";
import { join } from "node:path";
import { tighten } from "../../files/owner-only.ts";

/** What else docs/operations.md says may stand in a data folder; and what a disk's root has. */
const KNOWN_BESIDE = /^(development-secret.*|.*\.campaign\.jsonl|before-restore|check|lost\+found)$/;

/**
 * Takes away what other users could read of the data: files, backups, and the folder itself where it holds nothing but what
 * this program keeps. A folder that serves something else too is left open to whom it is.
 * @param dataFile its name; what belongs to it stands beside it, under its name with something behind
 */
export function tightenData(folder: string, dataFile: string, backupFolder: string): void {
  const names = namesIn(folder);
  const ours = names.filter((name) => name.startsWith(dataFile));
  if (names.every((name) => ours.includes(name) || name === backupFolder || KNOWN_BESIDE.test(name))) tighten(folder);
  for (const name of ours) tighten(join(folder, name));
  const backups = join(folder, backupFolder);
  tighten(backups);
  for (const name of namesIn(backups)) tighten(join(backups, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
