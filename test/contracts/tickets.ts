import assert from "node:assert/strict";
import type { TicketHolder } from "../../src/ports/stream-tickets.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

const NOW = 1_700_000_000_000;

function ticket(hash: string, { goodUntil = NOW + 30_000, expiresAt = NOW + 3_600_000 } = {}) {
  const holder: TicketHolder = { userId: "k\u00efm", name: "Kim \u{1f409}", roles: ["operator"], expiresAt };
  return { hash, sessionId: "s1", holder, goodUntil };
}

/** Rule H60, as far as stores keep it, on any stores. */
export function ticketsContract(name: string, open: OpenStores): void {
  describe(`tickets for streams: ${name}`, () => {
    const underTest = eachTestWith(open);
    const tickets = () => underTest().stores.tickets;

    it("[H60] keeps one as it was given, and its uses, also after reopening", async () => {
      const guest = { ...ticket("t2"), holder: { ...ticket("t2").holder, guestOf: "s1", guestInvite: "i1" } };
      await tickets().put(ticket("t1"), NOW);
      await tickets().put(guest, NOW);
      assert.deepEqual(await tickets().find("t1"), { ...ticket("t1"), openIn: null, uses: 0 });
      assert.equal(await tickets().opened("t1", "p1"), 1);
      await underTest().reopen();
      assert.deepEqual(await tickets().find("t1"), { ...ticket("t1"), openIn: "p1", uses: 1 });
      assert.deepEqual(await tickets().find("t2"), { ...guest, openIn: null, uses: 0 });
      assert.equal(await tickets().opened("t1", "p2"), 2);
      assert.equal((await tickets().find("t1"))?.openIn, "p2");
      assert.equal(await tickets().find("nothing"), undefined);
      assert.equal(await tickets().opened("nothing", "p1"), undefined);
    });

    it("[H60] the end of a use counts unless there was a later one", async () => {
      await tickets().put(ticket("t1"), NOW);
      for (const process of ["p1", "p2"]) await tickets().opened("t1", process);
      await tickets().closed("t1", 1, NOW + 60_000);
      assert.equal((await tickets().find("t1"))?.openIn, "p2");
      await tickets().closed("t1", 2, NOW + 90_000);
      assert.deepEqual(await tickets().find("t1"), { ...ticket("t1"), goodUntil: NOW + 90_000, openIn: null, uses: 2 });
      await tickets().closed("nothing", 1, NOW);
    });

    it("[H60] forgets what is past with the next one, and nothing that may still be good", async () => {
      await tickets().put(ticket("unused", { goodUntil: NOW + 10 }), NOW);
      await tickets().put(ticket("open", { goodUntil: NOW + 10 }), NOW);
      await tickets().put(ticket("ended", { expiresAt: NOW + 15 }), NOW);
      for (const hash of ["open", "ended"]) await tickets().opened(hash, "p1");
      await tickets().put(ticket("good"), NOW + 20);
      const there = await Promise.all(["unused", "open", "ended", "good"].map((hash) => tickets().find(hash)));
      assert.deepEqual(
        there.map((one) => one !== undefined),
        [false, true, false, true],
      );
    });
  });
}
