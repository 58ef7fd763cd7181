import assert from "node:assert/strict";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { restore } from "../../src/live/restore.ts";
import { OutcomeUnknown, StoredDataDamaged } from "../../src/ports/failures.ts";
import { GM, LiveTable, seqOf, set } from "../support/live-table.ts";

describe("snapshots and restoring", () => {
  let table: LiveTable;
  let session: HostedSession;
  let n = 0;
  beforeEach(async () => {
    table = await LiveTable.set({ settings: { snapshotEvery: 30, reconnectWindow: 3_600, idleAfter: 3_600 } });
    ({ session } = await table.live());
    await table.sit(session, "kim");
    await table.clock.advance(1_000);
  });
  const play = () => seqOf(session.desk.submit("kim", set(`c${++n}`, "shared/n", n)));
  const positions = () => table.stores.snapshots.positions(table.sessionId);
  const untrimmed = () => table.records().map(({ pos }) => pos);
  const damage = (pos: number) => {
    const snapshots = table.backing.snapshots.get(table.sessionId)!;
    snapshots.set(pos, { ...snapshots.get(pos)!, sha256: "0".repeat(64) });
  };
  const crash = async () => {
    const text = writeSnapshot(session.committed).text;
    table.stores.goDown();
    table.process = table.start("p2");
    return text;
  };
  /** Two snapshots, each with a command before it and one after. @returns their positions, newest first */
  const twoSnapshots = async () => {
    for (let i = 0; i < 2; i++) {
      await play();
      await session.snapshot();
    }
    await play();
    return positions();
  };

  it("[J10] every `snapshotEvery` seconds, but only while something changes", async () => {
    await table.clock.advance(28_999);
    assert.deepEqual(await positions(), []);
    await table.clock.advance(1);
    const first = await positions();
    assert.deepEqual(first, [session.committed.pos]);
    const timers = table.clock.pending;
    await table.clock.advance(300_000);
    assert.deepEqual(await positions(), first);
    await play();
    assert.equal(table.clock.pending, timers + 1);
    await table.clock.advance(30_000);
    assert.deepEqual(await positions(), [session.committed.pos, ...first]);
  });

  it("[J10] at once at a pause and at the end, and when it closes", async () => {
    const newest = async () => (await positions())[0];
    await session.step("pause", GM, "");
    await table.clock.advance(0);
    assert.equal(await newest(), session.committed.pos);
    await play().catch(() => undefined);
    await session.update({ title: "Later" }, GM);
    await session.step("terminate", GM, "");
    await table.clock.advance(0);
    assert.equal(await newest(), session.committed.pos);
  });

  it("[J10] one that fails is told, and tried again after `snapshotEvery`", async () => {
    await table.clock.advance(30_000);
    await play();
    table.stores.failSave();
    await table.clock.advance(30_000);
    assert.equal(table.process.problems.length, 1);
    assert.notEqual((await positions())[0], session.committed.pos);
    await table.clock.advance(30_000);
    assert.equal((await positions())[0], session.committed.pos);
  });

  it("[J10] one that fails at a pause is told, too", async () => {
    table.stores.failSave();
    await session.step("pause", GM, "");
    await table.clock.advance(0);
    assert.equal(table.process.problems.length, 1);
    await table.clock.advance(30_000);
    assert.equal((await positions())[0], session.committed.pos);
  });

  it("[J10] a changed `snapshotEvery` counts from its change", async () => {
    await session.update({ settings: { snapshotEvery: 600 } }, GM);
    await table.clock.advance(60_000);
    assert.deepEqual(await positions(), []);
    await session.update({ settings: { snapshotEvery: 2 } }, GM);
    await table.clock.advance(2_000);
    assert.deepEqual(await positions(), [session.committed.pos]);
  });

  it("[J11] keeps the two newest, and the log from the older of them on", async () => {
    await play();
    await session.snapshot();
    assert.equal(untrimmed()[0], 1, "trimmed with one snapshot alone");
    for (let i = 0; i < 3; i++) {
      await play();
      await session.snapshot();
    }
    const [newer, older, ...rest] = await positions();
    assert.deepEqual([newer, rest], [session.committed.pos, []]);
    assert.equal(untrimmed()[0], older! + 1);
  });

  it("[J11] what failed to be saved lets nothing be trimmed", async () => {
    const before = await twoSnapshots();
    const kept = untrimmed();
    table.stores.failSave();
    await assert.rejects(session.snapshot());
    assert.deepEqual([await positions(), untrimmed()], [before, kept]);
  });

  it("[J13] restores the newest snapshot and the log after it: the same state", async () => {
    await twoSnapshots();
    const text = await crash();
    const state = await table.hosting.read(table.sessionId);
    assert.ok(state !== undefined);
    assert.equal(writeSnapshot(state).text, text);
    assert.deepEqual(table.process.problems, []);
  });

  it("[J13] a damaged snapshot is told by name; the one before it and the log give the same state", async () => {
    const [newest] = await twoSnapshots();
    damage(newest!);
    const text = await crash();
    const state = await table.hosting.read(table.sessionId);
    assert.ok(state !== undefined);
    assert.equal(writeSnapshot(state).text, text);
    assert.equal(table.process.problems.length, 1);
    assert.match(table.process.problems[0]!, new RegExp(`${table.sessionId} at position ${newest}`));
  });

  it("[J13] so is one that the store cannot make anything of, and what it says of it is not repeated", async () => {
    const [newest] = await twoSnapshots();
    table.backing.snapshots.get(table.sessionId)!.set(newest!, (() => "no snapshot, but a secret") as never);
    const text = await crash();
    const state = await table.hosting.read(table.sessionId);
    assert.equal(state && writeSnapshot(state).text, text);
    assert.deepEqual(table.process.problems, [
      `snapshot of session ${table.sessionId} at position ${newest} cannot be read`,
    ]);
  });

  it("[J13] a snapshot for which the store gives no answer is not damaged: the opening is to be tried again", async () => {
    await twoSnapshots();
    await crash();
    const problems: StoredDataDamaged[] = [];
    const stores = { ...table.stores, snapshots: Object.create(table.stores.snapshots) };
    table.stores.recover();
    stores.snapshots.load = async () => {
      throw new OutcomeUnknown("the store has not answered for 10 s");
    };
    await assert.rejects(
      restore(table.sessionId, stores, (problem) => problems.push(problem)),
      OutcomeUnknown,
    );
    assert.deepEqual(problems, []);
  });

  it("[J13] a damaged snapshot does not count as one of the two that are kept", async () => {
    const [newest, older] = await twoSnapshots();
    damage(newest!);
    await crash();
    const again = await table.open();
    await again.snapshot();
    assert.equal(untrimmed()[0], older! + 1);
    // The new one is damaged, too: there still is a whole way back.
    damage((await positions())[0]!);
    const text = writeSnapshot(again.committed).text;
    const state = await table.start("p3").hosting.read(table.sessionId);
    assert.equal(state && writeSnapshot(state).text, text);
  });

  it("[J13] without a whole way back it is an error that names the place, never another state", async () => {
    for (const pos of await twoSnapshots()) damage(pos);
    await crash();
    await assert.rejects(table.hosting.read(table.sessionId), (error) => {
      assert.ok(error instanceof StoredDataDamaged);
      assert.match(error.message, new RegExp(`session ${table.sessionId} at position`));
      return true;
    });
    await assert.rejects(table.open(), StoredDataDamaged);
  });

  it("[J13] a gap in the log is such an error", async () => {
    await play();
    const log = table.backing.logs.get(table.sessionId)!;
    log[2] = { ...log[2]!, json: null };
    await crash();
    await assert.rejects(table.hosting.read(table.sessionId), /position 4/);
  });
});
