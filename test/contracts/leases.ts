import assert from "node:assert/strict";
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

    it("[K8] knows each process' last heartbeat", async () => {
      assert.equal(await leases().lastBeat("p1"), undefined);
      await leases().beat({ processId: "p1", beatAt: 1_700_000_000_000 });
      await leases().beat({ processId: "p2", beatAt: 3 });
      await leases().beat({ processId: "p1", beatAt: 1_700_000_001_000 });
      assert.equal(await leases().lastBeat("p1"), 1_700_000_001_000);
      assert.equal(await leases().lastBeat("p2"), 3);
    });

    it("[K12] knows after a restart when the former lives were last there, and beats on", async () => {
      for (const beatAt of [1_000, 2_000, 3_000]) await leases().beat({ processId: "life-1", beatAt });
      await underTest().reopen();
      assert.equal(await leases().lastBeat("life-1"), 3_000);
      assert.equal(await leases().lastBeat("life-2"), undefined);
      await leases().beat({ processId: "life-2", beatAt: 9_000 });
      await underTest().reopen();
      assert.equal(await leases().lastBeat("life-1"), 3_000);
      assert.equal(await leases().lastBeat("life-2"), 9_000);
    });
  });
}
