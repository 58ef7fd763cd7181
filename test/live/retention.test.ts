import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { examine } from "../../src/archive/doctor/examine.ts";
import { history } from "../../src/core/attendance.ts";
import { verifyChain } from "../../src/core/audit.ts";
import { JournalUnavailable } from "../../src/live/journal.ts";
import { Retention } from "../../src/live/retention.ts";
import { RESTORES_AT_ONCE, Turns } from "../../src/live/turns.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { GM, LiveTable, type Process, seqOf, set } from "../support/live-table.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const CANARY = "canary-in-the-log";

describe("retention", () => {
  let table: LiveTable;
  let forgotten: string[];
  let failed: (readonly [string | undefined, string])[];
  let sweepers: Retention[];
  /** of the time within which a first sweep begins, 5 s */
  let share: number;
  beforeEach(async () => {
    table = await LiveTable.set();
    forgotten = [];
    failed = [];
    sweepers = [];
    share = 0.5;
  });
  afterEach(() => Promise.all(sweepers.map((sweeper) => sweeper.stop())));

  /** Starts the sweeping of a process. */
  const sweeping = (process: Process, processId = "p1", days = 2, stores: Stores = process.stores): Retention => {
    const retention = new Retention({
      stores,
      clock: table.clock,
      chance: { ...table.chance, float: () => share },
      processId,
      isHere: (sessionId) => process.hosting.isHere(sessionId),
      days,
      onForgotten: (sessionId) => forgotten.push(sessionId),
      onFailed: (error, sessionId) => failed.push([sessionId, (error as Error).name]),
      restores: new Turns(RESTORES_AT_ONCE),
      onDamaged: ({ message }) => process.problems.push(message),
    });
    sweepers.push(retention);
    retention.start();
    return retention;
  };
  /** Plays an evening with content everywhere, and ends it. @returns when it ended, ms since 1970 */
  const evening = async (): Promise<number> => {
    const { session } = await table.live();
    await table.sit(session, "kim");
    for (const path of ["shared/a", "players/kim/b", "private/kim/c", "table/d", "gm/e"]) {
      const userId = path.startsWith("gm") || path.startsWith("table") ? "gm" : "kim";
      if (userId === "gm" && session.presence.of("gm") === undefined) await table.sit(session, "gm");
      await seqOf(session.desk.submit(userId, set(path, path, CANARY)));
      await session.snapshot();
    }
    await session.remove("lee", GM, { ban: true, reason: "" });
    await session.createInvite({ role: "player", maxUses: 1, expiresAt: table.clock.now() + DAY, label: null }, GM);
    await session.step("terminate", GM, "");
    await table.clock.advance(SECOND);
    assert.ok(!table.hosting.isHere(table.sessionId));
    return (await stateNow()).endedAt!;
  };
  const stateNow = async () => (await table.hosting.read(table.sessionId))!;
  const crankTo = (at: number) => table.clock.advance(at - table.clock.now());
  const holdsContent = () => JSON.stringify([...contentOf(table)]).includes(CANARY);
  const due = (by = Number.MAX_SAFE_INTEGER) => table.stores.sessions.endedWithContent(by, 10);
  const logged = () => table.backing.logs.get(table.sessionId)!;

  it("[Y2] forgets nothing a millisecond too early, and all of it at the next sweep after", async () => {
    const endedAt = await evening();
    await crankTo(endedAt + 2 * DAY - 2 * HOUR);
    sweeping(table.process);
    await table.clock.advance(HOUR);
    assert.deepEqual(forgotten, []);
    assert.ok(holdsContent());
    await table.clock.advance(2 * HOUR);
    assert.deepEqual(forgotten, [table.sessionId]);
    assert.ok(!holdsContent());
  });

  it("[Y2] the day is exact: a sweep at the very millisecond takes it, one before does not", async () => {
    const endedAt = await evening();
    share = 0;
    for (const [at, expected] of [
      [endedAt + 2 * DAY - 1, [] as string[]],
      [endedAt + 2 * DAY, [table.sessionId]],
    ] as const) {
      await crankTo(at);
      const sweeper = sweeping(table.process);
      await table.clock.advance(100);
      await sweeper.stop();
      assert.deepEqual(forgotten, expected);
    }
  });

  it("[Y2] never touches what has not ended, not in years; nor anything with 0 days", async () => {
    const { session } = await table.live();
    await table.sit(session, "kim");
    await seqOf(session.desk.submit("kim", set("c", "shared/a", CANARY)));
    await session.close("idle");
    sweeping(table.process, "p1", 1);
    await table.clock.advance(3 * DAY);
    await crankTo(table.clock.now() + DAY);
    assert.equal((await stateNow()).entries.size, 1);
    const end = await table.open();
    await end.step("terminate", GM, "");
    await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
    const timers = table.clock.pending;
    sweeping(table.process, "p1", 0);
    assert.equal(table.clock.pending, timers);
    await table.clock.advance(3 * DAY);
    assert.deepEqual(forgotten, []);
    assert.ok(holdsContent());
  });

  it("[Y3] keeps row, attendance, invites, bans, audit trail and commands, and empties the state", async () => {
    const endedAt = await evening();
    await crankTo(endedAt + 2 * DAY);
    const told = async () => {
      const { log, sessions } = table.stores;
      const state = await stateNow();
      const { seq, status, invites, banned, invitees, auditCount, auditHead } = state;
      return structuredClone({
        ...{
          seq,
          status,
          invites,
          banned,
          invitees,
          auditCount,
          auditHead,
          history: history(state, table.clock.now()),
        },
        row: await sessions.find(table.sessionId),
        events: await log.events(table.sessionId, 0, 1_000),
        commands: await log.commands(table.sessionId, 0, 1_000),
      });
    };
    const before = await told();
    assert.ok(
      before.seq === 5 && before.banned.has("lee") && before.invites.size === 1 && before.commands.length === 5,
    );
    sweeping(table.process);
    await table.clock.advance(5 * SECOND);
    assert.deepEqual(forgotten, [table.sessionId]);
    assert.deepEqual(await told(), before);
    assert.deepEqual([...(await stateNow()).entries], []);
    assert.ok(verifyChain(table.events()).valid);
    assert.deepEqual(await table.stores.snapshots.positions(table.sessionId), [logged().length]);

    const session = await table.open();
    await session.unban("lee", GM);
    await session.revokeInvite([...before.invites.keys()][0]!, GM, true);
    await session.remove("kim", GM, { ban: true, reason: "" });
    await session.close("idle");
    assert.deepEqual([...(await stateNow()).banned], ["kim"]);
    assert.ok(!holdsContent());
  });

  it("[Y3] leaves a session in which the doctor finds nothing wrong", async () => {
    const endedAt = await evening();
    await crankTo(endedAt + 2 * DAY);
    sweeping(table.process);
    await table.clock.advance(2 * HOUR);
    assert.deepEqual(await due(), []);
    const findings: unknown[] = [];
    const { sessions } = await examine(false, {
      open: async () => table.start("doctor").stores,
      now: () => table.clock.now(),
      wait: async () => {},
      tell: (finding) => findings.push(finding),
      onProgress: () => {},
    });
    assert.equal(sessions, 1);
    assert.deepEqual(findings, []);
  });

  it("[Y4] in one append of two records, with the next epoch and no event", async () => {
    const endedAt = await evening();
    const { epoch, pos } = await stateNow();
    await crankTo(endedAt + 2 * DAY);
    const appends = table.stores.appends.length;
    sweeping(table.process);
    await table.clock.advance(5 * SECOND);
    const [append, ...more] = table.stores.appends.slice(appends);
    assert.deepEqual(more, []);
    assert.deepEqual(
      append?.map((record) => [record.content.kind, record.pos, record.epoch, record.audit.length]),
      [
        ["opened", pos + 1, epoch + 1, 0],
        ["forgotten", pos + 2, epoch + 1, 0],
      ],
    );
  });

  it("[Y4] two processes at once write one `forgotten`", async () => {
    const endedAt = await evening();
    await crankTo(endedAt + 2 * DAY);
    const others = ["p2", "p3"].map((id) => [id, table.start(id)] as const);
    share = 0;
    const records = logged().length;
    sweeping(table.process);
    for (const [id, process] of others) sweeping(process, id);
    await table.clock.advance(3 * HOUR);
    assert.deepEqual(forgotten, [table.sessionId]);
    assert.equal(logged().length - records, 2);
    assert.deepEqual(failed, []);
    assert.ok(!holdsContent());
    assert.deepEqual(await due(), []);
  });

  it("[Y4] [J7] an opener that comes in between wins or reads on; the host of before is fenced", async () => {
    const endedAt = await evening();
    await crankTo(endedAt + 2 * DAY);
    const held = table.stores.holdAppend();
    sweeping(table.process);
    await table.clock.advance(5 * SECOND);
    const [first] = await held.arrived;
    assert.equal(first?.content.kind, "opened");
    const second = table.start("p2");
    const session = await table.open(second.hosting);
    held.release();
    await table.clock.advance(SECOND);
    assert.deepEqual(forgotten, []);
    assert.equal(session.committed.entries.size, 5, "left for the next sweep");
    assert.deepEqual(failed, []);

    // p2 loses its heartbeat (it never had one here), and does not know that it was swept over.
    await table.clock.advance(HOUR - 10 * SECOND - 61 * SECOND);
    const late = await table.open(second.hosting);
    await table.clock.advance(30 * SECOND);
    const third = table.start("p3");
    sweeping(third, "p3");
    await table.clock.advance(6 * SECOND);
    assert.deepEqual(forgotten, [table.sessionId]);
    await assert.rejects(late.unban("lee", GM), JournalUnavailable);
    await table.clock.advance(SECOND);
    assert.deepEqual(second.closed.at(-1), "host_moved");
    assert.ok(!holdsContent(), "a fenced host saves nothing");
  });

  it("[Y5] leaves alone what runs here, what another living process has, and what was just written", async () => {
    const endedAt = await evening();
    await crankTo(endedAt + 2 * DAY);
    const other = table.start("p2");
    await other.hosting.start();
    const there = await table.open(other.hosting);
    await table.clock.advance(20 * SECOND);
    sweeping(table.process);
    await table.clock.advance(5 * SECOND);
    assert.deepEqual(forgotten, [], "another's");
    await there.close("idle");
    await other.hosting.stop();

    await table.clock.advance(HOUR - 20 * SECOND);
    const here = await table.open();
    await table.clock.advance(20 * SECOND);
    assert.deepEqual(forgotten, [], "ours");
    await here.close("idle");

    await table.clock.advance(HOUR - 5 * SECOND);
    const brief = await table.open();
    await brief.close("idle");
    await table.clock.advance(6 * SECOND);
    assert.deepEqual(forgotten, [], "just written");
    await table.clock.advance(HOUR);
    assert.deepEqual(forgotten, [table.sessionId]);
  });

  for (const [what, cut] of Object.entries({
    "the append": (stores: Stores) => ({ ...stores, snapshots: failing(stores.snapshots, "save") }),
    "the snapshot": (stores: Stores) => ({ ...stores, snapshots: failing(stores.snapshots, "dropBefore") }),
    "the old snapshots' end": (stores: Stores) => ({ ...stores, log: failing(stores.log, "trim") }),
    "the trim": (stores: Stores) => ({ ...stores, scrub: async () => Promise.reject(new Error("cut off")) }),
    "the scrubbing": (stores: Stores) => ({ ...stores, sessions: failing(stores.sessions, "contentGone") }),
  })) {
    it(`[Y6] cut off after ${what}, the next sweep does the rest`, async () => {
      const endedAt = await evening();
      await crankTo(endedAt + 2 * DAY);
      const cutOff = sweeping(table.process, "p1", 2, cut(table.stores));
      await table.clock.advance(what === "the scrubbing" ? 2 * HOUR : 5 * SECOND);
      assert.equal(failed.length, 1);
      await cutOff.stop();
      assert.equal((await due()).length, 1);
      const opened = table.start("p2");
      sweeping(opened, "p2");
      await table.clock.advance(5 * SECOND);
      assert.ok(!holdsContent());
      assert.deepEqual([...(await stateNow()).entries], []);
      await table.clock.advance(2 * HOUR);
      assert.deepEqual(await due(), []);
      assert.equal(table.records().length, 0);
      assert.deepEqual(opened.problems, []);
      assert.equal(failed.length, 1);
    });
  }

  it("[Y6] what a host that was gone for long saves afterwards is found an hour later", async () => {
    const endedAt = await evening();
    const old = structuredClone([...table.backing.snapshots.get(table.sessionId)!]);
    await crankTo(endedAt + 2 * DAY);
    sweeping(table.process);
    await table.clock.advance(5 * SECOND);
    assert.ok(!holdsContent());
    assert.equal((await due()).length, 1, "not noted as done yet");
    for (const [pos, snapshot] of old) table.backing.snapshots.get(table.sessionId)!.set(pos, snapshot);
    assert.ok(holdsContent());
    await table.clock.advance(HOUR + SECOND);
    assert.ok(!holdsContent());
    assert.deepEqual(await due(), []);
    assert.deepEqual(forgotten, [table.sessionId], "once");
    const appends = table.stores.appends.length;
    await table.clock.advance(DAY);
    assert.equal(table.stores.appends.length, appends);
  });

  it("[Y8] a store that fails is told, left alone after three in a row, and asked again an hour later", async () => {
    const endedAt = await evening();
    for (let i = 0; i < 5; i++) copyOf(table, `copy-${i}`);
    await crankTo(endedAt + 2 * DAY);
    sweeping(table.process);
    table.stores.failAppend(3);
    await table.clock.advance(10 * SECOND);
    assert.deepEqual(
      failed.map(([, name]) => name),
      Array(3).fill("StoreUnavailable"),
    );
    assert.deepEqual(forgotten, []);
    table.stores.goDown();
    await table.clock.advance(HOUR);
    assert.deepEqual(failed[3], [undefined, "StoreUnavailable"]);
    table.stores.recover();
    await table.clock.advance(HOUR);
    assert.equal(forgotten.length, 6);
    assert.equal(failed.length, 4);
  });

  it("[Y8] a damaged session holds up no other", async () => {
    const endedAt = await evening();
    for (let i = 0; i < 4; i++) copyOf(table, `a-${i}`);
    for (let i = 0; i < 4; i++) table.backing.snapshots.get(`a-${i}`)!.clear();
    await crankTo(endedAt + 2 * DAY);
    sweeping(table.process);
    await table.clock.advance(10 * SECOND);
    assert.deepEqual(forgotten, [table.sessionId]);
    assert.deepEqual(failed.map(([sessionId, name]) => [sessionId, name]).sort(), [
      ...[0, 1, 2, 3].map((i) => [`a-${i}`, "StoredDataDamaged"]),
    ]);
  });

  it("[Y8] stops between two sessions, and leaves no timer", async () => {
    const endedAt = await evening();
    for (let i = 0; i < 9; i++) copyOf(table, `copy-${i}`);
    await crankTo(endedAt + 2 * DAY);
    const timers = table.clock.pending;
    share = 0;
    const retention = sweeping(table.process);
    await table.clock.advance(120);
    assert.ok(forgotten.length >= 2 && forgotten.length <= 4, `${forgotten.length} in 120 ms`);
    const soFar = forgotten.length;
    await retention.stop();
    assert.equal(table.clock.pending, timers);
    await table.clock.advance(DAY);
    assert.equal(forgotten.length, soFar);
  });

  it("[Y10] who reads while it is forgotten reads it whole or empty, and is told of no damage", async () => {
    const endedAt = await evening();
    await crankTo(endedAt + 2 * DAY);
    const reader = table.startWith("p2", {
      snapshots: overlaid(table.stores.snapshots, {
        async positions(sessionId) {
          const found = await table.stores.snapshots.positions(sessionId);
          if (sweepers.length === 0) {
            sweeping(table.process);
            await table.clock.advance(5 * SECOND);
          }
          return found;
        },
      }),
    });
    const state = await reader.hosting.read(table.sessionId);
    assert.deepEqual(forgotten, [table.sessionId]);
    assert.equal(state?.seq, 5);
    assert.deepEqual([...state!.entries], []);
    assert.deepEqual(reader.problems, []);
  });
});

/** Everything that the stores keep of logs and snapshots. */
function* contentOf({ backing }: LiveTable): Iterable<unknown> {
  for (const log of backing.logs.values()) yield* log;
  for (const snapshots of backing.snapshots.values()) yield* snapshots.values();
}

/** A second session with the same past. */
function copyOf({ backing, sessionId }: LiveTable, id: string): void {
  const rename = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(sessionId, id));
  backing.logs.set(id, rename(backing.logs.get(sessionId)!));
  backing.rows.set(id, rename(backing.rows.get(sessionId)!));
  const snapshots = [...backing.snapshots.get(sessionId)!].map(([pos, snapshot]) => {
    const text = snapshot.text.replaceAll(sessionId, id);
    return [pos, { sessionId: id, pos, text, sha256: createHash("sha256").update(text).digest("hex") }] as const;
  });
  backing.snapshots.set(id, new Map(snapshots));
}

/** A port with methods of its own in place of some. */
function overlaid<T extends object>(port: T, own: Partial<T>): T {
  return new Proxy(port, { get: (target, property) => Reflect.get(property in own ? own : target, property) });
}

/** A port of which one method fails, as at the end of a process. */
function failing<T extends object>(port: T, method: keyof T): T {
  return overlaid(port, { [method]: async () => Promise.reject(new Error("cut off")) } as Partial<T>);
}
