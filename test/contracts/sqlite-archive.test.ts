import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { keptOf } from "./archive.ts";
import { recordAt } from "./records.ts";

describe("archive: a SQLite file that is not well", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const records = Array.from({ length: 300 }, (_, i) =>
    recordAt(i + 1, { content: { kind: "opened", process: `process number ${i + 1} ${"x".repeat(200)}` } }),
  );

  async function written(): Promise<string> {
    const stores = await openSqliteStores({ folder });
    await stores.log.append(records);
    await stores.close();
    return join(folder, DATA_FILE);
  }

  it("[E2] tells which records stand on a damaged page of the file, and the others as they are", async () => {
    const path = await written();
    const bytes = await readFile(path);
    const pageSize = bytes.readUInt16BE(16);
    const page = Math.floor(bytes.indexOf("process number 150 ") / pageSize) * pageSize;
    bytes.fill(0xff, page, page + 12);
    await writeFile(path, bytes);

    const { archive, close } = await openSqliteStores({ folder });
    const found = [];
    for (;;) {
      const part = await archive.records("s1", found.at(-1)?.pos ?? 0, 70);
      if (part.length === 0) break;
      found.push(...part);
    }
    assert.equal(found.length, 300);
    const damaged = found.filter((record) => "damage" in record);
    assert.ok(damaged.length > 0 && damaged.length < 30, `${damaged.length} damaged`);
    assert.ok(damaged.some(({ pos }) => pos === 150));
    assert.match(damaged[0]!.damage, /^the data file is damaged where the record of s1 at \d+ stands$/);
    for (const record of found) {
      if (!("damage" in record)) assert.deepEqual(record, keptOf(records[record.pos - 1]!));
    }
    const faults = await archive.faults();
    assert.ok(faults.length > 0 && faults.every((fault) => !fault.includes("process number")), faults.join("\n"));
    await close();
  });

  it("[E7] says that a row points to nothing", async () => {
    const db = new DatabaseSync(await written());
    db.exec("PRAGMA foreign_keys = OFF; INSERT INTO member VALUES ('gone', 'kim', 1, NULL, 'gm')");
    db.close();
    const { archive, close } = await openSqliteStores({ folder });
    assert.deepEqual(await archive.faults(), ["a row of member whose campaign is not there"]);
    await close();
  });

  it("[E7] counts and drops parts of snapshots that were never finished", async () => {
    const db = new DatabaseSync(await written());
    db.exec(`CREATE TRIGGER cut_off BEFORE INSERT ON snapshot BEGIN SELECT RAISE(ABORT, 'cut off'); END;
      CREATE TRIGGER kept BEFORE DELETE ON snapshot_part WHEN (SELECT checks FROM health) = 0
      BEGIN SELECT RAISE(IGNORE); END`);
    db.close();
    const again = await openSqliteStores({ folder });
    await assert.rejects(again.snapshots.save({ sessionId: "s1", pos: 2, sha256: "00", text: "{}" }), /cut off/);
    const leftover = { what: "parts of snapshots that were never finished", count: 1 };
    assert.deepEqual(await again.archive.leftovers(), [leftover]);
    await again.check(); // the second trigger keeps parts until then
    await again.archive.dropLeftovers();
    assert.deepEqual(await again.archive.leftovers(), []);
    await again.close();
  });
});
