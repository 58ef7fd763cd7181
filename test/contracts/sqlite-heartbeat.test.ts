import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DataFile } from "../../src/stores/sqlite/data-file.ts";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { recordAt } from "./records.ts";

describe("heartbeats in SQLite", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("[K12] waits for the disk with every commit but a heartbeat's", () => {
    const file = new DataFile({ path: join(folder, "file") }, (db) => db);
    const level = (db: DatabaseSync) => db.prepare("PRAGMA synchronous").get()?.synchronous;
    const FULL = 2;
    const NORMAL = 1;
    assert.equal(file.write(level), FULL);
    assert.equal(file.write(level, "later"), NORMAL);
    assert.equal(file.write(level, "later"), NORMAL);
    assert.equal(file.write(level), FULL);
    file.write(level, "later");
    assert.throws(() => file.write((db) => db.exec("no statement"), "later"), { name: "StoreUnavailable" });
    let seen: unknown;
    file.writeTogether([
      (db) => {
        seen = level(db);
        return undefined;
      },
    ]);
    assert.equal(seen, FULL);
    file.close();
  });

  it("[K12] keeps the newest 1,000 lives, and the one that beats now", async () => {
    const { leases, close } = await openSqliteStores({ folder, thread: "main" });
    for (let life = 1; life <= 1_005; life++) await leases.beat({ processId: `life-${life}`, beatAt: life });
    await leases.beat({ processId: "clock-set-back", beatAt: 0 });
    assert.equal(await leases.lastBeat("life-1"), undefined);
    assert.equal(await leases.lastBeat("life-4"), undefined);
    assert.equal(await leases.lastBeat("life-1005"), 1_005);
    assert.equal(await leases.lastBeat("life-6"), 6);
    assert.equal(await leases.lastBeat("clock-set-back"), 0);
    await close();
  });

  it("[L10] brings a file of schema 1 up to date, with all that is in it", async () => {
    const before = await openSqliteStores({ folder });
    await before.log.append([recordAt(1)]);
    await before.close();
    const db = new DatabaseSync(join(folder, DATA_FILE));
    // what the schemas after it brought, taken away again, is a file as schema 1 wrote it
    db.exec(
      "DROP TABLE heartbeat; DROP INDEX session_with_content; ALTER TABLE session DROP COLUMN content_gone; DROP INDEX invite_of; ALTER TABLE log DROP COLUMN crc32; PRAGMA user_version = 1",
    );
    db.close();
    for (const life of [1, 2]) {
      const after = await openSqliteStores({ folder });
      assert.deepEqual(await after.log.read("s1", 0, 10), [recordAt(1)]);
      assert.equal(await after.leases.lastBeat("former"), life === 1 ? undefined : 5);
      await after.leases.beat({ processId: "former", beatAt: 5 });
      await after.close();
    }
  });
});
