import { randomUUID } from "node:crypto";
import { type Change, type LogRecord, RECORD_FORMAT } from "../../src/core/record.ts";
import { restore } from "../../src/live/restore.ts";
import type { Stores } from "../../src/ports/stores.ts";
import type { DigestedEntry } from "./digest.ts";

/** A session's entries come to 4 MiB at most. */
const ENTRIES = 9_000;
const VALUE = JSON.stringify("x".repeat(420));

/**
 * Writes to the end of a session's log what moves of its whole tree leave there: each is a record of about 4 MB. The
 * session, which has no entries before, is full afterwards. Nobody else may have it open.
 * @param bytes how much, about
 * @returns what the log gives then
 */
export async function lengthenLog(
  stores: Stores,
  sessionId: string,
  bytes: number,
): Promise<{ readonly seq: number; readonly entries: readonly DigestedEntry[] }> {
  const restored = await restore(sessionId, stores, (problem) => {
    throw problem;
  });
  if (restored === undefined) throw new Error("there is no such session");
  const { epoch, pos, seq } = restored.state;
  const trees = [0, 1].map((n) => Array.from({ length: ENTRIES }, (_, i) => `shared/tree-${n}/${i}`));
  const records = Math.ceil(bytes / (ENTRIES * VALUE.length));
  for (let n = 1; n <= records; n++) {
    const gone: Change[] = n === 1 ? [] : trees[(n + 1) % 2]!.map((path) => [path, null]);
    const changes = [...gone, ...trees[n % 2]!.map((path): Change => [path, VALUE])];
    const at = Date.now();
    const command = { seq: seq + n, at, userId: "gm", id: `move-${n}`, action: "move", changes };
    const content = { kind: "commands" as const, commands: [command] };
    const frame = { v: RECORD_FORMAT, sessionId, pos: pos + n, id: randomUUID(), epoch, at } as const;
    await stores.log.append([{ ...frame, content, audit: [] } satisfies LogRecord]);
  }
  const version = seq + records;
  return { seq: version, entries: trees[records % 2]!.map((path) => ({ path, version, value: VALUE })) };
}
