import assert from "node:assert/strict";
import { verifyChain } from "../../src/core/audit.ts";
import { NoSuchSession } from "../../src/live/hosting.ts";
import { JournalUnavailable } from "../../src/live/journal.ts";
import { HostedElsewhere } from "../../src/live/other-processes.ts";
import { OutcomeUnknown, StoreUnavailable } from "../../src/ports/failures.ts";
import { settled } from "../support/hand-clock.ts";
import { CAMPAIGN, codeOf, GM, LiveTable, seqOf, set, stateOf } from "../support/live-table.ts";

describe("opening and closing", () => {
  let table: LiveTable;
  beforeEach(async () => {
    table = await LiveTable.set();
  });
  /** This process is gone, without a word; another one starts. */
  const crash = (processId = "p2") => {
    table.stores.goDown();
    table.process = table.start(processId);
  };
  const eventsOf = (kind: string) => table.events().filter((event) => event.kind === kind);

  describe("[J9] taking over", () => {
    it("[J9] first writes `opened` with the next epoch; until that is stored nobody has the session", async () => {
      const held = table.stores.holdAppend();
      const opening = table.open();
      const [record] = await held.arrived;
      assert.deepEqual([record?.content, record?.epoch, record?.pos], [{ kind: "opened", process: "p1" }, 1, 2]);
      assert.equal(await stateOf(opening), "pending");
      assert.equal(table.hosting.running(table.sessionId), undefined);
      held.release();
      const session = await opening;
      assert.equal(table.hosting.running(table.sessionId), session);
      crash();
      assert.equal((await table.open()).committed.epoch, 2);
      assert.deepEqual(await table.stores.leases.find(table.sessionId), {
        sessionId: table.sessionId,
        processId: "p2",
        epoch: 2,
      });
    });

    it("[J9] whoever asks meanwhile gets the same session", async () => {
      const opened = await Promise.all([table.open(), table.open(), table.open()]);
      assert.equal(new Set(opened).size, 1);
      assert.equal(await table.open(), opened[0]);
      assert.equal(table.records().filter(({ content }) => content.kind === "opened").length, 1);
    });

    it("[J9] finds its position taken: reads on, and takes the next with a higher epoch", async () => {
      const other = table.start("p2");
      const held = table.stores.holdAppend();
      const here = table.open();
      await held.arrived;
      const there = await table.open(other.hosting);
      held.release();
      assert.deepEqual([there.committed.epoch, (await here).committed.epoch], [2, 3]);
      assert.equal(await codeOf(there.desk.submit("gm", set("a", "shared/a", 1))), "forbidden");
      await assert.rejects(there.step("start", GM, ""), JournalUnavailable);
    });

    it("[J9] finds it taken again and again: unavailable, not an error of ours", async () => {
      const append = table.stores.log.append.bind(table.stores.log);
      let others = 0;
      const racing = Object.assign(Object.create(table.stores.log), {
        async append(...args: Parameters<typeof append>) {
          const other = table.start(`other-${++others}`);
          await table.open(other.hosting);
          await append(...args);
        },
      });
      const { hosting } = table.startWith("p2", { log: racing });
      await assert.rejects(table.open(hosting), JournalUnavailable);
      assert.ok(others > 1);
    });

    it("[J9] a session that does not exist is NoSuchSession; a store that fails can be asked again", async () => {
      await assert.rejects(table.hosting.open("nothing"), NoSuchSession);
      table.stores.failAppend();
      await assert.rejects(table.open(), StoreUnavailable);
      table.stores.loseAnswer();
      await assert.rejects(table.open(), OutcomeUnknown);
      assert.equal((await table.open()).committed.epoch, 2);
    });

    it("[J9] a store that hangs is not waited for; whoever comes next finds what became of it", async () => {
      const held = table.stores.holdAppend();
      const opening = assert.rejects(table.open(), JournalUnavailable);
      await table.clock.advance(3_000);
      await opening;
      held.release();
      await settled();
      assert.equal((await table.open()).committed.epoch, 2);
    });

    it("[J9] looks up the campaign's members once, and of nobody who is one what else the campaign says", async () => {
      const { session } = await table.live();
      await table.sit(session, "gm");
      await table.sit(session, "kim");
      crash();
      const asked: string[] = [];
      const counted =
        (name: "find" | "findMembership") =>
        async (...ids: [string, string]) => {
          asked.push(name);
          return await table.stores.campaigns[name](...ids);
        };
      const campaigns = Object.assign(Object.create(table.stores.campaigns), {
        find: counted("find"),
        findMembership: counted("findMembership"),
      });
      const { hosting } = table.startWith("p3", { campaigns });
      assert.equal((await table.open(hosting)).committed.places.size, 2);
      assert.deepEqual(asked, ["find"]);
    });

    it("[J9] an opening that fails half-way leaves nothing running", async () => {
      const { session } = await table.live();
      await table.sit(session, "kim");
      crash();
      const { hosting, closed } = table.startWith("p3", {
        campaigns: Object.assign(Object.create(table.stores.campaigns), {
          find: async () => Promise.reject(new StoreUnavailable("down")),
        }),
      });
      await assert.rejects(table.open(hosting), StoreUnavailable);
      assert.deepEqual(closed, ["host_moved"]);
      const before = table.records().length;
      await table.clock.advance(120_000);
      assert.equal(table.records().length, before, "it still writes");
    });
  });

  describe("[MP7] beside other processes", () => {
    /** Processes on one database, each of which knows who is there. */
    const fleet = (...processIds: string[]) => {
      const living = new Set(processIds);
      const takenForDead = new Set<string>();
      const others = {
        isThere: async (processId: string) => living.has(processId),
        takeForDead: async (processId: string) => void takenForDead.add(processId),
      };
      const started = processIds.map((processId) => table.startWith(processId, {}, others));
      return { started, living, takenForDead };
    };
    const elsewhere = (processId: string) => (error: unknown) =>
      error instanceof HostedElsewhere && error instanceof JournalUnavailable && error.processId === processId;
    const opened = () => table.records().filter(({ content }) => content.kind === "opened");

    it("[MP7] a session that a living one hosts is left to it; a dead one's is taken, and it is told before", async () => {
      const { started, living, takenForDead } = fleet("a", "b");
      const session = await table.open(started[0]!.hosting);
      await assert.rejects(table.open(started[1]!.hosting), elsewhere("a"));
      assert.deepEqual([opened().length, takenForDead.size, session.open], [1, 0, true]);
      living.delete("a");
      assert.equal((await table.open(started[1]!.hosting)).committed.epoch, 2);
      assert.deepEqual([...takenForDead], ["a"]);
    });

    it("[MP7] of those that open it at the same moment one has it, and the others are told who", async () => {
      for (let round = 0; round < 20; round++) {
        const { started } = fleet("a", "b", "c", "d");
        const tries = await Promise.allSettled(started.map(({ hosting }) => table.open(hosting)));
        const winners = started.filter((_, i) => tries[i]?.status === "fulfilled");
        assert.equal(winners.length, 1);
        const { processId } = (await table.stores.leases.find(table.sessionId))!;
        for (const one of tries) if (one.status === "rejected") assert.ok(elsewhere(processId)(one.reason));
        assert.equal(winners[0]!.hosting.running(table.sessionId)?.committed.epoch, round + 1);
        await winners[0]!.hosting.stop();
      }
    });

    it("[MP7] a claim that came to nothing keeps nobody out, whoever made it", async () => {
      const { started, living } = fleet("a", "b");
      started[0]!.stores.failAppend();
      await assert.rejects(table.open(started[0]!.hosting), StoreUnavailable);
      assert.equal(await table.stores.leases.find(table.sessionId), undefined);
      // This one dies between its claim and its record.
      const held = started[0]!.stores.holdAppend();
      void table.open(started[0]!.hosting).catch(() => undefined);
      await held.arrived;
      living.delete("a");
      const session = await table.open(started[1]!.hosting);
      const lease = await table.stores.leases.find(table.sessionId);
      assert.deepEqual([lease?.processId, lease?.epoch], ["b", session.committed.epoch]);
      held.release();
      await settled();
      assert.equal((await table.stores.leases.find(table.sessionId))?.processId, "b");
      assert.equal(await session.step("start", GM, ""), "done");
    });
  });

  describe("[J14] after an opening", () => {
    it("[J14] everybody with a place is disconnected, with a full window from then", async () => {
      const { session } = await table.live();
      await table.sit(session, "kim");
      const { joinedAt } = session.committed.places.get("kim")!;
      await table.clock.advance(10_000);
      crash();
      await table.clock.advance(500_000);
      const again = await table.open();
      const kim = again.presence.of("kim");
      assert.deepEqual([kim?.presence, kim?.reconnectUntil], ["disconnected", table.clock.now() + 60_000]);
      await table.clock.advance(59_000);
      await table.sit(again, "kim");
      assert.equal(again.committed.places.get("kim")?.joinedAt, joinedAt);
      await table.clock.advance(1_000);
      assert.deepEqual(table.kindsOf("kim"), ["participant.joined", "participant.reconnected"]);
    });

    it("[J14] `session.restored` says up to when the host before was there; `host.changed` that it is another", async () => {
      await table.hosting.start();
      const { session } = await table.live();
      await table.sit(session, "kim");
      await table.clock.advance(20_500);
      const aliveUntil = table.clock.now() - 500;
      crash();
      await table.clock.advance(300_000);
      const again = await table.open();
      assert.deepEqual(
        eventsOf("session.restored").map(({ data }) => data),
        [{ aliveUntil: new Date(aliveUntil).toISOString() }],
      );
      assert.deepEqual(
        eventsOf("host.changed").map(({ data }) => data),
        [{ epoch: 2 }],
      );
      assert.equal(again.committed.attendance.get("kim")?.onlineMs, 20_000);
    });

    it("[J14] the same process changes no host, and nobody's place is restored where there was none", async () => {
      const session = await table.open();
      await session.close("idle");
      await table.open();
      assert.deepEqual([eventsOf("host.changed"), eventsOf("session.restored")], [[], []]);
    });

    it("[J14] what changed in the campaign meanwhile is made up for", async () => {
      const { session } = await table.live();
      for (const userId of ["kim", "lee"]) await table.sit(session, userId);
      crash();
      await table.stores.campaigns.removeMember(CAMPAIGN, "kim");
      await table.stores.campaigns.putMember(CAMPAIGN, { userId: "lee", role: "spectator" });
      const { committed } = await table.open();
      assert.deepEqual(
        [...committed.places.values()].map(({ userId, role }) => [userId, role]),
        [["lee", "spectator"]],
      );
    });

    it("[J14] what changes in the campaign during an opening is not missed", async () => {
      const { session } = await table.live();
      await table.sit(session, "kim");
      crash();
      const campaign = await table.stores.campaigns.find(CAMPAIGN);
      const read = Promise.withResolvers<void>();
      const { hosting } = table.startWith("p3", {
        campaigns: Object.assign(Object.create(table.stores.campaigns), {
          find: async () => {
            await read.promise;
            return campaign;
          },
        }),
      });
      const opening = table.open(hosting);
      await settled();
      const without = await table.stores.campaigns.removeMember(CAMPAIGN, "kim");
      assert.ok(typeof without === "object");
      const told = hosting.memberChanged(without, "kim", GM);
      read.resolve();
      await told;
      assert.ok(!(await opening).committed.places.has("kim"));
    });

    it("[J14] an answered command's id is known to the next host, and the chain goes on", async () => {
      const { session } = await table.live();
      await table.sit(session, "kim");
      assert.equal(await seqOf(session.desk.submit("kim", set("a", "shared/a", 1))), 1);
      crash();
      const again = await table.open();
      assert.deepEqual(await again.desk.submit("kim", set("a", "shared/a", 2)), { seq: 1, duplicate: true });
      const { auditCount, auditHead } = again.committed;
      const verdict = verifyChain(table.events());
      assert.deepEqual([verdict.valid, verdict.count, verdict.head], [true, auditCount, auditHead]);
    });
  });

  describe("[J15] closing", () => {
    it("[J15] records and saves what there is, tells everybody, lets go of the lease; and opens again", async () => {
      const { session, watcher } = await table.live();
      const socket = await table.sit(session, "kim");
      session.presence.disconnected("kim", socket);
      await session.close("server_restarting");
      assert.deepEqual(watcher.closings, ["server_restarting"]);
      assert.equal(eventsOf("participant.dropped").length, 1);
      assert.deepEqual(await table.stores.snapshots.positions(table.sessionId), [session.committed.pos]);
      assert.equal(await table.stores.leases.find(table.sessionId), undefined);
      assert.equal(
        session.reserve(await table.visitor("lee"), 0, () => false),
        "unavailable",
      );
      const again = await table.open();
      assert.notEqual(again, session);
      assert.deepEqual([again.committed.epoch, again.committed.places.size], [2, 1]);
    });

    it("[J15] whoever opens it while it closes waits for that", async () => {
      const session = await table.open();
      const closing = session.close("idle");
      const again = await table.open();
      await closing;
      assert.notEqual(again, session);
      assert.equal(again.committed.epoch, 2);
    });

    it("[J15] a store that hangs holds nobody up", async () => {
      const { session, watcher } = await table.live();
      const socket = await table.sit(session, "kim");
      await table.clock.advance(1_000);
      session.presence.disconnected("kim", socket);
      table.stores.goUnknown(false);
      const closing = session.close("server_restarting");
      await table.clock.advance(4_000);
      assert.equal(await stateOf(closing), "resolved");
      assert.deepEqual(watcher.closings, ["server_restarting"]);
      const before = table.stores.appends.length;
      await table.clock.advance(10_000);
      assert.equal(table.stores.appends.length, before, "it still writes");
    });

    it("[J15] stopping closes all with server_restarting, and opens none any more", async () => {
      const { watcher } = await table.live();
      await table.hosting.stop();
      assert.deepEqual(watcher.closings, ["server_restarting"]);
      await assert.rejects(table.open(), JournalUnavailable);
      assert.equal(table.clock.pending, 0, "timers are left behind");
    });
  });
});
