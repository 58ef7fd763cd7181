import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Stores } from "../../src/ports/stores.ts";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { writeFormerFolder } from "../former/data-folder.ts";
import { RECORDS, SESSION } from "../former/evening.ts";
import { Random } from "../support/random.ts";
import { commandsAt, recordAt } from "./records.ts";

describe("forgotten content in SQLite's files", () => {
  let folder: string;
  let stores: Stores;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
    stores = await openSqliteStores({ folder });
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  /** How often a text stands in any file of the folder. */
  const found = async (text: string): Promise<number> => {
    let count = 0;
    for (const name of await readdir(folder)) {
      const bytes = await readFile(join(folder, name));
      for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) count++;
    }
    return count;
  };
  const canary = (session: string) => `canary-of-${session}-`;
  const content = (session: string, times: number) => canary(session).repeat(times);
  /** Two sessions by turns: records of a few bytes to many pages, and snapshots that replace each other. */
  const play = async (seed: number): Promise<void> => {
    const random = new Random(seed);
    for (let pos = 1; pos <= 150; pos++) {
      for (const sessionId of ["old", "new"]) {
        const large = Math.ceil(2_000 * random.next() ** 6);
        const changes = [["shared/a", JSON.stringify(content(sessionId, large))]] as const;
        const command = { seq: pos, at: pos, userId: "kim", id: `c${pos}`, action: "set", changes };
        await stores.log.append([recordAt(pos, { sessionId, content: { kind: "commands", commands: [command] } })]);
        if (pos % 10 === 0) {
          const text = content(sessionId, 1 + Math.floor(random.next() * 9_000));
          const sha256 = createHash("sha256").update(text).digest("hex");
          await stores.snapshots.save({ sessionId, pos, sha256, text });
          await stores.snapshots.dropBefore(sessionId, pos - 10);
          await stores.log.trim(sessionId, pos - 10);
        }
      }
    }
  };

  it("[Y7] is in no byte of any of them once it was scrubbed, and nothing else is gone", async () => {
    await play(7);
    assert.ok((await found(canary("old"))) > 1_000);
    await stores.snapshots.dropBefore("old", 1_000);
    await stores.log.trim("old", 1_000);
    await stores.scrub();
    assert.equal(await found(canary("old")), 0);
    assert.deepEqual(
      (await stores.log.read("new", 0, 1_000)).map(({ pos }) => pos),
      Array.from({ length: 10 }, (_, i) => 141 + i),
    );
    assert.deepEqual(await stores.snapshots.positions("new"), [150, 140]);
    assert.ok((await found(canary("new"))) > 100);
    assert.equal((await stores.log.commands("old", 0, 1_000)).length, 150);
    await stores.log.append([commandsAt(151, [151], { sessionId: "new" })]);
  });

  it("[Y7] a file of a program that left freed pages as they were is written over when it is brought up to date", async () => {
    await stores.close();
    const former = join(folder, "former");
    await writeFormerFolder(former, { schema: 4, format: 1 });
    const path = join(former, DATA_FILE);
    const db = new DatabaseSync(path);
    db.exec("PRAGMA secure_delete = OFF");
    const put = db.prepare("INSERT INTO snapshot_part VALUES ('gone', ?, ?)");
    const random = new Random(8);
    for (let n = 0; n < 300; n++) {
      put.run(n, Buffer.from(content("old", 1 + Math.floor(random.next() * 1_000))));
    }
    db.exec("DELETE FROM snapshot_part WHERE save_id = 'gone'");
    const { page_count: before } = db.prepare("PRAGMA page_count").get() as { page_count: number };
    const freed = await freePages(path, db);
    db.close();
    assert.ok(freed > 50, `content in ${freed} free pages`);
    stores = await openSqliteStores({ folder: former });
    await stores.scrub();
    await stores.close();
    const after = new DatabaseSync(path);
    assert.equal(await freePages(path, after), 0);
    const { page_count: pages } = after.prepare("PRAGMA page_count").get() as { page_count: number };
    assert.ok(pages <= before + 300, `${before} pages became ${pages}`);
    after.close();
    stores = await openSqliteStores({ folder: former });
    assert.equal((await stores.log.read(SESSION, 0, 1_000)).length, RECORDS.length);
  });
});

/** How many canaries stand in pages of a data file that its freelist holds. */
async function freePages(path: string, db: DatabaseSync): Promise<number> {
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const file = await readFile(path);
  const size = file.readUInt16BE(16);
  let count = 0;
  const look = (page: number, from: number) => {
    if (file.subarray((page - 1) * size + from, page * size).includes("canary-of-")) count++;
  };
  // https://www.sqlite.org/fileformat2.html#the_freelist: trunk pages, each with the next one and the leaves that it names.
  for (let trunk = file.readUInt32BE(32); trunk !== 0; ) {
    const at = (trunk - 1) * size;
    const leaves = file.readUInt32BE(at + 4);
    for (let i = 0; i < leaves; i++) look(file.readUInt32BE(at + 8 + 4 * i), 0);
    look(trunk, 8 + 4 * leaves);
    trunk = file.readUInt32BE(at);
  }
  return count;
}
