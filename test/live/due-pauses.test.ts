import assert from "node:assert/strict";
import { DuePauses } from "../../src/live/due-pauses.ts";
import { createdSession } from "../support/created-session.ts";
import { settled } from "../support/hand-clock.ts";
import { GM, LiveTable, type Process } from "../support/live-table.ts";

describe("pauses that fall due while nobody has the session open", () => {
  let table: LiveTable;
  let failures: string[];
  const watches: DuePauses[] = [];

  afterEach(async () => {
    await Promise.all(watches.splice(0).map((watch) => watch.stop()));
  });

  /** What a process does of it, from its start on. */
  const watch = (process: Process, processId: string): DuePauses => {
    const due = new DuePauses({
      stores: process.stores,
      hosting: process.hosting,
      clock: table.clock,
      processId,
      onFailed: (error, sessionId) => failures.push(`${sessionId}: ${String(error)}`),
    });
    process.onClosed.push((session) => due.closed(session));
    due.start();
    watches.push(due);
    return due;
  };

  /** A live session; `gm` was in it and has left for good, or is in it still. */
  const begin = async (seconds: number, reconnectWindow: number, gmStays = false) => {
    failures = [];
    table = await LiveTable.set({ settings: { autoPauseWhenNoGm: seconds, reconnectWindow } });
    await table.hosting.start();
    watch(table.process, "p1");
    const { session } = await table.live();
    const socket = await table.sit(session, "gm");
    await table.clock.advance(10_000);
    if (!gmStays) session.presence.disconnected("gm", socket);
    return session;
  };

  /** The process dies: nothing of it is heard any more. Another one starts. */
  const dies = async (processId: string, downMs = 0): Promise<Process> => {
    table.stores.goDown();
    await table.process.hosting.stop().catch(() => undefined);
    for (const one of watches.splice(0)) await one.stop();
    await table.clock.advance(downMs);
    table.process = table.start(processId);
    await table.hosting.start();
    watch(table.process, processId);
    return table.process;
  };

  const status = async () => (await table.hosting.read(table.sessionId))?.status;
  const isRunning = () => table.hosting.running(table.sessionId) !== undefined;
  const pauses = () => table.events().filter(({ kind }) => kind === "session.paused").length;

  it("[V21] pauses after 90 s although the session closed after 60, and closes again", async () => {
    await begin(90, 0);
    await table.clock.advance(60_000);
    assert.deepEqual([isRunning(), await status()], [false, "live"]);
    await table.clock.advance(29_900);
    assert.equal(await status(), "live");
    await table.clock.advance(200);
    assert.equal(await status(), "paused");
    const state = await table.hosting.read(table.sessionId);
    assert.deepEqual([state?.statusBy, state?.statusReason], ["", "no GM is here"]);
    await table.clock.advance(60_000);
    assert.deepEqual([isRunning(), pauses(), failures], [false, 1, []]);
    await table.clock.advance(24 * 3_600_000);
    assert.equal(pauses(), 1);
  });

  it("[V21] whatever closed it, and whatever the clock says by then", async () => {
    const session = await begin(3_600, 0);
    await table.clock.advance(100_000);
    table.clock.jump(-7_200_000);
    session.broke(new Error("a fault that the test asked for"));
    await table.clock.advance(3_499_000);
    assert.equal(await status(), "live");
    await table.clock.advance(2_000);
    assert.equal(await status(), "paused");
    assert.deepEqual(failures, []);
  });

  it("[V21] not where a GM was in it meanwhile", async () => {
    await begin(90, 0);
    await table.clock.advance(80_000);
    const session = await table.open();
    const socket = await table.sit(session, "gm");
    await table.clock.advance(20_000);
    assert.equal(await status(), "live");
    session.presence.disconnected("gm", socket);
    await table.clock.advance(89_000);
    assert.equal(await status(), "live");
    await table.clock.advance(1_100);
    assert.equal(await status(), "paused");
  });

  it("[V21] of a process that died a moment before this one started, which still seems to live then", async () => {
    await begin(90, 0);
    await table.clock.advance(40_000);
    await dies("p2");
    await table.clock.advance(2_900);
    assert.equal(await status(), "live");
    await table.clock.advance(52_000);
    assert.deepEqual([await status(), pauses(), failures], ["paused", 1, []]);
  });

  it("[V21] across a restart, in time, though nobody opens it", async () => {
    await begin(90, 0);
    await table.clock.advance(30_000);
    await dies("p2", 20_000);
    await table.clock.advance(39_000);
    assert.deepEqual([isRunning(), await status()], [false, "live"]);
    await table.clock.advance(1_500);
    assert.equal(await status(), "paused");
    assert.deepEqual(failures, []);
  });

  it("[V21] at once where its time was over before the process started", async () => {
    await begin(90, 0);
    await dies("p2", 3_600_000);
    await table.clock.advance(10);
    assert.equal(await status(), "paused");
  });

  it("[V20] a GM who was in it when the process died is given time", async () => {
    await begin(90, 60, true);
    await dies("p2", 100_000);
    await table.clock.advance(9_900);
    assert.equal(await status(), "live");
    await table.clock.advance(200);
    assert.equal(await status(), "paused");
  });

  it("[V20] and less downtime than the setting counts, but is no reason to hurry", async () => {
    await begin(90, 60, true);
    await dies("p2", 20_000);
    await table.clock.advance(68_500);
    assert.equal(await status(), "live");
    await table.clock.advance(2_500);
    assert.equal(await status(), "paused");
  });

  it("[V21] three lives and a half: the count goes on", async () => {
    await begin(300, 0);
    for (const life of ["p2", "p3", "p4"]) await dies(life, 70_000);
    await table.clock.advance(89_000);
    assert.equal(await status(), "live");
    await table.clock.advance(1_500);
    assert.equal(await status(), "paused");
  });

  it("[V21] is left to another process that hosts it and lives, and taken from one that died", async () => {
    await begin(90, 3_600);
    const other = table.start("p2");
    await other.hosting.start();
    watch(other, "p2");
    await table.clock.advance(60_000);
    assert.equal((await table.stores.leases.find(table.sessionId))?.processId, "p1");
    table.stores.goDown();
    await table.process.hosting.stop().catch(() => undefined);
    table.process = other;
    await table.clock.advance(29_000);
    assert.equal(await status(), "live");
    // Its host died less than a minute ago: found with the next look.
    await table.clock.advance(62_000);
    assert.equal(await status(), "paused");
    assert.equal(pauses(), 1);
  });

  it("[V24] is tried again while the store is away, at the look and at the pause", async () => {
    await begin(90, 0);
    table.stores.goDown();
    await table.process.hosting.stop().catch(() => undefined);
    for (const one of watches.splice(0)) await one.stop();
    table.process = table.start("p2");
    table.stores.goDown();
    watch(table.process, "p2");
    await table.clock.advance(12_000);
    table.stores.recover();
    await table.clock.advance(6_000);
    table.stores.goDown();
    await table.clock.advance(90_000);
    table.stores.recover();
    assert.equal(await status(), "live");
    await table.clock.advance(5_000);
    assert.equal(await status(), "paused");
    assert.ok(failures.length > 2);
  });

  it("[V21] looks at sessions that are live and have the setting, and at no others", async () => {
    await begin(90, 0);
    await table.clock.advance(100_000);
    for (const seconds of [0, 90]) {
      const settings = { ...(await table.hosting.read(table.sessionId))!.settings, autoPauseWhenNoGm: seconds };
      const input = { campaignId: "campaign", title: "Another", maxParticipants: 8, settings };
      const { sessionId } = await createdSession(table.hosting, input, GM);
      if (seconds > 0) continue;
      const session = await table.hosting.open(sessionId);
      await session.step("start", GM, "");
      await session.close("idle");
    }
    await table.clock.advance(600_000);
    const opened: string[] = [];
    const { open } = table.hosting;
    table.hosting.open = (sessionId) => {
      opened.push(sessionId);
      return open.call(table.hosting, sessionId);
    };
    await table.clock.advance(600_000);
    assert.deepEqual(opened, []);
  });

  it("[V21] opens nothing for a pause that is no longer to come, here or at another process", async () => {
    await begin(90, 0);
    await table.clock.advance(61_000);
    const session = await table.open();
    await session.step("terminate", GM, "");
    await table.clock.advance(1_000);
    const records = table.records().length;
    await table.clock.advance(100_000);
    assert.equal(table.records().length, records);

    await begin(90, 0);
    await table.clock.advance(61_000);
    const other = table.start("p2");
    await other.hosting.start();
    const there = await other.hosting.open(table.sessionId);
    await there.step("pause", GM, "tea");
    await there.close("idle");
    const before = table.records().length;
    await table.clock.advance(100_000);
    assert.equal(table.records().length, before);
  });

  it("[V21] stops with the process, and leaves no timer", async () => {
    await begin(90, 0);
    await table.clock.advance(61_000);
    const [first] = watches.splice(0);
    await first!.stop();
    await table.hosting.stop();
    await settled();
    assert.equal(table.clock.pending, 0);
    await table.clock.advance(100_000);
    assert.equal(await status(), "live");
  });

  it("[V21] [MP7] counts for nobody else: who is there is known by what was seen, not by clocks, and a race is no failure", async () => {
    await begin(90, 0);
    await table.clock.advance(60_000);
    const living = new Set(["p1", "p2", "p3"]);
    const others = {
      isThere: async (id: string) => living.has(id),
      takeForDead: async () => undefined,
      listen: () => undefined,
    };
    const [two, three] = ["p2", "p3"].map((id) => table.startWith(id, {}, others));
    for (const [process, processId] of [
      [two!, "p2"],
      [three!, "p3"],
    ] as const) {
      const due = new DuePauses({
        ...{ stores: process.stores, hosting: process.hosting, clock: table.clock, processId, others },
        onFailed: (error, sessionId) => failures.push(`${sessionId}: ${String(error)}`),
      });
      due.start();
      watches.push(due);
    }
    await settled();
    for (const one of watches.splice(0, 1)) await one.stop();
    await table.clock.advance(40_000);
    assert.deepEqual([await status(), pauses(), failures], ["paused", 1, []]);
    // One of them has it open; its clock is far behind, as its heartbeats would say.
    assert.equal([two!, three!].filter(({ hosting }) => hosting.running(table.sessionId) !== undefined).length, 1);
  });

  /** What a process of several does of it, with the processes that it is told of. */
  const watchAmong = (processId: string, living: Set<string>) => {
    const deaths: (() => void)[] = [];
    const others = {
      isThere: async (id: string) => living.has(id),
      takeForDead: async () => undefined,
      listen: ({ died }: { died(): void }) => void deaths.push(died),
    };
    const process = table.startWith(processId, {}, others);
    let leaseLooks = 0;
    const { leases } = process.stores;
    for (const name of ["find", "findAll"] as const) {
      const ask = leases[name].bind(leases) as (...asked: unknown[]) => unknown;
      Object.assign(leases, {
        [name]: (...asked: unknown[]) => {
          leaseLooks++;
          return ask(...asked);
        },
      });
    }
    const due = new DuePauses({
      ...{ stores: process.stores, hosting: process.hosting, clock: table.clock, processId, others },
      onFailed: (error, sessionId) => failures.push(`${sessionId}: ${String(error)}`),
    });
    due.start();
    watches.push(due);
    return {
      dies: (id: string) => {
        living.delete(id);
        for (const tell of deaths) tell();
      },
      leaseLooks: () => leaseLooks,
    };
  };

  it("[MP98] a hundred sessions at another process cost one look-up of leases a look, and a look every ten minutes", async () => {
    await begin(90, 60, true);
    const settings = (await table.hosting.read(table.sessionId))!.settings;
    for (let n = 1; n < 100; n++) {
      const input = { campaignId: "campaign", title: `Evening ${n}`, maxParticipants: 8, settings };
      const { sessionId } = await createdSession(table.hosting, input, GM);
      const session = await table.hosting.open(sessionId);
      await table.sit(session, "gm");
      await session.step("start", GM, "");
    }
    const other = watchAmong("p2", new Set(["p1", "p2"]));
    await table.clock.advance(10_000);
    assert.equal(other.leaseLooks(), 2, "at the start, and 3 s later");
    await table.clock.advance(3_600_000);
    assert.equal(other.leaseLooks(), 8);
    assert.deepEqual([await status(), failures], ["live", []]);
  });

  it("[MP98] looks soon after a process died, however many die one after the other", async () => {
    await begin(90, 0);
    const other = watchAmong("p2", new Set(["p1", "p2"]));
    await table.clock.advance(61_000);
    assert.equal(isRunning(), false, "nobody has it open");
    await table.process.hosting.stop();
    for (const one of watches.splice(0, 1)) await one.stop();
    const looks = other.leaseLooks();
    for (let n = 0; n < 10; n++) {
      other.dies(n === 0 ? "p1" : `q${n}`);
      await table.clock.advance(1_000);
    }
    assert.ok(other.leaseLooks() > looks, "before the last of them died");
    await table.clock.advance(20_000);
    assert.deepEqual([await status(), pauses(), failures], ["paused", 1, []]);
  });
});
