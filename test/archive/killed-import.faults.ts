import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { exportCampaign } from "../../src/archive/move/export-campaign.ts";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import { rowOf } from "../../src/live/row.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import { openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import { startTool } from "../support/tool.ts";
import { WrittenLog } from "../support/written-log.ts";

const RECORDS = 12_000;

/** A campaign `c1` with one long session, as a file. */
async function longFile(path: string): Promise<void> {
  const stores = openMemoryStores();
  const members = [{ userId: "gm", name: null, role: "gm" }] as const;
  await stores.campaigns.create({ id: "c1", name: "Long", createdAt: 1, members });
  const log = WrittenLog.begun();
  const value = JSON.stringify("x".repeat(300));
  while (log.state.pos < RECORDS) {
    log.command("kim", [[`shared/n${log.state.pos % 50}`, value]]);
    if (log.state.pos === 1_000)
      await stores.snapshots.save({ sessionId: "s1", pos: 1_000, ...writeSnapshot(log.state) });
  }
  await stores.log.append(log.records, { row: rowOf(log.state) });
  await stores.log.trim("s1", 1_000);
  const counts = await exportCampaign("c1", { stores, path, program: "1" }, assert.fail);
  assert.deepEqual(counts, { sessions: 1, records: RECORDS });
}

describe("an import that is killed", function () {
  this.timeout(60_000);
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "killed-import-"));
    file = join(folder, "long.jsonl");
    await longFile(file);
  });
  after(() => rm(folder, { recursive: true }));

  /**
   * Imports, is killed in the midst of it, and imports again.
   * @param hasBegun whether some records are written, asked from outside
   * @param open the store, once nobody else has it
   */
  async function killedAndRunAgain(
    env: Readonly<Record<string, string>>,
    hasBegun: () => Promise<boolean>,
    open: () => Promise<Stores>,
  ): Promise<void> {
    const killed = startTool("import", [file], { cwd: folder, env });
    while (killed.child.exitCode === null && !(await hasBegun())) await wait(2);
    killed.child.kill("SIGKILL");
    assert.equal((await killed.ended).code, null, "it was over before it could be killed");

    const between = await open();
    const reached = await between.log.end("s1");
    assert.ok(reached > 0 && reached < RECORDS, `killed at record ${reached}`);
    assert.equal(await between.campaigns.find("c1"), undefined);
    assert.equal(await between.sessions.find("s1"), undefined);
    await between.close();

    const { code, stdout, stderr } = await startTool("import", [file], { cwd: folder, env }).ended;
    assert.deepEqual([code, stderr], [0, ""], stderr);
    assert.match(stdout, new RegExp(`^1 sessions, ${RECORDS} records: digests and audit heads equal$`, "m"));
    const { archive, campaigns, log, sessions, snapshots, close } = await open();
    assert.equal(await log.end("s1"), RECORDS);
    assert.equal(await archive.trimmedThrough("s1"), 1_000);
    assert.deepEqual(await snapshots.positions("s1"), [1_000]);
    assert.equal((await sessions.find("s1"))?.campaignId, "c1");
    assert.equal((await campaigns.find("c1"))?.name, "Long");
    assert.deepEqual(await archive.faults(), []);
    await close();
  }

  it("[E15] with SIGKILL completes when it is run again: SQLite", async () => {
    const data = join(folder, "data");
    const hasBegun = async () => {
      const files = await readdir(data, { withFileTypes: true }).catch(() => []);
      const wal = files.find(({ name }) => name.endsWith("-wal"));
      return wal !== undefined && (await stat(join(data, wal.name))).size > 600_000;
    };
    await killedAndRunAgain({ DATA_DIR: data }, hasBegun, () => openSqliteStores({ folder: data }));
  });

  describe("into MongoDB", () => {
    const databases = eachTestInDatabase();

    it("[E15] with SIGKILL completes when it is run again: MongoDB", async () => {
      const uri = databases.uri();
      const hasBegun = () => databases.inside(async (db) => (await db.collection("log").countDocuments()) >= 3);
      await killedAndRunAgain({ MONGODB_URI: uri }, hasBegun, () => openMongoStores({ uri }));
    });
  });
});
