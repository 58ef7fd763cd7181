import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStorage } from "../../clients/js/src/fileStorage.ts";
import type { KeyValueStore } from "../../clients/js/src/key-value-store.ts";
import { localStorageOutbox } from "../../clients/js/src/localStorage.ts";
import { memoryStorage } from "../../clients/js/src/memoryStorage.ts";
import type { OutboxStorage, StoredCommand } from "../../clients/js/src/storage.ts";
import { Keys, locksOf } from "./web-storage.ts";

function command(order: number, id = `id${order}`): StoredCommand {
  return { order, id, action: "set", payload: { path: "shared/ü", value: order }, expect: { "shared/a": 0 } };
}

const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  folders.push(folder);
  return folder;
};

/** Each: a way to open the same storage again, as a reloaded page or a restarted process would. */
const storages: [string, () => () => OutboxStorage][] = [
  [
    "memory",
    () => {
      const storage = memoryStorage();
      return () => storage;
    },
  ],
  [
    "files",
    () => {
      const folder = newFolder();
      return () => fileStorage(folder);
    },
  ],
  [
    "localStorage with locks",
    () => {
      const [local, session] = [new Keys(), new Keys()];
      const { locks, held } = locksOf();
      return () => {
        held.clear();
        return localStorageOutbox({ local, session, locks });
      };
    },
  ],
  [
    "localStorage without locks",
    () => {
      const [local, session] = [new Keys(), new Keys()];
      return () => localStorageOutbox({ local, session, locks: undefined });
    },
  ],
];

describe("js client: where commands wait", () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, make] of storages) {
    it(`[B17] ${name}: what was put is there in order for the next life, what was removed is not`, async () => {
      const open = make();
      const first = open();
      assert.deepEqual(await first.load("s1/kim", assert.fail), []);
      for (const order of [9, 10, 100, 11]) await first.put(command(order));
      await first.remove(command(10));
      const second = open();
      assert.deepEqual(await second.load("s1/kim", assert.fail), [command(9), command(11), command(100)]);
      await second.remove(command(9));
      await second.put(command(101));
      assert.deepEqual(await open().load("s1/kim", assert.fail), [command(11), command(100), command(101)]);
    });

    it(`[B17] ${name}: a scope is apart from every other, whatever it is called`, async () => {
      const open = make();
      const scopes = ["s1/kim", "s1/kim2", "s1", "s1/kim/a", "s1/../kim", `s1/${"ü".repeat(60)}`];
      for (const [at, scope] of scopes.entries()) {
        const storage = open();
        await storage.load(scope, assert.fail);
        await storage.put(command(at + 1));
      }
      for (const [at, scope] of scopes.entries())
        assert.deepEqual(await open().load(scope, assert.fail), [command(at + 1)], scope);
    });
  }

  it("[B17] files: half a write, left by a crash, is no command", async () => {
    const folder = newFolder();
    const storage = fileStorage(folder);
    await storage.load("s1/kim", assert.fail);
    await storage.put(command(1));
    const [home = ""] = readdirSync(folder);
    writeFileSync(join(folder, home, "0000000000000002.json.part"), '{"id":');
    assert.deepEqual(await fileStorage(folder).load("s1/kim", assert.fail), [command(1)]);
  });

  it("[B17] localStorage: two open tabs keep their commands apart; a closed tab's are taken over, behind the own ones", async () => {
    const local = new Keys();
    const { locks } = locksOf();
    const tab = (session: KeyValueStore) => localStorageOutbox({ local, session, locks });
    const one = tab(new Keys());
    await one.load("s1/kim", assert.fail);
    await one.put(command(1, "one-1"));
    await one.put(command(2, "one-2"));
    const twoSession = new Keys();
    const two = tab(twoSession);
    assert.deepEqual(await two.load("s1/kim", assert.fail), [], "the first tab is open");
    await two.put(command(5, "two-5"));
    two.close?.();
    one.close?.();
    const reloaded = await tab(twoSession).load("s1/kim", assert.fail);
    assert.deepEqual(
      reloaded.map(({ id, order }) => [id, order]),
      [
        ["two-5", 5],
        ["one-1", 6],
        ["one-2", 7],
      ],
    );
    assert.equal(local.length, 3, "moved, not copied");
  });

  it("[B17] localStorage: a duplicated tab, which starts with the other's session storage, gets a name of its own", async () => {
    const [local, session] = [new Keys(), new Keys()];
    const { locks } = locksOf();
    const one = localStorageOutbox({ local, session, locks });
    await one.load("s1/kim", assert.fail);
    await one.put(command(1));
    assert.deepEqual(await localStorageOutbox({ local, session, locks }).load("s1/kim", assert.fail), []);
  });
});
