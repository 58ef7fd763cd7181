import assert from "node:assert/strict";
import { verifyChain } from "../../src/core/audit.ts";
import { EXPECTED_MS } from "../../src/core/person.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { HostedElsewhere, type OtherProcesses } from "../../src/live/other-processes.ts";
import { settled } from "../support/hand-clock.ts";
import { codeOf, LiveTable, type Process, seqOf, set, type TableOptions, Watcher } from "../support/live-table.ts";

/** All are there, whatever anybody says. */
const ALL_LIVE: OtherProcesses = { isThere: async () => true, takeForDead: async () => undefined };

/** Hands a session over as its host and the next one do, with the JSON that goes between them. */
async function handOver(session: HostedSession, from: string, to: Process): Promise<HostedSession> {
  const handover = await session.handOver();
  assert.ok(handover !== undefined);
  const moved = await to.hosting.receive(session.sessionId, JSON.parse(JSON.stringify({ ...handover, from })));
  await session.close("host_moved");
  return moved;
}

describe("a session that is handed over", () => {
  const scene = async (options: TableOptions = {}) => {
    const table = await LiveTable.set({ settings: { reconnectWindow: 60 }, ...options });
    const next = table.startWith("p2", {}, ALL_LIVE);
    const { session, watcher } = await table.live();
    return { table, next, session, watcher };
  };

  it("[MP60] has its people as they were; who is back in time comes without a word and is not counted", async () => {
    const { table, next, session } = await scene();
    for (const userId of ["gm", "kim", "lee"]) await table.sit(session, userId);
    session.presence.declared("lee", "socket-3", "idle");
    await table.clock.advance(2_000);
    const before = table.events().length;
    const moved = await handOver(session, "p1", next);
    const shown = new Watcher();
    moved.observe(shown);
    const presences = () => ["gm", "kim", "lee"].map((userId) => moved.presence.of(userId)?.presence);
    assert.deepEqual(presences(), ["online", "online", "idle"]);
    await table.clock.advance(EXPECTED_MS - 1);
    for (const userId of ["gm", "kim", "lee"]) await table.sit(moved, userId);
    await table.clock.advance(3_000);
    assert.deepEqual(presences(), ["online", "online", "idle"]);
    assert.deepEqual(
      table
        .events()
        .slice(before)
        .map(({ kind }) => kind),
      ["host.changed"],
    );
    assert.equal(moved.presence.of("kim")?.reconnects, 0);
    const kim = moved.committed.attendance.get("kim")!;
    assert.deepEqual([kim.droppedAt, kim.reconnects, kim.connections], [0, 0, 2]);
    assert.notEqual(kim.onlineSince, null);
    assert.ok(verifyChain(table.events()).valid);
  });

  it("[MP61] drops who is not back, since the move", async () => {
    const { table, next, session } = await scene({ settings: { reconnectWindow: 20 } });
    for (const userId of ["gm", "kim"]) await table.sit(session, userId);
    await table.clock.advance(10_000);
    const movedAt = table.clock.now();
    const moved = await handOver(session, "p1", next);
    await table.sit(moved, "gm");
    await table.clock.advance(EXPECTED_MS + 1_000);
    const kim = moved.presence.of("kim")!;
    assert.deepEqual([kim.presence, kim.droppedAt, kim.reconnectUntil], ["disconnected", movedAt, movedAt + 20_000]);
    const dropped = table.events().find(({ kind }) => kind === "participant.dropped")!;
    assert.equal(Date.parse(dropped.at), movedAt);
    assert.equal(moved.committed.attendance.get("kim")?.onlineMs, 10_000);
    await table.clock.advance(14_000);
    assert.deepEqual(table.kindsOf("kim"), ["participant.joined", "participant.dropped", "participant.left"]);
  });

  it("[MP61] goes on with a window, and with the count to a pause for want of a GM", async () => {
    const { table, next, session } = await scene({ settings: { autoPauseWhenNoGm: 30, reconnectWindow: 60 } });
    const gm = await table.sit(session, "gm");
    await table.sit(session, "kim");
    session.presence.disconnected("gm", gm);
    await table.clock.advance(20_000);
    const moved = await handOver(session, "p1", next);
    await table.sit(moved, "kim");
    const { droppedAt, reconnectUntil } = moved.presence.of("gm")!;
    assert.deepEqual([table.clock.now() - droppedAt, reconnectUntil - table.clock.now()], [20_000, 40_000]);
    await table.clock.advance(9_900);
    assert.equal(moved.committed.status, "live");
    await table.clock.advance(200);
    assert.equal(moved.committed.status, "paused");
    await table.clock.advance(30_000);
    assert.deepEqual(table.kindsOf("gm").slice(-2), ["participant.dropped", "participant.left"]);
  });

  it("[MP60] does not begin to count to that pause while the GM is on the way", async () => {
    const { table, next, session } = await scene({ settings: { autoPauseWhenNoGm: 1 } });
    await table.sit(session, "gm");
    const moved = await handOver(session, "p1", next);
    await table.clock.advance(4_900);
    await table.sit(moved, "gm");
    await table.clock.advance(3_000);
    assert.equal(moved.committed.status, "live");
  });

  it("[MP63] decides nothing more: what is under way is stored and answered, what comes then may be tried again", async () => {
    const { table, next, session } = await scene();
    await table.sit(session, "kim");
    const held = table.stores.holdAppend();
    const underWay = session.desk.submit("kim", set("c1", "shared/a", 1));
    const handing = session.handOver();
    assert.equal(await codeOf(session.desk.submit("kim", set("c2", "shared/a", 2))), "journal_unavailable");
    assert.equal(
      session.reserve(await table.visitor("lee"), 0, () => false),
      "unavailable",
    );
    held.release();
    assert.equal(await seqOf(underWay), 1);
    const moved = await next.hosting.receive(session.sessionId, { ...(await handing)!, from: "p1" });
    assert.equal(await seqOf(moved.desk.submit("kim", set("c2", "shared/a", 2))), 2);
    const again = await moved.desk.submit("kim", set("c1", "shared/a", 1));
    assert.deepEqual(again, { seq: 1, duplicate: true });
    await session.close("host_moved");
    assert.equal((await table.stores.leases.find(session.sessionId))?.processId, "p2");
  });

  it("[MP63] what is in doubt is found in the log by the next host", async () => {
    const { table, next, session } = await scene();
    await table.sit(session, "kim");
    const held = table.stores.holdAppend();
    const doubtful = session.desk.submit("kim", set("c1", "shared/a", 1));
    const handing = session.handOver();
    await table.clock.advance(4_000);
    assert.equal(await codeOf(doubtful), "journal_unavailable");
    held.release();
    await settled();
    const moved = await next.hosting.receive(session.sessionId, { ...(await handing)!, from: "p1" });
    assert.deepEqual(await moved.desk.submit("kim", set("c1", "shared/a", 1)), { seq: 1, duplicate: true });
    await session.close("host_moved");
  });

  it("[MP62] who took their place meanwhile is online, and who went meanwhile is told as gone", async () => {
    const { table, next, session } = await scene();
    const kim = await table.sit(session, "kim");
    await table.clock.advance(2_000);
    const held = table.stores.holdAppend();
    const coming = table.come(session, "lee");
    await settled();
    const handing = session.handOver();
    session.presence.disconnected("kim", kim);
    const droppedAt = table.clock.now();
    held.release();
    await coming;
    const moved = await next.hosting.receive(session.sessionId, { ...(await handing)!, from: "p1" });
    assert.deepEqual(
      ["kim", "lee"].map((userId) => moved.presence.of(userId)?.presence),
      ["disconnected", "online"],
    );
    await table.clock.advance(1_500);
    const dropped = table.events().find(({ kind }) => kind === "participant.dropped")!;
    assert.deepEqual([dropped.actor.userId, Date.parse(dropped.at)], ["kim", droppedAt]);
    await session.close("host_moved");
  });

  it("[MP64] is opened by the process that its host asks, and by no other", async () => {
    const { table, next, session } = await scene();
    await table.sit(session, "kim");
    await assert.rejects(next.hosting.open(session.sessionId), HostedElsewhere);
    const third = table.startWith("p3", {}, ALL_LIVE);
    const handover = { ...(await session.handOver())!, from: "p1" };
    const moved = await next.hosting.receive(session.sessionId, handover);
    await assert.rejects(third.hosting.receive(session.sessionId, handover), HostedElsewhere);
    assert.equal(await next.hosting.open(session.sessionId), moved);
    await session.close("host_moved");
  });

  it("[MP64] waits for one who asked for it a moment before, and is given to who asks meanwhile", async () => {
    const { table, next, session } = await scene();
    await table.sit(session, "kim");
    const refused = next.hosting.open(session.sessionId).catch((error: unknown) => error);
    const handover = { ...(await session.handOver())!, from: "p1" };
    const receiving = next.hosting.receive(session.sessionId, handover);
    assert.ok((await refused) instanceof HostedElsewhere);
    await settled();
    assert.equal(await receiving, await next.hosting.open(session.sessionId));
    await session.close("host_moved");
  });

  it("[MP65] is saved and let go where nobody takes it; a process that drains takes none", async () => {
    const { table, next, session, watcher } = await scene();
    await table.sit(session, "kim");
    await next.hosting.drains();
    const handover = { ...(await session.handOver())!, from: "p1" };
    await assert.rejects(next.hosting.receive(session.sessionId, handover), /stopping/);
    await session.close("server_restarting");
    assert.deepEqual(watcher.closings, ["server_restarting"]);
    assert.equal(await table.stores.leases.find(session.sessionId), undefined);
    const positions = await table.stores.snapshots.positions(session.sessionId);
    assert.equal(positions[0], session.committed.pos);
    const third = table.startWith("p3", {}, ALL_LIVE);
    const opened = await third.hosting.open(session.sessionId);
    assert.equal(opened.presence.of("kim")?.presence, "disconnected");
    assert.deepEqual(table.events().at(-1)?.kind, "session.restored");
  });

  it("[MP62] streams end with it, and are audited", async () => {
    const { table, next, session } = await scene();
    await table.sit(session, "gm");
    const over = session.streamOpened({ userId: "gm", via: "member" });
    await table.clock.advance(1_500);
    const moved = await handOver(session, "p1", next);
    over();
    moved.streamOpened({ userId: "gm", via: "member" });
    await table.clock.advance(1_500);
    const kinds = table.kindsOf("gm").filter((kind) => kind.startsWith("stream."));
    assert.deepEqual(kinds, ["stream.opened", "stream.closed", "stream.opened"]);
  });
});
