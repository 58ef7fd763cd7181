import assert from "node:assert/strict";
import { KnownHosts } from "../../src/cluster/hosts.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import type { Lease, ProcessBeat } from "../../src/ports/leases.ts";
import { beatOf } from "../support/beats.ts";
import { HandClock } from "../support/hand-clock.ts";

describe("which process to ask about a session", () => {
  const scene = () => {
    const clock = new HandClock();
    const leases = new Map<string, Lease>();
    const living = new Map<string, ProcessBeat>();
    const here = new Set<string>();
    const asked: string[] = [];
    const refused: string[] = [];
    const state = { isDown: false };
    /** not seen yet */
    const born = new Set<string>();
    const hosts = new KnownHosts({
      leases: {
        find: async (sessionId) => {
          asked.push(sessionId);
          if (state.isDown) throw new StoreUnavailable("down");
          return leases.get(sessionId);
        },
      },
      processes: {
        find: (processId) => living.get(processId),
        isThere: async (processId) => {
          if (born.has(processId))
            living.set(processId, beatOf(processId, 1, { internalUrl: `http://${processId}:1` }));
          return living.has(processId);
        },
        refused: (processId) => refused.push(processId),
      },
      clock,
      isHere: (sessionId) => here.has(sessionId),
    });
    const lease = (sessionId: string, processId: string) => leases.set(sessionId, { sessionId, processId, epoch: 1 });
    const lives = (processId: string, more: Partial<ProcessBeat> = {}) =>
      living.set(processId, beatOf(processId, 1, { internalUrl: `http://${processId}:1`, ...more }));
    return { clock, leases, living, born, here, asked, refused, state, hosts, lease, lives };
  };

  it("[MP6] is the living process that holds the lease", async () => {
    const { hosts, lease, lives, living } = scene();
    lives("one", { publicAddress: "one.example/table" });
    lives("alone", { internalUrl: null });
    lease("s1", "one");
    lease("s2", "gone");
    lease("s3", "alone");
    const one = { processId: "one", internalUrl: "http://one:1", publicAddress: "one.example/table" };
    assert.deepEqual(await hosts.hostOf("s1"), one);
    assert.deepEqual(hosts.process("one"), one);
    for (const sessionId of ["s2", "s3", "s4"]) assert.equal(await hosts.hostOf(sessionId), undefined, sessionId);
    assert.equal(hosts.process("gone"), undefined);
    living.delete("one");
    assert.equal(await hosts.hostOf("s1"), undefined, "it died meanwhile");
  });

  it("[MP48] is one that began a moment ago, too", async () => {
    const { hosts, lease, born } = scene();
    lease("s1", "new");
    born.add("new");
    assert.equal((await hosts.hostOf("s1"))?.internalUrl, "http://new:1");
    born.add("newer");
    assert.equal(hosts.process("newer"), undefined);
    assert.equal((await hosts.lookFor("newer"))?.internalUrl, "http://newer:1");
    assert.equal(await hosts.lookFor("nobody"), undefined);
  });

  it("[MP68] is asked for anew each time where that process drains, for its sessions move", async () => {
    const { hosts, lease, lives, asked } = scene();
    lives("one");
    lives("two");
    lease("s1", "one");
    assert.equal((await hosts.hostOf("s1"))?.processId, "one");
    lives("one", { isDraining: true });
    lease("s1", "two");
    assert.equal((await hosts.hostOf("s1"))?.processId, "two");
    await hosts.hostOf("s1");
    assert.deepEqual(asked, ["s1", "s1"]);
  });

  it("[MP6] costs no look-up for a session that runs here", async () => {
    const { hosts, lease, lives, here, asked } = scene();
    lives("one");
    lease("s1", "one");
    here.add("s1");
    assert.equal(await hosts.hostOf("s1"), undefined);
    assert.deepEqual(asked, []);
  });

  it("[MP6] is asked for once by all who ask at the same time, and at most once a second", async () => {
    const { hosts, lease, lives, asked, clock } = scene();
    lives("one");
    lives("two");
    lease("s1", "one");
    const found = await Promise.all(Array.from({ length: 50 }, () => hosts.hostOf("s1")));
    assert.ok(found.every((host) => host?.processId === "one"));
    lease("s1", "two");
    await clock.advance(999);
    assert.equal((await hosts.hostOf("s1"))?.processId, "one");
    assert.equal(asked.length, 1);
    await clock.advance(1);
    assert.equal((await hosts.hostOf("s1"))?.processId, "two");
    assert.equal(asked.length, 2);
  });

  it("[MP6] is asked for anew where nobody hosts it, where its host died and where the store failed", async () => {
    const { hosts, lease, lives, living, asked, state } = scene();
    assert.equal(await hosts.hostOf("s1"), undefined);
    lives("one");
    lives("two");
    lease("s1", "gone");
    assert.equal(await hosts.hostOf("s1"), undefined);
    state.isDown = true;
    await assert.rejects(hosts.hostOf("s1"), StoreUnavailable);
    state.isDown = false;
    lease("s1", "one");
    assert.equal((await hosts.hostOf("s1"))?.processId, "one");
    assert.equal(asked.length, 4);
    living.delete("one");
    lease("s1", "two");
    assert.equal((await hosts.hostOf("s1"))?.processId, "two", "within the second");
    assert.equal(asked.length, 5);
  });

  it("[MP6] passes on that nobody listens, and keeps no more answers than a second has", async () => {
    const { hosts, lease, lives, refused, asked, clock } = scene();
    hosts.refused("one");
    assert.deepEqual(refused, ["one"]);
    lives("one");
    for (let i = 0; i < 10_100; i++) {
      lease(`s${i}`, "one");
      await hosts.hostOf(`s${i}`);
    }
    await hosts.hostOf("s10099");
    assert.equal(asked.length, 10_100);
    await hosts.hostOf("s0");
    assert.equal(asked.length, 10_101, "the oldest was forgotten");
    await clock.advance(1_000);
    await hosts.hostOf("s10099");
    assert.equal(asked.length, 10_102);
  });
});
