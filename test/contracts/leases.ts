import assert from "node:assert/strict";
import { beatOf } from "../support/beats.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

/** Rules K7, K8 and K12, on any stores. */
export function leasesContract(name: string, open: OpenStores): void {
  describe(`leases: ${name}`, () => {
    const underTest = eachTestWith(open);
    const leases = () => underTest().stores.leases;

    it("[K7] gives a session to the highest epoch that claims it, under any race", async () => {
      assert.equal(await leases().find("s1"), undefined);
      await leases().claim({ sessionId: "s1", processId: "p1", epoch: 2 });
      await leases().claim({ sessionId: "s1", processId: "p2", epoch: 2 });
      await leases().claim({ sessionId: "s1", processId: "p3", epoch: 1 });
      assert.deepEqual(await leases().find("s1"), { sessionId: "s1", processId: "p1", epoch: 2 });
      const epochs = [7, 3, 9, 4, 8, 5, 6];
      await Promise.all(epochs.map((epoch) => leases().claim({ sessionId: "s1", processId: `p${epoch}`, epoch })));
      assert.deepEqual(await leases().find("s1"), { sessionId: "s1", processId: "p9", epoch: 9 });
      assert.equal(await leases().find("s2"), undefined);
    });

    it("[K7] releases a lease of that very epoch alone", async () => {
      await leases().claim({ sessionId: "s1", processId: "p1", epoch: 2 });
      await leases().release("s1", 1);
      await leases().release("s1", 3);
      await leases().release("s2", 2);
      assert.equal((await leases().find("s1"))?.epoch, 2);
      await leases().release("s1", 2);
      assert.equal(await leases().find("s1"), undefined);
      await leases().claim({ sessionId: "s1", processId: "p2", epoch: 1 });
      assert.equal((await leases().find("s1"))?.processId, "p2");
    });

    it("[K7] says who holds a lease that could not be claimed, and lists those of a process in pages, and of some sessions", async () => {
      const mine = { sessionId: "s2", processId: "p1", epoch: 2 };
      assert.deepEqual(await leases().claim(mine), mine);
      assert.deepEqual(await leases().claim(mine), mine, "the same again");
      assert.deepEqual(await leases().claim({ ...mine, processId: "p2" }), mine);
      assert.deepEqual(await leases().claim({ ...mine, processId: "p2", epoch: 1 }), mine);
      for (const n of [5, 1, 4, 3]) await leases().claim({ sessionId: `s${n}`, processId: "p1", epoch: n });
      await leases().claim({ sessionId: "s3", processId: "p2", epoch: 9 });
      const page = async (after: string, limit: number) =>
        (await leases().heldBy("p1", after, limit)).map(({ sessionId, epoch }) => `${sessionId}:${epoch}`);
      assert.deepEqual(await page("", 3), ["s1:1", "s2:2", "s4:4"]);
      assert.deepEqual(await page("s4", 3), ["s5:5"]);
      assert.deepEqual(await page("s5", 3), []);
      const some = await leases().findAll(["s9", "s4", "s3"]);
      assert.deepEqual(
        some.toSorted((a, b) => a.epoch - b.epoch),
        [
          { sessionId: "s4", processId: "p1", epoch: 4 },
          { sessionId: "s3", processId: "p2", epoch: 9 },
        ],
      );
      assert.deepEqual(await leases().findAll([]), []);
      assert.deepEqual(await leases().heldBy("p3", "", 3), []);
      assert.deepEqual(await leases().heldBy("p2", "", 3), [{ sessionId: "s3", processId: "p2", epoch: 9 }]);
    });

    it("[MP2] lists the processes that beat with all they said last, but those that were retired", async () => {
      assert.deepEqual(await leases().processes(), []);
      const one = beatOf("p1", 5, { startedAt: 4, internalUrl: "http://10.0.0.1:2567", publicAddress: "a.example/x" });
      await leases().beat(one);
      await leases().beat(beatOf("p2", 6));
      const listed = async () => {
        const beats = await leases().processes();
        return beats.toSorted((a, b) => (a.processId < b.processId ? -1 : 1));
      };
      assert.deepEqual(await listed(), [one, beatOf("p2", 6)]);
      const later = { ...one, beatAt: 7, isDraining: true };
      await leases().beat(later);
      await leases().retire("p2");
      await leases().retire("nobody");
      assert.deepEqual(await listed(), [later]);
      assert.equal(await leases().lastBeat("p2"), 6, "until when it was there is known all the same");
      assert.equal(await leases().beat(beatOf("p2", 8)), false);
      assert.deepEqual(await listed(), [later, beatOf("p2", 8)]);
    });

    it("[MP2] tells a process with its next beat, once, that it was taken for dead", async () => {
      await leases().beat(beatOf("p1", 1));
      await leases().beat(beatOf("p2", 1));
      await leases().takeForDead("p1");
      await leases().takeForDead("p1");
      await leases().takeForDead("nobody");
      assert.equal(await leases().lastBeat("nobody"), undefined);
      assert.equal(await leases().beat(beatOf("p2", 2)), false);
      await leases().retire("p1");
      assert.equal(await leases().beat(beatOf("p1", 2)), true);
      assert.equal(await leases().beat(beatOf("p1", 3)), false);
    });

    it("[MP1] keeps the first secret that is proposed, under any race", async () => {
      const proposed = Array.from({ length: 8 }, (_, i) => `secret-${i}`.repeat(4));
      const told = await Promise.all(proposed.map((secret) => leases().clusterSecret(secret)));
      assert.equal(new Set(told).size, 1);
      assert.ok(proposed.includes(told[0]!));
      assert.equal(await leases().clusterSecret("another"), told[0]);
    });

    it("[K8] knows each process' last heartbeat", async () => {
      assert.equal(await leases().lastBeat("p1"), undefined);
      await leases().beat(beatOf("p1", 1_700_000_000_000));
      await leases().beat(beatOf("p2", 3));
      await leases().beat(beatOf("p1", 1_700_000_001_000));
      assert.equal(await leases().lastBeat("p1"), 1_700_000_001_000);
      assert.equal(await leases().lastBeat("p2"), 3);
    });

    it("[K12] knows after a restart when the former lives were last there, and beats on", async () => {
      for (const beatAt of [1_000, 2_000, 3_000]) await leases().beat(beatOf("life-1", beatAt));
      await underTest().reopen();
      assert.equal(await leases().lastBeat("life-1"), 3_000);
      assert.equal(await leases().lastBeat("life-2"), undefined);
      await leases().beat(beatOf("life-2", 9_000));
      await underTest().reopen();
      assert.equal(await leases().lastBeat("life-1"), 3_000);
      assert.equal(await leases().lastBeat("life-2"), 9_000);
    });
  });
}
