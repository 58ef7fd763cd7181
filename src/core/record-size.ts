import { utf8Bytes } from "./limits.ts";
import type { CommittedCommand, LogRecord } from "./record.ts";

/** What a record, a command or a change takes beside its texts: names, numbers, ids, quotes. In bytes, roughly. */
const AROUND_RECORD = 200;
const AROUND_COMMAND = 150;
const AROUND_CHANGE = 8;

/** About how many bytes a record is stored as: what grows without bounds, paths and values, is counted exactly. */
export function sizeOfRecord({ content, audit }: LogRecord): number {
  let bytes = AROUND_RECORD * (1 + audit.length);
  if (content.kind === "commands") for (const command of content.commands) bytes += sizeOfCommand(command);
  if (content.kind !== "created") return bytes;
  for (const [path, value, by] of content.continued ?? []) {
    bytes += utf8Bytes(path) + utf8Bytes(value) + utf8Bytes(by) + AROUND_CHANGE;
  }
  return bytes;
}

/** The same of one command in a record. */
export function sizeOfCommand({ changes, result = "" }: CommittedCommand): number {
  let bytes = AROUND_COMMAND + utf8Bytes(result);
  for (const [path, value] of changes) bytes += utf8Bytes(path) + utf8Bytes(value ?? "") + AROUND_CHANGE;
  return bytes;
}
