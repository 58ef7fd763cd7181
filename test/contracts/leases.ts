import assert from "node:assert/strict";
import { eachTestWith, type OpenStores } from "./under-test.ts";

/** Rules K7 and K8, on any stores. */
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
  });
}
