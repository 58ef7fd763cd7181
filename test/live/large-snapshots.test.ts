import assert from "node:assert/strict";
import { readSnapshot, writeSnapshot } from "../../src/core/snapshot.ts";
import { SessionState } from "../../src/core/state.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { SnapshotWriter } from "../../src/live/snapshot-writer.ts";
import type { StoredSnapshot } from "../../src/ports/snapshots.ts";
import { createdSession } from "../support/created-session.ts";
import { overlay } from "../support/faulty-stores.ts";
import { HandClock, settled } from "../support/hand-clock.ts";
import { CAMPAIGN, GM, LiveTable, seqOf, set } from "../support/live-table.ts";
import { WrittenLog } from "../support/written-log.ts";

const MIB = 1024 * 1024;
/** As JSON text a KiB less than the largest entry. */
const VALUE = "x".repeat(15 * 1024);

/** Entries that come to so many MiB. */
function entriesOf(
  mebibytes: number,
  value = JSON.stringify(VALUE),
): (readonly [path: string, value: string, by: string])[] {
  const count = Math.ceil((mebibytes * MIB) / value.length);
  return Array.from({ length: count }, (_, i) => [`shared/large/${i}`, value, "gm"] as const);
}

describe("snapshots by what is written", () => {
  let table: LiveTable;
  let session: HostedSession;
  let n = 0;
  const saved: number[] = [];

  /** Nothing is ever due by time here. */
  const begin = async (continued: ReturnType<typeof entriesOf> = []) => {
    table = await LiveTable.set({});
    const settings = { ...(await table.hosting.read(table.sessionId))!.settings, snapshotEvery: 600 };
    const input = { campaignId: CAMPAIGN, title: "Large", maxParticipants: 8, settings, continued };
    table.sessionId = (await createdSession(table.hosting, input, GM)).sessionId;
    saved.length = 0;
    savesBy(async (snapshot, save) => {
      await save(snapshot);
      saved.push(snapshot.pos);
    });
    ({ session } = await table.live());
    await table.sit(session, "kim");
    await settled();
  };
  /** Snapshots are saved this way from now on. */
  const savesBy = (
    way: (snapshot: StoredSnapshot, save: (snapshot: StoredSnapshot) => Promise<void>) => Promise<void>,
  ) => {
    const { snapshots } = table.stores;
    const save = (snapshot: StoredSnapshot) => way(snapshot, (one) => snapshots.save(one));
    Object.assign(table.stores, { snapshots: overlay(snapshots, { save }) });
  };
  /** Commits about so many MiB, in changes to one entry. */
  const write = async (mebibytes: number) => {
    for (let i = 0; i < (mebibytes * MIB) / VALUE.length; i++) {
      await seqOf(session.desk.submit("kim", set(`c${++n}`, "shared/x", `${n}${VALUE}`)));
    }
    await settled();
  };

  /** Lets a large one that is due be written, which takes a turn of the loop for every 256 KiB, and its rest pass. */
  const written = async () => {
    for (let turn = 0; turn < 100; turn++) await settled();
    await table.clock.advance(1_000);
  };

  it("[J23] one is due after 8 MiB of records, whatever `snapshotEvery` says, and not before", async () => {
    await begin();
    await write(7.5);
    assert.deepEqual(saved, []);
    await write(1);
    assert.equal(saved.length, 1);
    await write(7);
    assert.equal(saved.length, 1);
    await write(15);
    assert.equal(saved.length, 3);
  });

  it("[J23] after one that is larger than that, twice as much is due", async () => {
    // Quotes, which are twice as long as text in a text.
    await begin(entriesOf(3.5, JSON.stringify('"'.repeat(7_500))));
    await write(5);
    await written();
    assert.equal(saved.length, 1);
    await write(11);
    await written();
    assert.equal(saved.length, 1);
    await write(4);
    await written();
    assert.equal(saved.length, 2);
  }).timeout(20_000);

  it("[J23] one that fails is not tried at every commit, but after as much again, or `snapshotEvery`", async () => {
    await begin();
    table.stores.failSave(100);
    const { problems } = table.process;
    await write(20);
    assert.equal(problems.length, 2);
    await table.clock.advance(600_000);
    assert.equal(problems.length, 3);
  });

  it("[J23] a session that is opened with so much behind its snapshot is saved at once", async () => {
    await begin();
    table.stores.failSave(100);
    await write(9);
    table.stores.goDown();
    table.process = table.start("p3");
    const again = await table.open();
    await settled();
    assert.deepEqual(await table.stores.snapshots.positions(table.sessionId), [again.committed.pos]);
  });

  it("[J23] never two at once; what was written meanwhile has one of its own", async () => {
    await begin();
    let under = 0;
    let most = 0;
    const held: (() => void)[] = [];
    savesBy(async () => {
      most = Math.max(most, ++under);
      await new Promise<void>((resolve) => held.push(resolve));
      under--;
    });
    await write(30);
    assert.deepEqual([held.length, most], [1, 1]);
    for (let i = 0; i < 3; i++) void session.snapshot();
    held.shift()!();
    await settled();
    held.shift()!();
    await settled();
    assert.deepEqual([held.length, most], [0, 1], "one for all who asked meanwhile");
  }).timeout(20_000);

  it("[J24] a large one is of one moment, and others have their turn while it is written", async () => {
    await begin(entriesOf(3));
    await table.clock.advance(1_000);
    const { committed } = session;
    let turns = 0;
    const count = () => {
      turns++;
      if (isOpen) setImmediate(count);
    };
    let isOpen = true;
    setImmediate(count);
    const before = committed.pos;
    const saving = session.snapshot();
    const commands: Promise<number>[] = [];
    for (let i = 0; i < 5; i++) {
      commands.push(seqOf(session.desk.submit("kim", set(`d${i}`, "shared/large/0", i))));
      await new Promise(setImmediate);
    }
    await Promise.all(commands);
    assert.ok(committed.pos > before);
    await saving;
    isOpen = false;
    assert.ok(turns > 8, `${turns} turns`);
    const [pos] = await table.stores.snapshots.positions(table.sessionId);
    assert.equal(pos, before);
    const stored = await table.stores.snapshots.load(table.sessionId, before);
    const folded = new SessionState(table.sessionId);
    for (const record of table.records()) if (record.pos <= before) folded.apply(record);
    assert.equal(stored!.text, writeSnapshot(folded).text);
    assert.equal(readSnapshot(stored!.text, stored!.sha256).pos, before);
  });

  /** Saving takes so long. */
  const SAVE_MS = 100;

  function writing() {
    let spent = 0;
    const clock = new (class extends HandClock {
      override steady(): number {
        return super.steady() + spent;
      }
    })();
    const writer = new SnapshotWriter(clock);
    const order: string[] = [];
    const write = (name: string, mebibytes: number, how: () => "urgent" | "in order" = () => "in order") => {
      const { state } = WrittenLog.begun({ continued: entriesOf(mebibytes) }, name);
      const save = async () => {
        spent += SAVE_MS;
        order.push(name);
      };
      return writer.write(state, how, save);
    };
    return { clock, writer, order, write };
  }

  it("[J24] in one process one is written and saved at a time, with a rest of three times as long after a large one", async () => {
    const { clock, order, write } = writing();
    const first = write("first", 1);
    const second = write("second", 1);
    const small = write("small", 0.01);
    const last = write("last", 0.01);
    await first;
    await settled();
    await clock.advance(3 * SAVE_MS - 1);
    assert.deepEqual(order, ["first"]);
    await clock.advance(1);
    await second;
    await clock.advance(3 * SAVE_MS);
    await Promise.all([small, last]);
    assert.deepEqual(order, ["first", "second", "small", "last"]);
    assert.equal(clock.pending, 0, "after a small one none");
  });

  it("[J24] that of a session that closes comes first, though it waited already, and rests before and after it are cut short", async () => {
    const { clock, writer, order, write } = writing();
    let isClosing = false;
    const first = write("first", 1);
    const second = write("second", 1);
    const closing = write("closing", 1, () => (isClosing ? "urgent" : "in order"));
    await first;
    await settled();
    assert.equal(clock.pending, 1, "it rests");
    isClosing = true;
    writer.hurry();
    await Promise.all([closing, second]);
    assert.deepEqual(order, ["first", "closing", "second"]);
    await clock.advance(3 * SAVE_MS);
    assert.equal(clock.pending, 0);
  });

  it("[J24] one that cannot be saved is told of, and holds up no other", async () => {
    const { writer, write } = writing();
    const failing = writer.write(
      WrittenLog.begun().state,
      () => "in order",
      async () => {
        throw new Error("the disk is full");
      },
    );
    const next = write("next", 0.01);
    await assert.rejects(failing, /full/);
    await next;
  });

  it("[J25] a reader who had to read 32 MiB behind the snapshot saves one, of a session that has not ended", async () => {
    await begin();
    table.stores.failSave(1_000);
    await write(33);
    const end = session.committed.pos;
    table.stores.goDown();
    table.backing.people.clear();
    const { hosting, stores } = table.start("reader");
    const state = await hosting.read(table.sessionId);
    assert.equal(state?.pos, end);
    await written();
    assert.deepEqual(await stores.snapshots.positions(table.sessionId), [end]);
    assert.equal((await stores.sessions.access(table.sessionId, "kim"))?.person?.hasPlace, true);
    const text = writeSnapshot(state!).text;
    assert.equal((await stores.snapshots.load(table.sessionId, end))?.text, text);
    assert.equal(writeSnapshot((await table.start("p3").hosting.read(table.sessionId))!).text, text);
    await hosting.stop();
  }).timeout(30_000);
});
