import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { markInUse } from "../../src/stores/sqlite/in-use-mark.ts";
import { lossIn } from "../../src/stores/sqlite/loss.ts";
import { makeDataFile, PAGE_BYTES } from "../../src/stores/sqlite/new-file.ts";

const GIB = 2 ** 30;

describe("what SQLite would not miss of a data file", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
    path = join(folder, "x.sqlite");
    makeDataFile(path);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("[X22] is not the page that SQLite never writes, when the file grows over 1 GiB", () => {
    // A file that ends where that page would stand; its space is not taken.
    truncateSync(path, GIB);
    const file = openSync(path, "r+");
    const header = Buffer.alloc(100);
    readSync(file, header, 0, header.length, 0);
    header.writeUInt32BE(GIB / PAGE_BYTES, 28);
    header.copy(header, 92, 24, 28);
    writeSync(file, header, 0, header.length, 0);
    closeSync(file);
    const db = new DatabaseSync(path);
    try {
      db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE more (bytes BLOB)");
      db.exec(`INSERT INTO more VALUES (zeroblob(${3 * PAGE_BYTES}))`);
      const pages = Number(db.prepare("PRAGMA page_count").get()?.page_count);
      assert.ok(pages > GIB / PAGE_BYTES + 1, `${pages}`);
      assert.equal(lossIn(path, false), undefined);
      truncateSync(path, GIB - PAGE_BYTES);
      assert.match(lossIn(path, false) ?? "", /1 page is gone/);
    } finally {
      db.close();
    }
  });

  it("[X22] is not in a log whose header a power cut has torn: nothing was recorded in it yet", () => {
    for (const bytes of [0, 10, 32]) {
      writeFileSync(`${path}-wal`, Buffer.alloc(bytes));
      assert.equal(lossIn(path, false), undefined, `${bytes}`);
    }
    // With something behind the header there was a log.
    writeFileSync(`${path}-wal`, Buffer.alloc(33));
    assert.match(lossIn(path, false) ?? "", /is damaged from its beginning/);
    // What was recorded is gone with the most of it.
    markInUse(path);
    writeFileSync(`${path}-wal`, Buffer.alloc(10));
    assert.match(lossIn(path, false) ?? "", /-wal is gone/);
  });

  it("[X22] is not in a log of a header alone: what it had was not waited for by the disk", () => {
    const db = new DatabaseSync(path);
    try {
      db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE more (bytes BLOB)");
      const header = readFileSync(`${path}-wal`).subarray(0, 32);
      markInUse(path);
      writeFileSync(`${path}-wal`, header);
      assert.equal(lossIn(path, false), undefined);
    } finally {
      db.close();
    }
  });
});
