import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { markOf } from "../../src/stores/sqlite/in-use-mark.ts";
import { DATA_FILE } from "../../src/stores/sqlite/stores.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";

interface StoredSnapshot {
  readonly pos: number;
  readonly id: number;
  readonly bytes: Uint8Array;
}

describe("a damaged snapshot", function () {
  this.timeout(120_000);
  let ordeal: Ordeal;
  afterEach(async () => await ordeal?.dispose());

  /** Works on the data file behind the server's back, and closes it properly. */
  function inDataFile<T>(work: (db: DatabaseSync) => T): T {
    const file = join(ordeal.server.dataFolder, DATA_FILE);
    const db = new DatabaseSync(file);
    try {
      return work(db);
    } finally {
      db.close();
      rmSync(markOf(file), { force: true });
    }
  }

  /** Newest first. */
  function snapshots(): StoredSnapshot[] {
    return inDataFile((db) =>
      db
        .prepare(
          `SELECT pos, p.rowid AS id, bytes FROM snapshot AS s JOIN snapshot_part AS p ON p.save_id = s.save_id
           WHERE session_id = ? AND n = 0 ORDER BY pos DESC`,
        )
        .all(ordeal.evening.sessionId),
    ) as unknown as StoredSnapshot[];
  }

  /** Flips a stretch in the middle of a snapshot; done twice, it is as before. */
  function flip(snapshot: StoredSnapshot): void {
    inDataFile((db) => {
      const bytes = Uint8Array.from(
        db.prepare("SELECT bytes FROM snapshot_part WHERE rowid = ?").get(snapshot.id)?.bytes as Uint8Array,
      );
      const middle = Math.floor(bytes.length / 2);
      for (let at = middle; at < middle + 8; at += 1) bytes[at] = bytes[at]! ^ 0x15;
      db.prepare("UPDATE snapshot_part SET bytes = ? WHERE rowid = ?").run(bytes, snapshot.id);
    });
  }

  const complaints = () => ordeal.server.log.split("\n").filter((line) => line.includes("stored data damaged"));
  const places = () => complaints().map((line) => (JSON.parse(line) as { problem: string }).problem);

  it("[X28] that is the newest is told by session and position, and the one before it and the log give everything", async () => {
    ordeal = await Ordeal.begin({ name: "newest snapshot damaged", settings: { snapshotEvery: 1 } });
    for (let round = 1; round <= 3; round += 1) {
      let newest: StoredSnapshot | undefined;
      await ordeal.play(async () => {
        await pause(2_800);
        await ordeal.server.kill();
        [newest] = snapshots();
        flip(newest!);
        await ordeal.server.start();
      });
      await ordeal.sitDown();
      const place = `snapshot of session ${ordeal.evening.sessionId} at position ${newest!.pos}:`;
      assert.ok(
        places().some((problem) => problem.startsWith(place)),
        `${place}\n${places().join("\n")}`,
      );
    }
    await ordeal.judge();
  });

  it("[X28] that is the only one leaves the whole log", async () => {
    ordeal = await Ordeal.begin({ name: "only snapshot damaged", settings: { snapshotEvery: 600 } });
    await ordeal.play(async () => {
      await pause(500);
      await ordeal.evening.step("pause", "tea");
      await ordeal.evening.step("resume");
      await pause(500);
      await ordeal.server.kill();
      const all = snapshots();
      assert.equal(all.length, 1);
      flip(all[0]!);
      await ordeal.server.start();
    });
    await ordeal.sitDown();
    assert.equal(places().length, 1);
    await ordeal.judge();
  });

  it("[X28] like the one before it, of a trimmed log, refuses the session by place, 503, and harms no other", async () => {
    ordeal = await Ordeal.begin({ name: "both snapshots damaged", settings: { snapshotEvery: 1 } });
    const { server, evening } = ordeal;
    const other = await Evening.prepare(server, { gm: "kim" });
    await ordeal.play(async () => {
      await pause(3_500);
      await server.kill();
      const all = snapshots();
      assert.equal(all.length, 2);
      for (const one of all) flip(one);
      await server.start();

      assert.equal((await evening.gm.ask("GET", `${evening.path}/state`)).status, 503);
      const refusal = await evening.gm.refusedJoin(evening.sessionId);
      assert.deepEqual([refusal.code, refusal.message], [503, "unavailable"]);
      for (const { pos } of all) {
        const place = `snapshot of session ${evening.sessionId} at position ${pos}:`;
        assert.ok(
          places().some((problem) => problem.startsWith(place)),
          place,
        );
      }
      assert.ok(places().some((problem) => problem.startsWith(`log of session ${evening.sessionId} at position `)));
      const kim = await other.gm.join(other.sessionId);
      await kim.command("set", { path: "shared/x", value: 1 });
      await kim.leave();
      assert.equal((await evening.gm.ask("GET", `/api/campaigns/${evening.campaignId}/sessions`)).status, 200);
      await eventually("readiness", async () => (await fetch(`${server.url}/readyz`)).status === 200);

      await server.kill();
      for (const one of all) flip(one);
      await server.start();
    });
    await ordeal.judge();
  });
});
