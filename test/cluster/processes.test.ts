import assert from "node:assert/strict";
import { Processes } from "../../src/cluster/processes.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import type { ProcessBeat } from "../../src/ports/leases.ts";
import { emptyBacking } from "../../src/stores/memory/backing.ts";
import { MemoryLeases } from "../../src/stores/memory/leases.ts";
import { beatOf } from "../support/beats.ts";
import { HandClock } from "../support/hand-clock.ts";

/** One process that looks at others, which beat as the test says. */
class Scene {
  readonly clock = new HandClock();
  readonly leases = new MemoryLeases(emptyBacking());
  readonly told: string[] = [];
  readonly failures: unknown[] = [];
  looks = 0;
  isDown = false;
  /** how long the store takes for an answer */
  slowMs = 0;
  readonly processes = new Processes({
    leases: {
      processes: async () => {
        this.looks++;
        if (this.isDown) throw new StoreUnavailable("down");
        if (this.slowMs > 0) await new Promise<void>((resolve) => this.clock.after(this.slowMs, resolve));
        return await this.leases.processes();
      },
      takeForDead: (processId) => this.leases.takeForDead(processId),
      retire: (processId) => this.leases.retire(processId),
    },
    clock: this.clock,
    processId: "me",
    internalUrl: "http://me",
    onFailed: (error) => this.failures.push(error),
  });
  readonly #beating = new Map<string, () => void>();

  constructor() {
    this.processes.listen({
      lives: ({ processId }) => this.told.push(`${processId} lives`),
      died: ({ processId }) => this.told.push(`${processId} died`),
    });
  }

  /** Beats once a second, by a clock of its own that is `aheadMs` ahead. */
  beats(processId: string, more: Partial<ProcessBeat> = {}, aheadMs = 0): void {
    const beat = (): void => {
      const sent = beatOf(processId, this.clock.now() + aheadMs, { internalUrl: `http://${processId}`, ...more });
      void this.leases.beat(sent);
      this.#beating.set(processId, this.clock.after(1_000, beat));
    };
    beat();
  }

  /** Beats no more, without a word. */
  falls(processId: string): void {
    this.#beating.get(processId)?.();
  }

  /** Lets time pass until something is told. @returns after how many ms */
  async untilTold(what: string, withinMs: number): Promise<number> {
    const from = this.clock.steady();
    while (!this.told.includes(what)) {
      assert.ok(this.clock.steady() - from < withinMs, `not told that ${what}: ${this.told}`);
      await this.clock.advance(10);
    }
    return this.clock.steady() - from;
  }
}

describe("the processes that share a store", () => {
  it("[MP3] are known with their addresses while they beat, whatever their clocks say", async () => {
    const scene = new Scene();
    scene.beats("ahead", { publicAddress: "one.example" }, 3_600_000);
    scene.beats("behind", {}, -86_400_000);
    await scene.processes.start();
    await scene.clock.advance(60_000);
    assert.deepEqual(scene.told, ["ahead lives", "behind lives"]);
    assert.equal(scene.processes.find("ahead")?.publicAddress, "one.example");
    assert.equal(scene.processes.find("behind")?.internalUrl, "http://behind");
    assert.deepEqual(scene.processes.living.map(({ processId }) => processId).sort(), ["ahead", "behind"]);
    assert.ok(scene.processes.isAlive("me") && scene.processes.isAlive("ahead"));
    assert.ok(!scene.processes.isAlive("nobody"));
    assert.equal(scene.processes.find("me"), undefined);
  });

  it("[MP3] are dead after 2.5 s without a beat, and known to be so within 2.75 s; a new beat takes it back", async () => {
    for (let fellAt = 0; fellAt < 1_000; fellAt += 50) {
      const scene = new Scene();
      scene.beats("one");
      await scene.clock.advance(130);
      await scene.processes.start();
      await scene.clock.advance(5_000 + fellAt);
      scene.falls("one");
      const lastBeat = scene.clock.now() - ((await scene.leases.lastBeat("one")) ?? 0);
      const afterMs = (await scene.untilTold("one died", 4_000)) + lastBeat;
      assert.ok(afterMs >= 2_500 && afterMs <= 2_770, `${afterMs} ms after its last beat`);
      assert.ok(!scene.processes.isAlive("one"));
      assert.deepEqual(
        scene.processes.dead.map(({ processId }) => processId),
        ["one"],
      );
      scene.beats("one");
      await scene.clock.advance(600);
      assert.deepEqual(scene.told, ["one lives", "one died", "one lives"]);
    }
  });

  it("[MP3] are dead at once where a connection is refused, until their beat goes on", async () => {
    const scene = new Scene();
    scene.beats("one");
    await scene.processes.start();
    await scene.clock.advance(400);
    scene.processes.refused("one");
    scene.processes.refused("one");
    scene.processes.refused("nobody");
    assert.deepEqual(scene.told, ["one lives", "one died"]);
    assert.ok(!scene.processes.isAlive("one"));
    await scene.clock.advance(500);
    assert.ok(!scene.processes.isAlive("one"), "the same beat says nothing new");
    await scene.clock.advance(700);
    assert.deepEqual(scene.told, ["one lives", "one died", "one lives"]);
  });

  it("[MP3] are not dead because this process could not look", async () => {
    const scene = new Scene();
    scene.beats("one");
    await scene.processes.start();
    await scene.clock.advance(3_000);
    scene.isDown = true;
    const before = scene.looks;
    await scene.clock.advance(20_000);
    assert.equal(scene.failures.length, scene.looks - before);
    assert.ok(scene.looks - before <= 81, "it goes on at its pace");
    scene.isDown = false;
    // The one beat on which all depends comes late.
    scene.falls("one");
    await scene.clock.advance(2_400);
    assert.deepEqual(scene.told, ["one lives"]);
    await scene.clock.advance(600);
    assert.deepEqual(scene.told, ["one lives", "one died"]);
  });

  it("[MP3] are not dead because the store answers slowly", async () => {
    const scene = new Scene();
    scene.beats("one");
    await scene.processes.start();
    scene.slowMs = 2_400;
    await scene.clock.advance(60_000);
    assert.deepEqual(scene.told, ["one lives"]);
  });

  it("[MP4] a former life at an address is dead as soon as a later one is known, and at this one's own at once", async () => {
    const scene = new Scene();
    await scene.leases.beat(beatOf("me-before", 9e12, { internalUrl: "http://me", startedAt: 9e12 }));
    await scene.leases.beat(beatOf("one-before", 5, { internalUrl: "http://one", startedAt: 1 }));
    await scene.processes.start();
    assert.deepEqual(scene.told, ["one-before lives", "me-before died"]);
    scene.beats("one", { startedAt: 7 });
    await scene.clock.advance(500);
    assert.deepEqual(scene.told.slice(2), ["one lives", "one-before died"]);
    assert.ok(scene.processes.isAlive("one"));
  });

  it("[MP4] a clock that was set back between two lives keeps the later one from nothing for long", async () => {
    const scene = new Scene();
    await scene.leases.beat(beatOf("before", 5, { internalUrl: "http://one", startedAt: 1_000 }));
    scene.beats("one", { startedAt: 7 });
    await scene.processes.start();
    await scene.clock.advance(4_000);
    assert.ok(scene.processes.isAlive("one"));
    assert.ok(!scene.processes.isAlive("before"));
  });

  it("[MP5] one that stops by itself is gone at the next look", async () => {
    const scene = new Scene();
    scene.beats("one");
    await scene.processes.start();
    scene.falls("one");
    await scene.leases.retire("one");
    await scene.clock.advance(500);
    assert.deepEqual(scene.told, ["one lives", "one died"]);
    assert.deepEqual(scene.processes.dead, []);
  });

  it("[MP5] who is taken for dead is told once per death, again where that failed, and looks at nobody once retired", async () => {
    const scene = new Scene();
    scene.beats("one");
    await scene.processes.start();
    scene.falls("one");
    scene.processes.refused("one");
    await Promise.all([scene.processes.takeForDead("one"), scene.processes.takeForDead("one")]);
    assert.equal(await scene.leases.beat(beatOf("one", 1)), true);
    assert.equal(await scene.leases.beat(beatOf("one", 2)), false);
    await scene.clock.advance(500);
    scene.processes.refused("one");
    await scene.processes.takeForDead("one");
    await scene.processes.retire("one");
    assert.deepEqual(scene.processes.dead, []);
    assert.equal(await scene.leases.beat(beatOf("one", 3)), true, "a second death");
    await scene.clock.advance(500);
    assert.ok(scene.processes.isAlive("one"));
  });

  it("[MP3] nothing is looked at after the stop", async () => {
    const scene = new Scene();
    await scene.processes.start();
    await scene.clock.advance(700);
    await scene.processes.stop();
    const { looks } = scene;
    await scene.clock.advance(10_000);
    assert.equal(scene.looks, looks);
    assert.equal(scene.clock.pending, 0);
  });

  it("[MP48] one that began a moment ago is looked for before it is taken for dead, once for all who ask", async () => {
    const scene = new Scene();
    await scene.processes.start();
    await scene.clock.advance(100);
    scene.beats("new");
    assert.ok(!scene.processes.isAlive("new"), "not seen yet");
    const asked = await Promise.all(Array.from({ length: 20 }, () => scene.processes.isThere("new")));
    assert.ok(asked.every((isThere) => isThere));
    assert.equal(scene.looks, 2);
    assert.deepEqual(scene.told, ["new lives"]);
    assert.equal(await scene.processes.isThere("me"), true);
    assert.equal(await scene.processes.isThere("nobody"), false);
    assert.equal(await scene.processes.isThere("nobody"), false);
    assert.equal(scene.looks, 3, "who is not there is not looked for again at once");
    await scene.clock.advance(500);
    const before = scene.looks;
    assert.equal(await scene.processes.isThere("nobody"), false);
    assert.equal(scene.looks, before + 1);
    scene.isDown = true;
    await assert.rejects(scene.processes.isThere("another"), StoreUnavailable);
    await scene.processes.stop();
  });

  it("[MP48] looks that overlap take nothing back: an older answer comes before a newer one", async () => {
    const scene = new Scene();
    await scene.processes.start();
    scene.slowMs = 300;
    await scene.clock.advance(550);
    // A look is under way, which does not know of it.
    scene.beats("new");
    const isThere = scene.processes.isThere("new");
    await scene.clock.advance(700);
    assert.equal(await isThere, true);
    await scene.clock.advance(1_000);
    assert.deepEqual(scene.told, ["new lives"]);
    await scene.processes.stop();
  });
});
