import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { DataFile } from "../../src/stores/sqlite/data-file.ts";
import { openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { formerFile } from "../former/data-folder.ts";
import { beatOf } from "../support/beats.ts";
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
    for (let life = 1; life <= 1_005; life++) await leases.beat(beatOf(`life-${life}`, life));
    await leases.beat(beatOf("clock-set-back", 0));
    assert.equal(await leases.lastBeat("life-1"), undefined);
    assert.equal(await leases.lastBeat("life-4"), undefined);
    assert.equal(await leases.lastBeat("life-1005"), 1_005);
    assert.equal(await leases.lastBeat("life-6"), 6);
    assert.equal(await leases.lastBeat("clock-set-back"), 0);
    await close();
  });

  it("[L10] brings a file of schema 1 up to date, with all that is in it", async () => {
    const { pos, id, epoch, at, content } = recordAt(1);
    const db = await formerFile(folder, 1);
    const text = JSON.stringify({ v: 1, content });
    db.prepare("INSERT INTO log (session_id, pos, id, epoch, at, kind, content) VALUES (?, ?, ?, ?, ?, ?, ?)").run(
      ...["s1", pos, id, epoch, at, content.kind, text],
    );
    db.close();
    for (const life of [1, 2]) {
      const after = await openSqliteStores({ folder });
      assert.deepEqual(await after.log.read("s1", 0, 10), [recordAt(1)]);
      assert.equal(await after.leases.lastBeat("former"), life === 1 ? undefined : 5);
      await after.leases.beat(beatOf("former", 5));
      await after.close();
    }
  });
});
