import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { LogTable, type RecordRow } from "../../src/stores/sqlite/log-table.ts";
import { bringUpToDate } from "../../src/stores/sqlite/schema.ts";

const MIB = 1024 * 1024;

describe("a trim in SQLite", () => {
  it("[J29] goes over 2 MiB of content at a time, or one record, and over a thousand small ones", () => {
    const db = new DatabaseSync(":memory:");
    bringUpToDate(db);
    const log = new LogTable(db);
    const row = (pos: number, bytes: number): RecordRow =>
      [
        ...([pos, `r${pos}`, 1, 1, "commands", "x".repeat(bytes), null, null] as const),
        ...[null, null, null, null, null],
      ] as unknown as RecordRow;
    const large = [4, 1, 1, 0.1, 3].map((mebibytes, i) => row(i + 1, mebibytes * MIB));
    const small = Array.from({ length: 1_500 }, (_, i) => row(large.length + 1 + i, 10));
    log.append("s1", [...large, ...small]);
    const through = large.length + small.length - 1;
    const steps: (number | undefined)[] = [];
    for (let isMore = true; isMore; ) {
      isMore = log.trimSome("s1", through);
      steps.push(log.read("s1", 0, 1)[0]?.pos);
    }
    assert.deepEqual(steps, [2, 4, 6, 1_006, 1_505]);
    assert.equal(log.read("s1", 0, 5).length, 1, "the last one is not trimmed");
    db.close();
  });
});
