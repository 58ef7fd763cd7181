import assert from "node:assert/strict";
import { TableClosed } from "../../clients/js/src/errors.ts";
import type { KeyValueStore } from "../../clients/js/src/key-value-store.ts";
import { clearLocalStorageOutboxes, localStorageOutbox } from "../../clients/js/src/localStorage.ts";
import { FakeState } from "./fakeRoom.ts";
import { openTable } from "./fakeTable.ts";
import { settle } from "./handCranked.ts";
import { Keys, SmallKeys } from "./web-storage.ts";

const blocked = (): never => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};

/** A page in which these properties of the window are so, for as long as `run` takes. */
async function inPage(window: Record<string, () => unknown>, run: () => Promise<void>): Promise<void> {
  const before = Object.keys(window).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const [name, get] of Object.entries(window))
    Object.defineProperty(globalThis, name, { get, configurable: true });
  try {
    await run();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

const troubles = (named: (name: string) => unknown[]) => named("trouble").map((one) => (one as { what: string }).what);

/** A command is taken, survives a loss of the line and is answered, once. */
async function plays({ table, door, clock }: Awaited<ReturnType<typeof openTable>>): Promise<void> {
  const answer = table.increment("shared/n", 1);
  await settle();
  const [id] = door.room.ids;
  door.room.closes(1006);
  await clock.turn(5000);
  door.room.shows(new FakeState());
  await settle();
  assert.deepEqual(door.room.ids, [id]);
  door.room.commands[0]?.resolve({ seq: 1 });
  await answer;
}

const BLOCKED_WAYS: Readonly<Record<string, Record<string, () => unknown>>> = {
  "localStorage throws": { localStorage: blocked, sessionStorage: () => new Keys() },
  "both throw, as in a sandboxed frame": { localStorage: blocked, sessionStorage: blocked },
  "there is none": { localStorage: () => undefined, sessionStorage: () => undefined },
  "it is null, as in some web views": { localStorage: () => null, sessionStorage: () => null },
  "its length throws": {
    localStorage: () => ({
      get length(): number {
        return blocked();
      },
    }),
    sessionStorage: () => new Keys(),
  },
};

describe("js client: where the browser keeps nothing", () => {
  for (const [how, window] of Object.entries(BLOCKED_WAYS)) {
    it(`[B22] ${how}: commands wait in memory, and \`trouble\` says so, once`, async () => {
      await inPage(window, async () => {
        const fake = await openTable({ storage: localStorageOutbox({ locks: undefined }) });
        await plays(fake);
        assert.deepEqual(troubles(fake.named), [
          "the browser keeps nothing for this page: commands wait in memory, and a reload loses them",
        ]);
        assert.equal(fake.table.connection, "open");
        clearLocalStorageOutboxes();
      });
    });
  }

  it("[B22] sessionStorage alone is blocked: nothing is lost, and nothing needs telling", async () => {
    const local = new Keys();
    await inPage({ localStorage: () => local, sessionStorage: blocked }, async () => {
      const first = await openTable({ storage: localStorageOutbox({ locks: undefined }) });
      void first.table.set("shared/a", 1);
      await settle();
      first.table.close();
      const second = await openTable({ storage: localStorageOutbox({ locks: undefined }) });
      assert.equal(second.door.room.commands.length, 1);
      assert.deepEqual([...first.named("trouble"), ...second.named("trouble")], []);
    });
  });

  it("[B22] a page without a reload finds in memory what its last table left", async () => {
    await inPage({ localStorage: blocked, sessionStorage: blocked }, async () => {
      const first = await openTable({ storage: localStorageOutbox({ locks: undefined }) });
      const lost = first.table.set("shared/a", 1);
      await settle();
      const [id] = first.door.room.ids;
      first.table.close();
      await assert.rejects(lost, (error) => error instanceof TableClosed && error.kept);
      const second = await openTable({ storage: localStorageOutbox({ locks: undefined }) });
      assert.deepEqual(second.door.room.ids, [id]);
      second.door.room.commands[0]?.resolve({ seq: 1 });
      await second.table.settled();
    });
  });

  it("[B22] a quota of 0, as in private windows: memory, and `trouble` at the first command", async () => {
    const fake = await openTable({
      storage: localStorageOutbox({ local: new SmallKeys(0), session: new SmallKeys(0), locks: undefined }),
    });
    assert.deepEqual(troubles(fake.named), []);
    await plays(fake);
    await plays(fake).catch(() => undefined);
    assert.deepEqual(troubles(fake.named), [
      "the browser's storage takes no more: commands wait in memory, and a reload loses them",
    ]);
  });

  it("[B22] a storage that fills up: what fits survives, the rest is sent all the same, and it is told each time it fills up", async () => {
    const local = new SmallKeys(700);
    const session = new Keys();
    const outbox = () => localStorageOutbox({ local, session, locks: undefined });
    const fake = await openTable({ storage: outbox() });
    for (let n = 0; n < 9; n++) void fake.table.append("shared/list", [n]);
    await settle();
    assert.equal(troubles(fake.named).length, 1);
    const fitting = local.length;
    assert.ok(fitting > 0 && fitting < 9);
    const ids = fake.table.unanswered.map(({ id }) => id);
    for (let n = 0; n < 9; n++) {
      assert.equal(fake.door.room.ids.at(-1), ids[n]);
      fake.door.room.commands.at(-1)?.resolve({ seq: n + 1 });
      await settle();
    }
    assert.equal(local.length, 0);
    void fake.table.append("shared/list", [9]);
    await settle();
    assert.equal(local.length, 1, "there is room again");
    local.quota = 0;
    void fake.table.append("shared/list", [10]);
    await settle();
    assert.equal(troubles(fake.named).length, 2);
    fake.table.close();
    const again = await openTable({ storage: outbox(), inFlight: 8 });
    assert.equal(again.door.room.commands.length, 2, "the page still has both");
  });

  it("[B22] locks that a page may not have are as none: what a gone tab left is taken over", async () => {
    const local = new Keys();
    const locks = { take: () => Promise.reject(new DOMException("no", "SecurityError")) };
    const tab = () => localStorageOutbox({ local, session: new Keys(), locks });
    const first = await openTable({ storage: tab() });
    void first.table.set("shared/a", 1);
    await settle();
    first.table.close();
    const second = await openTable({ storage: tab() });
    assert.equal(second.door.room.commands.length, 1);
  });

  it("[B23] signing out forgets every outbox, and leaves alone what is not theirs", async () => {
    const [local, session] = [new Keys(), new Keys()];
    const options = { local, session, locks: undefined };
    for (const sessionId of ["s1", "s2"]) {
      const { table } = await openTable({ storage: localStorageOutbox(options), joinOptions: { sessionId } });
      void table.set("shared/secret", "the king is a doppelganger");
      await settle();
      table.close();
    }
    for (const store of [local, session] as KeyValueStore[]) {
      assert.ok(store.length > 0);
      store.setItem("campaign-live", "another's");
      store.setItem("theme", "dark");
    }
    clearLocalStorageOutboxes(options);
    assert.deepEqual([...local.entries.keys()], ["campaign-live", "theme"]);
    assert.deepEqual([...session.entries.keys()], ["campaign-live", "theme"]);
    await inPage({ localStorage: blocked, sessionStorage: blocked }, async () => clearLocalStorageOutboxes());
  });

  it("[B23] an end before the outbox was read leaves nothing in it either, and holds no lock", async () => {
    const [local, session] = [new Keys(), new Keys()];
    const held = new Set<string>();
    let isSlow = false;
    const locks = {
      async take(name: string) {
        if (isSlow) for (let turn = 0; turn < 20; turn++) await settle();
        held.add(name);
        return () => void held.delete(name);
      },
    };
    const first = await openTable({ storage: localStorageOutbox({ local, session, locks }) });
    void first.table.set("shared/a", 1);
    await settle();
    first.table.close();
    await settle();
    assert.deepEqual([local.length, held.size], [1, 0]);
    isSlow = true;
    const second = await openTable({ storage: localStorageOutbox({ local, session, locks }) });
    second.door.room.closes(4201);
    for (let turn = 0; turn < 60; turn++) await settle();
    assert.deepEqual([local.length, held.size], [0, 0]);
  });
});
