import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { OutcomeUnknown, StoreUnavailable } from "../../src/ports/failures.ts";
import { DataFile } from "../../src/stores/sqlite/data-file.ts";
import type { FileAccess } from "../../src/stores/sqlite/file-access.ts";
import { SqliteLog } from "../../src/stores/sqlite/log.ts";
import type { AppendJob } from "../../src/stores/sqlite/operations.ts";
import { WorkerAccess } from "../../src/stores/sqlite/worker-access.ts";
import { recordAt } from "./records.ts";

/** A file that answers its appends when the test says so. */
function handCranked() {
  const batches: { readonly jobs: readonly AppendJob[]; readonly answer: (outcome: unknown) => void }[] = [];
  const file = {
    call: (_name: string, jobs: readonly AppendJob[]) =>
      new Promise((resolve, reject) => {
        batches.push({ jobs, answer: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)) });
      }),
    close: async () => {},
  } as unknown as FileAccess;
  return { batches, log: new SqliteLog(file) };
}

const turn = () => new Promise(setImmediate);

describe("group commit", () => {
  it("[L12] shares the next commit among all that came while one was under way", async () => {
    const { batches, log } = handCranked();
    const first = log.append([recordAt(1, { sessionId: "a" })]);
    await turn();
    assert.equal(batches.length, 1);
    const rest = ["b", "c", "d"].map((sessionId) => log.append([recordAt(1, { sessionId })]));
    await turn();
    assert.equal(batches.length, 1, "one commit at a time");
    batches[0]!.answer([null]);
    await first;
    await turn();
    assert.deepEqual(
      batches[1]!.jobs.map((job) => job.sessionId),
      ["b", "c", "d"],
    );
    batches[1]!.answer([null, { name: "PositionTaken", message: "c" }, null]);
    const outcomes = await Promise.allSettled(rest);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    await log.idle();
  });

  it("[L12] starts into an idle store within one turn of the event loop", async () => {
    const { batches, log } = handCranked();
    for (let pos = 1; pos <= 3; pos++) {
      const stored = log.append([recordAt(pos)]);
      await turn();
      assert.equal(batches.length, pos);
      batches[pos - 1]!.answer([null]);
      await stored;
    }
  });

  it("[L12] tells every call of a commit without an answer that its outcome is unknown, and goes on", async () => {
    const { batches, log } = handCranked();
    const calls = [log.append([recordAt(1)]), log.append([recordAt(1, { sessionId: "s2" })])];
    await turn();
    batches[0]!.answer(new OutcomeUnknown("cut off"));
    for (const call of calls) await assert.rejects(call, OutcomeUnknown);
    const next = log.append([recordAt(1)]);
    await turn();
    batches[1]!.answer([null]);
    await next;
  });
});

describe("a data file that fails", () => {
  let folder: string;
  let file: DataFile<{ readonly db: DatabaseSync; readonly put: (text: string) => void; readonly count: () => number }>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
    file = new DataFile({ path: join(folder, "x.sqlite") }, (db) => {
      db.exec("CREATE TABLE IF NOT EXISTS t (text TEXT UNIQUE)");
      const put = db.prepare("INSERT INTO t VALUES (?)");
      const count = db.prepare("SELECT count(*) AS n FROM t");
      return { db, put: (text) => void put.run(text), count: () => Number(count.get()?.n) };
    });
  });
  afterEach(async () => {
    file.close();
    await rm(folder, { recursive: true });
  });
  const count = () => file.read((t) => t.count());

  it("[L11] a full disk is `StoreUnavailable` with nothing stored, until there is room again", () => {
    file.write(({ put }) => put("before"));
    const pages = file.read(({ db }) => Number(db.prepare("PRAGMA page_count").get()?.page_count));
    const limit = (to: number) => file.read(({ db }) => db.exec(`PRAGMA max_page_count = ${to}`));
    limit(pages + 2);
    assert.throws(() => file.write(({ put }) => [put("small"), put("x".repeat(50_000))]), StoreUnavailable);
    assert.equal(count(), 1);
    file.write(({ put }) => put("small"));
    limit(1_000_000);
    file.write(({ put }) => put("x".repeat(50_000)));
    assert.equal(count(), 3);
  });

  it("[L11] a change that throws is rolled back alone; those that share its commit are stored", () => {
    const outcomes = file.writeTogether([
      ({ put }) => void put("a"),
      ({ put }) => {
        put("b");
        put("a");
        return undefined;
      },
      () => new StoreUnavailable("an expected no"),
      ({ put }) => void put("c"),
    ]);
    assert.deepEqual(
      outcomes.map((e) => e?.name),
      [undefined, "StoreUnavailable", "StoreUnavailable", undefined],
    );
    assert.equal(count(), 2);
  });

  it("[L11] a COMMIT that fails for lack of room stored nothing; one with an I/O error is in doubt", () => {
    // The commit fails as the real one would, with the code of the real one; the transaction is still open then.
    const failing = (errcode: number) =>
      file.write(({ db, put }) => {
        put("x");
        const exec = db.exec.bind(db);
        db.exec = (sql) => {
          if (sql !== "COMMIT") return exec(sql);
          db.exec = exec;
          throw Object.assign(new Error("the disk said no"), { errcode });
        };
      });
    const IOERR_FSYNC = 1034;
    assert.throws(() => failing(13), StoreUnavailable);
    assert.equal(count(), 0);
    assert.throws(() => failing(IOERR_FSYNC), OutcomeUnknown);
    assert.equal(count(), 0);
    file.write(({ put }) => put("x"));
    assert.equal(count(), 1);
  });

  it("[L11] a connection that cannot even roll back is replaced", () => {
    file.write(({ put }) => put("kept"));
    assert.throws(
      () =>
        file.write(({ db, put }) => {
          put("lost");
          db.exec = () => {
            throw new Error("nothing goes any more");
          };
        }),
      OutcomeUnknown,
    );
    file.write(({ put }) => put("after"));
    assert.equal(count(), 2);
  });

  it("[L11] a thread that dies leaves outcomes unknown, and another takes its place", async () => {
    const options = { path: join(folder, "y.sqlite"), addedCommitMs: 50 };
    const access = await WorkerAccess.open(options);
    const job = (pos: number): AppendJob => ({
      sessionId: "s1",
      records: [recordAt(pos)],
      projection: {},
    });
    assert.deepEqual(await access.call("append", [job(1)]), [null]);
    const call = access.call("append", [job(2)]);
    await access.killThread();
    await assert.rejects(call, OutcomeUnknown);
    // The identical call settles it, whichever it was.
    assert.deepEqual(await access.call("append", [job(2)]), [null]);
    assert.equal((await access.call("readRecords", "s1", 0, 10)).length, 2);
    await access.close();
  });
});
