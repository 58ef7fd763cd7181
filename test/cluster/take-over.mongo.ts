import assert from "node:assert/strict";
import { verifyChain } from "../../src/core/audit.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person } from "../support/people.ts";
import type { Seat } from "../support/seat.ts";
import type { ServerProcess } from "../support/server.ts";

/** Evenings at one server, each with a GM and a player who are in. */
async function evenings(server: ServerProcess, count: number) {
  return await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const evening = await Evening.prepare(server, { gm: `gm-${i}`, members: { [`kim-${i}`]: "player" } });
      const seats = [
        await evening.gm.join(evening.sessionId),
        await evening.person(`kim-${i}`).join(evening.sessionId),
      ];
      return { evening, kim: seats[1]! };
    }),
  );
}

describe("a process of several that dies", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  // Before the database's own, which goes then.
  after(() => fleet?.dispose());
  const mongo = ownMongo();
  before(async () => {
    fleet = await Fleet.start(mongo(), { count: 3 });
  });
  // Each test ends with three that run.
  afterEach(async () => {
    await Promise.all(fleet.servers.map((server) => server.isRunning || server.start()));
  });

  /** The servers by the processes that the store names. */
  const serversById = async () => {
    const ids = await Promise.all(fleet.servers.map((server) => fleet.processIdOf(server)));
    return new Map(ids.map((id, i) => [id, fleet.servers[i]!]));
  };
  /** Waits until every session has another host. @returns after how many ms */
  const moved = async (sessions: readonly string[], from: string, withinMs: number) => {
    const since = Date.now();
    await eventually(
      "every session has another host",
      async () => {
        const leases = await fleet.leases();
        return sessions.every((sessionId) => leases.has(sessionId) && leases.get(sessionId) !== from);
      },
      withinMs,
    );
    return Date.now() - since;
  };
  const at = (server: ServerProcess, { userId, token }: Person) => new Person(server, userId, token);

  it("[MP8] is missed by nobody for long: its sessions are open elsewhere, with all that was acknowledged", async () => {
    const [one] = fleet.servers;
    const tables = await evenings(one!, 6);
    const servers = await serversById();
    const dead = await fleet.processIdOf(one!);
    const acknowledged = new Map<string, number>();
    let isPlaying = true;
    const playing = tables.map(async ({ evening, kim }) => {
      for (let n = 1; isPlaying; n++) {
        const outcome = await kim.attempt(
          { id: `c${n}`, action: "increment", payload: { path: "shared/n", by: 1 } },
          500,
        );
        if (outcome.kind === "accepted") acknowledged.set(evening.sessionId, outcome.answer.seq);
        await pause(10);
      }
    });
    await pause(500);
    await one!.kill();
    const ms = await moved(
      tables.map(({ evening }) => evening.sessionId),
      dead,
      5_000,
    );
    isPlaying = false;
    await Promise.all(playing);
    console.log(`      ${tables.length} sessions open elsewhere ${ms} ms after the kill`);
    const leases = await fleet.leases();
    for (const { evening } of tables) {
      const host = servers.get(leases.get(evening.sessionId)!)!;
      const gm = at(host, evening.gm);
      const seat = await gm.join(evening.sessionId);
      const seq = acknowledged.get(evening.sessionId) ?? 0;
      assert.ok(seq > 0 && seat.state.seq >= seq, `${seat.state.seq} of ${seq}`);
      assert.equal(seat.value("shared/n"), seat.state.seq);
      const { items } = await gm.get<{ items: { kind: string; data: { epoch?: number } }[] }>(
        "GET",
        `${evening.path}/events?limit=200`,
      );
      assert.equal(items.filter(({ kind }) => kind === "host.changed").length, 1);
      assert.ok(items.some(({ kind }) => kind === "session.restored"));
      assert.ok(verifyChain(items as never).valid);
      await seat.leave();
    }
  });

  it("[MP8] [MP10] and only slept, learns on waking that its sessions are elsewhere, and moves its clients", async () => {
    const [one] = fleet.servers;
    const tables = await evenings(one!, 3);
    const servers = await serversById();
    const stopped = await fleet.processIdOf(one!);
    const closings: Promise<Awaited<Seat["closed"]>>[] = tables.map(({ kim }) => kim.closed);
    process.kill(one!.pid, "SIGSTOP");
    let ms: number;
    const frozen: Promise<unknown>[] = [];
    try {
      for (const { kim } of tables)
        frozen.push(kim.attempt({ id: "frozen", action: "set", payload: { path: "shared/frozen", value: 1 } }, 15_000));
      ms = await moved(
        tables.map(({ evening }) => evening.sessionId),
        stopped,
        6_000,
      );
      for (const { evening } of tables) {
        const host = servers.get((await fleet.leases()).get(evening.sessionId)!)!;
        const seat = await at(host, evening.gm).join(evening.sessionId);
        await seat.command("set", { path: "shared/after", value: 1 });
        await seat.leave();
      }
    } finally {
      process.kill(one!.pid, "SIGCONT");
    }
    const wokenAt = Date.now();
    for (const closing of await Promise.all(closings)) assert.deepEqual(closing, { code: 4010, reason: "host_moved" });
    console.log(
      `      open elsewhere ${ms} ms after the stop; clients moved ${Date.now() - wokenAt} ms after the waking`,
    );
    await Promise.all(frozen);
    for (const { evening } of tables) {
      const host = servers.get((await fleet.leases()).get(evening.sessionId)!)!;
      const state = await at(host, evening.gm).get<{ seq: number; entries: object }>("GET", `${evening.path}/state`);
      assert.deepEqual([state.seq, Object.keys(state.entries)], [1, ["shared/after"]]);
    }
    assert.match(one!.log, /opened by another process meanwhile/);
    assert.ok((await fleet.leases()).size >= 3);
    assert.equal(await fleet.processIdOf(one!), stopped, "it is there again");
  });

  it("[MP5] [MP4] a stop leaves nothing behind, and a server that is started again is known by its new life", async () => {
    const [one, two, three] = fleet.servers;
    const before = await fleet.processIdOf(one!);
    const [table] = await evenings(one!, 1);
    assert.equal(await one!.stop(), 0);
    assert.deepEqual(
      [...(await fleet.leases()).values()].filter((processId) => processId === before),
      [],
    );
    await eventually("it is known to be gone", () => two!.log.includes("another process is gone"));
    await one!.start();
    const after = await fleet.processIdOf(one!);
    assert.notEqual(after, before);
    for (const other of [two, three]) await other!.stop();
    const seat = await at(one!, table!.evening.gm).join(table!.evening.sessionId);
    await one!.kill();
    await one!.start();
    // Its own former life is dead at once: nobody is sent to it.
    const again = await at(one!, table!.evening.gm).join(table!.evening.sessionId);
    assert.equal(again.state.status, "live");
    assert.notEqual(seat.closing, null);
  });
});
