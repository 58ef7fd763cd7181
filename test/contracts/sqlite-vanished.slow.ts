import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import { DataFile } from "../../src/stores/sqlite/data-file.ts";
import { DATA_FILE, openSqliteStores, type SqliteOptions } from "../../src/stores/sqlite/stores.ts";
import { WorkerAccess } from "../../src/stores/sqlite/worker-access.ts";
import { recordAt } from "./records.ts";

/** What happens to a folder under a store. `copy` is an older copy of the data file, beside the folder. */
interface Mishap {
  readonly happens: (folder: string, copy: string) => void;
  /** puts right what can be, before the next start; undefined: the data is lost */
  readonly mend?: (folder: string) => void;
  readonly told: RegExp;
}

const file = (folder: string) => join(folder, DATA_FILE);
const wal = (folder: string) => `${file(folder)}-wal`;
const away = (folder: string) => `${folder}-away`;
const moveAway = (folder: string) => renameSync(folder, away(folder));
const moveBack = (folder: string) => {
  rmSync(folder, { recursive: true, force: true });
  renameSync(away(folder), folder);
};

const MISHAPS: Readonly<Record<string, Mishap>> = {
  "the folder is deleted": { happens: (folder) => rmSync(folder, { recursive: true }), told: /sqlite is gone: / },
  "the folder is moved away": { happens: moveAway, mend: moveBack, told: /sqlite is gone: / },
  "the folder is moved away, and an empty one put there": {
    happens: (folder) => {
      moveAway(folder);
      mkdirSync(folder);
    },
    mend: moveBack,
    told: /sqlite is gone: /,
  },
  "the folder is moved away, and a file put there": {
    happens: (folder) => {
      moveAway(folder);
      writeFileSync(folder, "");
    },
    mend: moveBack,
    told: /sqlite is gone: /,
  },
  "the folder is moved away, and an older copy put there": {
    happens: (folder, copy) => {
      moveAway(folder);
      mkdirSync(folder);
      copyFileSync(copy, file(folder));
    },
    mend: moveBack,
    told: /sqlite is another file now: /,
  },
  "the folder is moved away, and a link to nowhere put there": {
    happens: (folder) => {
      moveAway(folder);
      symlinkSync(`${folder}-nowhere`, folder);
    },
    mend: moveBack,
    told: /sqlite is gone: /,
  },
  "the data file is deleted": { happens: (folder) => unlinkSync(file(folder)), told: /sqlite is gone: / },
  "the data file is renamed": {
    happens: (folder) => renameSync(file(folder), `${file(folder)}.bak`),
    mend: (folder) => renameSync(`${file(folder)}.bak`, file(folder)),
    told: /sqlite is gone: /,
  },
  "an older copy is moved into its place": {
    happens: (folder, copy) => renameSync(copy, file(folder)),
    told: /sqlite is another file now: /,
  },
  "an older copy is written over it": {
    happens: (folder, copy) => copyFileSync(copy, file(folder)),
    told: /sqlite was written to by another program: /,
  },
  "it is emptied": {
    happens: (folder) => truncateSync(file(folder)),
    told: /sqlite was written to by another program: /,
  },
  "the log is deleted": {
    happens: (folder) => unlinkSync(wal(folder)),
    mend: () => {},
    told: /sqlite-wal is gone: /,
  },
  "the log is renamed": {
    happens: (folder) => renameSync(wal(folder), `${wal(folder)}.bak`),
    mend: () => {},
    told: /sqlite-wal is gone: /,
  },
  "another log is moved into its place": {
    happens: (folder) => {
      writeFileSync(`${wal(folder)}.other`, "");
      renameSync(`${wal(folder)}.other`, wal(folder));
    },
    mend: () => {},
    told: /sqlite-wal is another file now: /,
  },
  "the log is emptied": {
    happens: (folder) => truncateSync(wal(folder)),
    told: /sqlite-wal was written to by another /,
  },
  "the log is cut": {
    happens: (folder) => truncateSync(wal(folder), 32 + 4120),
    told: /sqlite-wal was written to by another /,
  },
  "all files are deleted": {
    happens: (folder) => {
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    },
    told: /sqlite is gone: /,
  },
};

for (const thread of ["worker", "main"] as const satisfies SqliteOptions["thread"][]) {
  describe(`data files that vanish under a running store, on the ${thread} thread`, function () {
    this.timeout(60_000);
    let root: string;
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), "vanished-"));
    });
    afterEach(() => rmSync(root, { recursive: true }));

    for (const [what, { happens, mend, told }] of Object.entries(MISHAPS)) {
      it(`[X52] ${what}: nothing is acknowledged any more, for good, and nothing is made in its place`, async () => {
        const folder = join(root, "data");
        const copy = join(root, "copy");
        const said: string[] = [];
        const open = () =>
          openSqliteStores({ folder, thread, lookEveryMs: 0, onVanished: (message) => said.push(message) });
        const before = await open();
        await before.log.append([recordAt(1)]);
        await before.close();
        copyFileSync(file(folder), copy);
        const stores = await open();
        await stores.log.append([recordAt(2)]);
        await stores.log.append([recordAt(3)]);
        await stores.check();
        happens(folder, copy);
        const left = existsSync(folder) ? namesIn(folder) : undefined;
        const refused = (call: Promise<unknown>) =>
          assert.rejects(call, (error: Error) => error instanceof StoreUnavailable && told.test(error.message));
        await refused(stores.log.append([recordAt(4)]));
        await refused(stores.check());
        await refused(stores.campaigns.create({ id: "c", name: "C", createdAt: 1, members: [] }));
        await refused(stores.log.read("s1", 0, 10));
        if (stores.backups !== null) await refused(stores.backups.make(1));
        // The log's end may have been taken in, and the mark with it.
        const stays = (names: string[] | undefined) => names?.filter((name) => !/-(wal|open)$/.test(name));
        assert.deepEqual(stays(existsSync(folder) ? namesIn(folder) : undefined), stays(left));
        mend?.(folder);
        await refused(stores.log.append([recordAt(4)]));
        assert.equal(said.length, 1);
        assert.match(said[0]!, /: nothing is recorded any more; put it right, or restore a backup, and start again$/);
        await stores.close();
        if (mend === undefined) return;
        const again = await open();
        const records = await again.log.read("s1", 0, 10);
        assert.deepEqual(
          records.map(({ pos }) => pos),
          [1, 2, 3],
          "what was acknowledged is there",
        );
        await again.close();
      });
    }
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

describe("data files that are where they were", function () {
  this.timeout(120_000);
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "in-place-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("[X52] are never taken for others, whatever the store itself does with them", async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ does: fc.constant("write" as const), bytes: fc.integer({ min: 1, max: 200_000 }) }),
      },
      { weight: 3, arbitrary: fc.record({ does: fc.constant("write" as const), bytes: fc.constant(6_000_000) }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant("empty the log" as const) }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant("back up" as const) }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant("fail" as const) }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant("close and open" as const) }) },
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 20 }),
        fc.boolean(),
        async (steps, isLookedAtOften) => {
          const path = join(root, `${++runs}.sqlite`);
          const said: string[] = [];
          const open = () => {
            const data = new DataFile(
              { path, lookEveryMs: 0 },
              (db) => db,
              (message) => said.push(message),
            );
            data.write((db) => db.exec("CREATE TABLE IF NOT EXISTS test_bytes (bytes BLOB)"));
            return data;
          };
          let data = open();
          try {
            for (const one of steps) {
              if (one.does === "write") {
                data.write((db) => db.prepare("INSERT INTO test_bytes VALUES (zeroblob(?))").run(one.bytes));
                if (one.bytes > 1_000_000) data.write((db) => db.exec("DELETE FROM test_bytes"));
              } else if (one.does === "empty the log") data.emptyWriteAheadLog();
              else if (one.does === "back up") {
                const written = () => data.write((db) => db.exec("INSERT INTO test_bytes VALUES (zeroblob(100000))"));
                await data.backUp(`${path}.backup`, written);
              } else if (one.does === "fail") {
                assert.throws(() => data.write((db) => db.exec("INSERT INTO nowhere VALUES (1)")));
              } else {
                data.close();
                data = open();
              }
              if (isLookedAtOften || one.does !== "write") data.look();
            }
            data.look();
            assert.deepEqual(said, []);
          } finally {
            data.close();
            rmSync(path, { force: true });
            rmSync(`${path}.backup`, { force: true });
          }
        },
      ),
      { numRuns: 16 },
    );
  });

  it("[X52] are the same to the thread that comes after one that died; others are not", async () => {
    const path = join(root, DATA_FILE);
    const said: string[] = [];
    const access = await WorkerAccess.open({ path }, (message) => said.push(message));
    const append = (pos: number) =>
      access.call("append", [{ sessionId: "s1", records: [recordAt(pos)], projection: {} }]);
    await append(1);
    await access.killThread();
    await append(2);
    renameSync(path, `${path}.bak`);
    await access.killThread();
    await assert.rejects(append(3), /sqlite is gone: nothing is recorded any more/);
    assert.ok(!existsSync(path), "no new one is made");
    assert.equal(said.length, 1);
    renameSync(`${path}.bak`, path);
    await assert.rejects(append(3), /sqlite is gone/);
    await access.close();
  });
});
