import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { CannotOpenData } from "../../src/stores/open-error.ts";
import { SCHEMA_VERSION } from "../../src/stores/sqlite/schema.ts";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { wholeLog } from "../support/whole-log.ts";
import { commandsAt, recordAt } from "./records.ts";

const WRITER = fileURLToPath(new URL("../support/log-writer.ts", import.meta.url));
const SESSIONS = 8;

describe("SQLite stores and the world", function () {
  // Processes are started here, which takes its time on a busy machine.
  this.timeout(30_000);
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });

  /** Starts a writer; `until` reads its lines up to one that satisfies. */
  function startWriter(limit = "") {
    const child = spawn("/bin/sh", ["-c", `${limit} exec "$0" "$@"`, process.execPath, WRITER, folder, `${SESSIONS}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const until = async (enough: (line: string) => boolean): Promise<void> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error("the writer ended");
        if (enough(value)) return;
      }
    };
    return { child, until };
  }

  it("[L9] loses nothing that it acknowledged, over 10 kills", async function () {
    this.timeout(60_000);
    const acknowledged = new Map<string, number>();
    const note = (line: string) => {
      const [session, pos] = line.split(" ");
      if (pos !== undefined) acknowledged.set(`session-${session}`, Number(pos));
    };
    for (let kill = 0; kill < 10; kill++) {
      const { child, until } = startWriter();
      let count = 0;
      await until((line) => {
        assert.doesNotMatch(line, /refused/);
        note(line);
        return ++count > 100 + 37 * kill;
      });
      child.kill("SIGKILL");
      // What it said before it died counts too.
      await until((line) => {
        note(line);
        return false;
      }).catch((error) => assert.equal(error.message, "the writer ended"));

      const stores = await openSqliteStores({ folder });
      for (const [session, pos] of acknowledged) {
        const kept = await wholeLog(stores.log, session);
        assert.ok(kept.length >= pos, `${session} has ${kept.length} of ${pos}`);
        assert.deepEqual(
          kept.map((record) => record.pos),
          kept.map((_, i) => i + 1),
        );
        assert.deepEqual(kept[pos - 1], commandsAt(pos, [pos], { sessionId: session, audit: kept[pos - 1]!.audit }));
        assert.equal((await stores.log.events(session, pos - 1, 1))[0]?.n, pos);
      }
      await stores.close();
    }
    assert.equal(acknowledged.size, SESSIONS);
  });

  it("[L9] opens after a torn write-ahead log, with every whole commit before the damage", async () => {
    const stores = await openSqliteStores({ folder });
    const copies: { readonly at: string; readonly cut: number }[] = [];
    for (let pos = 1; pos <= 30; pos++) await stores.log.append([recordAt(pos)]);
    const wal = `${DATA_FILE}-wal`;
    const size = (await stat(join(folder, wal))).size;
    for (const [i, cut] of [0, 1, 100, 5000, 30_000].entries()) {
      const at = join(folder, `copy-${i}`);
      await mkdir(at);
      for (const name of [DATA_FILE, wal]) await copyFile(join(folder, name), join(at, name));
      if (i % 2 === 1) await truncate(join(at, wal), size - cut);
      else if (cut > 0) {
        const bytes = await readFile(join(at, wal));
        bytes.fill(0xa5, size - cut, size - cut + 64);
        await writeFile(join(at, wal), bytes);
      }
      copies.push({ at, cut });
    }
    await stores.close();
    let before = Number.POSITIVE_INFINITY;
    for (const { at, cut } of copies) {
      const copy = await openSqliteStores({ folder: at });
      const kept = await copy.log.read("s1", 0, 100);
      assert.deepEqual(
        kept,
        kept.map((_, i) => recordAt(i + 1)),
      );
      if (cut === 0) assert.equal(kept.length, 30);
      else assert.ok(kept.length < 30 && kept.length > 0 && kept.length <= before, `${kept.length} after ${cut} bytes`);
      before = kept.length;
      await copy.log.append([recordAt(kept.length + 1)]);
      await copy.close();
    }
  });

  it("[L10] says who holds the folder: a second opener of another process and of this one is refused", async () => {
    const { until } = startWriter();
    await until((line) => line === "ready");
    for (const thread of ["worker", "main"] as const) {
      await assert.rejects(openSqliteStores({ folder, thread }), (error: Error) => {
        assert.ok(error instanceof CannotOpenData);
        assert.match(error.message, /^another process uses this data folder/);
        assert.doesNotMatch(error.stack ?? "", /\n/);
        return true;
      });
    }
    const own = join(folder, "own");
    const first = await openSqliteStores({ folder: own });
    await assert.rejects(openSqliteStores({ folder: own }), CannotOpenData);
    await first.log.append([recordAt(1)]);
    await first.close();
    await (await openSqliteStores({ folder: own })).close();
  });

  it("[L10] refuses a newer schema, what is no database, and a folder that cannot be", async () => {
    await (await openSqliteStores({ folder })).close();
    const file = join(folder, DATA_FILE);
    const db = new DatabaseSync(file);
    assert.equal(db.prepare("PRAGMA user_version").get()?.user_version, SCHEMA_VERSION);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    db.close();
    await assert.rejects(openSqliteStores({ folder }), (error: Error) => {
      assert.ok(error instanceof CannotOpenData);
      assert.match(error.message, new RegExp(`newer version .*schema ${SCHEMA_VERSION + 1}`));
      return true;
    });
    await writeFile(file, "this is no database, however long one looks at it".repeat(100));
    await rm(`${file}-wal`, { force: true });
    await assert.rejects(openSqliteStores({ folder }), CannotOpenData);
    await assert.rejects(openSqliteStores({ folder: join(file, "below") }), CannotOpenData);
  });

  it("[L11] refuses while the disk takes no more, loses nothing, and recovers by itself", async function () {
    // A limit on the size of files stands for the full disk; it is lifted from outside while the writer goes on.
    if (process.platform !== "linux" || !hasPrlimit()) return this.skip();
    const { child, until } = startWriter("ulimit -S -f 1024;");
    const acknowledged = new Map<string, number>();
    const note = (line: string) => {
      const [session, pos] = line.split(" ");
      if (session !== "refused" && pos !== undefined) acknowledged.set(`session-${session}`, Number(pos));
      return line.startsWith("refused");
    };
    let refusals = 0;
    await until((line) => {
      if (note(line)) {
        refusals++;
        assert.match(line, /^refused (StoreUnavailable|OutcomeUnknown)$/);
      }
      return refusals >= 3 * SESSIONS;
    });
    execFileSync("prlimit", ["--pid", `${child.pid}`, "--fsize=unlimited"]);
    const before = Math.max(...acknowledged.values());
    await until((line) => !note(line) && Math.min(...acknowledged.values()) > before + 5);
    child.kill("SIGKILL");
    await once(child, "exit");
    const stores = await openSqliteStores({ folder });
    for (const [session, pos] of acknowledged) assert.ok((await wholeLog(stores.log, session)).length >= pos);
    await stores.close();
  });

  it("[L11] answers `StoreUnavailable` once closed, after what was under way was stored", async () => {
    for (const thread of ["worker", "main"] as const) {
      const at = join(folder, thread);
      const stores = await openSqliteStores({ folder: at, thread });
      const calls = Array.from({ length: 100 }, (_, i) => stores.log.append([recordAt(i + 1)]));
      await stores.close();
      await Promise.all(calls);
      await assert.rejects(stores.log.append([recordAt(101)]), { name: "StoreUnavailable" });
      await assert.rejects(stores.check(), { name: "StoreUnavailable" });
      const again = await openSqliteStores({ folder: at, thread });
      assert.equal((await again.log.read("s1", 0, 200)).length, 100);
      await again.check();
      await again.close();
    }
  });
});

function hasPrlimit(): boolean {
  try {
    execFileSync("prlimit", ["--version"]);
    return true;
  } catch {
    return false;
  }
}
