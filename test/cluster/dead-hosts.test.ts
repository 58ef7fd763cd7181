import assert from "node:assert/strict";
import { DeadHosts, type Opening } from "../../src/cluster/dead-hosts.ts";
import { Processes } from "../../src/cluster/processes.ts";
import { Heartbeat } from "../../src/live/heartbeat.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import type { Leases } from "../../src/ports/leases.ts";
import { emptyBacking } from "../../src/stores/memory/backing.ts";
import { MemoryLeases } from "../../src/stores/memory/leases.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { faulty } from "../support/faulty-stores.ts";
import { HandClock } from "../support/hand-clock.ts";

/** Several processes on one clock and one store, that open sessions by taking their leases. */
class Fleet {
  readonly clock = new HandClock();
  readonly backing = emptyBacking();
  readonly leases = new MemoryLeases(this.backing);

  async start(processId: string, open?: (sessionId: string) => Promise<Opening>): Promise<Member> {
    const member = new Member(this, processId, open);
    await member.start();
    return member;
  }

  /** Sessions with leases of a process. @returns their ids */
  async host(processId: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, i) => `${processId}-session-${i}`);
    for (const sessionId of ids) await this.leases.claim({ sessionId, processId, epoch: 1 });
    return ids;
  }
}

class Member {
  readonly opened: string[] = [];
  readonly told: string[] = [];
  readonly failures: unknown[] = [];
  readonly stores;
  readonly processes: Processes;
  readonly deadHosts: DeadHosts;
  isDraining = false;
  readonly #heartbeat: Heartbeat;
  readonly #leases: Leases;
  readonly #processId: string;

  constructor({ clock, backing }: Fleet, processId: string, open?: (sessionId: string) => Promise<Opening>) {
    this.#processId = processId;
    this.stores = faulty(openMemoryStores(backing));
    this.#leases = this.stores.leases;
    const internalUrl = `http://${processId}`;
    const leases = this.#leases;
    this.#heartbeat = new Heartbeat({
      ...{ leases, clock },
      process: { processId, internalUrl, publicAddress: null, version: "1" },
      load: () => ({ sessions: this.opened.length, connections: 0 }),
      onBeat: (wasTakenForDead) => {
        if (wasTakenForDead) this.told.push("taken for dead");
      },
    });
    const onFailed = (error: unknown): void => void this.failures.push(error);
    this.processes = new Processes({ leases, clock, processId, internalUrl, onFailed });
    this.deadHosts = new DeadHosts({
      ...{ leases, clock, processId, onFailed, processes: this.processes },
      isDraining: () => this.isDraining,
      open: open ?? ((sessionId) => this.open(sessionId)),
      onTakenOver: (from, sessions) => this.told.push(`${sessions} of ${from}`),
    });
  }

  async start(): Promise<void> {
    await this.#heartbeat.start();
    await this.processes.start();
    this.deadHosts.start();
  }

  async open(sessionId: string): Promise<Opening> {
    const standing = await this.#leases.find(sessionId);
    const mine = { sessionId, processId: this.#processId, epoch: (standing?.epoch ?? 0) + 1 };
    if ((await this.#leases.claim(mine)).processId !== this.#processId) return "elsewhere";
    this.opened.push(sessionId);
    return "opened";
  }

  drains(): Promise<void> {
    this.isDraining = true;
    return this.#heartbeat.drains();
  }

  /** Does nothing any more, without a word. */
  async falls(): Promise<void> {
    await Promise.all([this.#heartbeat.stop(), this.processes.stop(), this.deadHosts.stop()]);
  }
}

describe("sessions of a process that died", () => {
  it("[MP8] are opened by the living, each its share, once each; then nobody looks at the dead one any more", async () => {
    const fleet = new Fleet();
    const members = [];
    for (const processId of ["a", "b", "c", "d"]) members.push(await fleet.start(processId));
    const ids = await fleet.host("d", 250);
    await fleet.clock.advance(1_000);
    await members[3]!.falls();
    await fleet.clock.advance(4_000);
    const living = members.slice(0, 3);
    const opened = living.flatMap((member) => member.opened);
    assert.deepEqual(opened.toSorted(), ids.toSorted());
    for (const member of living) {
      assert.ok(member.opened.length > 50, `${member.opened.length} of 250`);
      assert.deepEqual(member.told, [`${member.opened.length} of d`]);
      assert.deepEqual([member.failures, member.processes.dead], [[], []]);
    }
    assert.deepEqual((await fleet.leases.processes()).map(({ processId }) => processId).sort(), ["a", "b", "c"]);
    const { pending } = fleet.clock;
    await fleet.clock.advance(60_000);
    assert.equal(fleet.clock.pending, pending, "nothing is left to do");
  });

  it("[MP8] are open at once where its connections are refused, and it is told before any of them is opened", async () => {
    const fleet = new Fleet();
    const order: string[] = [];
    const a = await fleet.start("a", async (sessionId) => {
      const beat = await fleet.backing.beats.get("b");
      order.push(`open, told: ${beat?.isTakenForDead}`);
      return await a.open(sessionId);
    });
    const b = await fleet.start("b");
    await fleet.host("b", 2);
    await fleet.clock.advance(700);
    await b.falls();
    a.processes.refused("b");
    await fleet.clock.advance(0);
    assert.deepEqual(order, ["open, told: true", "open, told: true"]);
  });

  it("[MP8] are not moved once it is there after all, and it learns what was thought of it", async () => {
    const fleet = new Fleet();
    const held = Promise.withResolvers<void>();
    const a = await fleet.start("a", async (sessionId) => {
      await held.promise;
      return await a.open(sessionId);
    });
    const b = await fleet.start("b");
    await fleet.host("b", 300);
    await fleet.clock.advance(700);
    a.processes.refused("b");
    await fleet.clock.advance(900);
    assert.deepEqual(b.told, ["taken for dead"]);
    assert.ok(a.processes.isAlive("b"));
    held.resolve();
    await fleet.clock.advance(10_000);
    assert.ok(a.opened.length <= 8, `${a.opened.length} that were on their way`);
    assert.equal((await fleet.leases.heldBy("b", "", 500)).length, 300 - a.opened.length);
    assert.ok(fleet.backing.beats.get("b")?.isRetired === false);
  });

  it("[MP9] of whom another living process does not open its share are opened here after 3 s", async () => {
    const fleet = new Fleet();
    const a = await fleet.start("a");
    const lazy = await fleet.start("lazy", async () => Promise.reject(new StoreUnavailable("down")));
    const d = await fleet.start("d");
    await fleet.host("d", 60);
    await fleet.clock.advance(1_000);
    await d.falls();
    await fleet.clock.advance(3_500);
    assert.ok(a.opened.length > 10 && a.opened.length < 50);
    await fleet.clock.advance(3_500);
    assert.equal(a.opened.length, 60);
    assert.ok(lazy.failures.length > 0);
  });

  it("[MP9] are divided anew when another of the living dies meanwhile", async () => {
    const fleet = new Fleet();
    const a = await fleet.start("a");
    const members = [await fleet.start("b"), await fleet.start("c"), await fleet.start("d")];
    for (const processId of ["b", "c", "d"]) await fleet.host(processId, 40);
    await fleet.clock.advance(1_000);
    for (const member of members) {
      await member.falls();
      await fleet.clock.advance(300);
    }
    await fleet.clock.advance(5_000);
    assert.equal(a.opened.length, 120);
    assert.deepEqual(
      (await fleet.leases.processes()).map(({ processId }) => processId),
      ["a"],
    );
  });

  it("[MP9] wait for a store that is away, and for nothing else", async () => {
    const fleet = new Fleet();
    const a = await fleet.start("a");
    const b = await fleet.start("b");
    await fleet.host("b", 5);
    await fleet.clock.advance(1_000);
    await b.falls();
    a.processes.refused("b");
    a.stores.goDown();
    await fleet.clock.advance(5_000);
    assert.deepEqual(a.opened, []);
    assert.ok(a.failures.length > 0);
    a.stores.recover();
    await fleet.clock.advance(1_500);
    assert.equal(a.opened.length, 5);
  });

  it("[MP9] that nobody can open are left alone, and hold up no other", async () => {
    const fleet = new Fleet();
    const asked: string[] = [];
    const a = await fleet.start("a", async (sessionId) => {
      asked.push(sessionId);
      return sessionId.endsWith("-1") ? "impossible" : await a.open(sessionId);
    });
    const b = await fleet.start("b");
    await fleet.host("b", 3);
    await b.falls();
    await fleet.clock.advance(10_000);
    assert.deepEqual(asked.toSorted(), ["b-session-0", "b-session-1", "b-session-2"]);
    assert.equal(await fleet.leases.find("b-session-1"), undefined);
    assert.deepEqual(a.processes.dead, []);
  });

  it("[MP8] are not taken by a process that drains or stops", async () => {
    const fleet = new Fleet();
    const a = await fleet.start("a");
    const drained = await fleet.start("drained");
    const stopped = await fleet.start("stopped");
    const d = await fleet.start("d");
    await fleet.host("d", 90);
    await drained.drains();
    await stopped.deadHosts.stop();
    await fleet.clock.advance(1_000);
    await d.falls();
    await fleet.clock.advance(10_000);
    assert.deepEqual([drained.opened, stopped.opened], [[], []]);
    assert.equal(a.opened.length, 90);
  });

  it("[MP8] of a whole fleet that died are opened by the first process that starts", async () => {
    const fleet = new Fleet();
    for (const processId of ["b", "c"]) {
      const member = await fleet.start(processId);
      await fleet.host(processId, 3);
      await member.falls();
    }
    await fleet.clock.advance(3_600_000);
    const a = await fleet.start("a");
    await fleet.clock.advance(4_000);
    assert.equal(a.opened.length, 6);
    assert.deepEqual(
      (await fleet.leases.processes()).map(({ processId }) => processId),
      ["a"],
    );
  });
});
