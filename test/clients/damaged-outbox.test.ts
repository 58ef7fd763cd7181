import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStorage } from "../../clients/js/src/fileStorage.ts";
import { localStorageOutbox } from "../../clients/js/src/localStorage.ts";
import { memoryStorage } from "../../clients/js/src/memoryStorage.ts";
import type { OutboxStorage, StoredCommand } from "../../clients/js/src/storage.ts";
import { eventually } from "../support/eventually.ts";
import { FakeState } from "./fakeRoom.ts";
import { openTable } from "./fakeTable.ts";
import { settle } from "./handCranked.ts";
import { Keys } from "./web-storage.ts";

const command = (order: number): StoredCommand => ({
  order,
  id: `id${order}`,
  action: "set",
  payload: { path: `shared/${order}`, value: order },
});
const whole = JSON.stringify(command(2));

/** What can stand where a command should: by what is wrong with it. */
const DAMAGED: Readonly<Record<string, string>> = {
  "cut off in the middle": whole.slice(0, 30),
  "nothing at all": "",
  "no JSON": "~".repeat(40),
  null: "null",
  "a list": "[1]",
  "of another format": '{"format":9,"order":2,"commands":[]}',
  "of a newer format": JSON.stringify({ ...command(2), notBefore: 17 }),
  "without an id": '{"order":2,"action":"set","payload":{}}',
  "with an id of another kind": '{"order":2,"id":7,"action":"set","payload":{}}',
  "without an action": '{"order":2,"id":"id2","payload":{}}',
  "without a payload": '{"order":2,"id":"id2","action":"set"}',
  "with a lone surrogate": '{"order":2,"id":"id2","action":"set","payload":"\\ud800"}',
  "of another expect": '{"order":2,"id":"id2","action":"set","payload":{},"expect":[1]}',
  "larger than the server reads": JSON.stringify({ ...command(2), payload: "x".repeat(2 * 1024 * 1024) }),
};

interface Kept {
  readonly storage: OutboxStorage;
  /** what is kept there, by name, whatever it is */
  readonly texts: () => Map<string, string>;
}

const folders: string[] = [];

/** A storage in which a life left commands 1 and 3, and between them this text. */
type Make = (text: string) => Promise<Kept>;

const inLocalStorage: Make = async (text) => {
  const [local, session] = [new Keys(), new Keys()];
  const former = localStorageOutbox({ local, session, locks: undefined });
  await former.load("s1/kim", assert.fail);
  for (const order of [1, 2, 3]) await former.put(command(order));
  const key = [...local.entries.keys()].find((one) => one.endsWith("/0000000000000002"))!;
  local.entries.set(key, text);
  return { storage: localStorageOutbox({ local, session, locks: undefined }), texts: () => local.entries };
};

/** Left by a tab that is gone. */
const inAnotherTab: Make = async (text) => {
  const { texts } = await inLocalStorage(text);
  const local = new Keys(texts());
  return { storage: localStorageOutbox({ local, session: new Keys(), locks: undefined }), texts: () => local.entries };
};

const inFiles: Make = async (text) => {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  folders.push(folder);
  const former = fileStorage(folder);
  await former.load("s1/kim", assert.fail);
  for (const order of [1, 2, 3]) await former.put(command(order));
  const home = join(folder, readdirSync(folder)[0]!);
  writeFileSync(join(home, "0000000000000002.json"), text);
  const names = () => (existsSync(home) ? readdirSync(home) : []);
  const texts = () => new Map(names().map((name) => [name, readFileSync(join(home, name), "utf8")]));
  return { storage: fileStorage(folder), texts };
};

describe("js client: an outbox that is damaged", () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  for (const [where, make] of Object.entries({ inLocalStorage, inAnotherTab, inFiles })) {
    for (const [what, text] of Object.entries(DAMAGED)) {
      it(`[B21] ${where}, an entry ${what}: the others are sent, it is set aside and told, without its content`, async () => {
        const { storage, texts } = await make(text);
        const { table, door, named } = await openTable({ storage, inFlight: 8 });
        // Files take their time, which no clock of ours turns.
        await eventually("both are sent", () => door.room.ids.length === 2);
        assert.equal(table.connection, "open");
        assert.deepEqual(door.room.ids, ["id1", "id3"]);
        const [trouble, ...more] = named("trouble") as { what: string; error: Error }[];
        assert.match(trouble!.what, /cannot be read: it was set aside/);
        assert.ok(text.length < 20 || !`${trouble!.what} ${trouble!.error.message}`.includes(text.slice(0, 20)));
        assert.deepEqual(more, []);
        assert.ok([...texts().values()].includes(text), "its text is kept");
        table.close();
      });
    }

    it(`[B21] ${where}, the next life finds nothing damaged any more, and the end of the session leaves nothing`, async () => {
      const { storage, texts } = await make("cut");
      const first = await openTable({ storage, inFlight: 8 });
      await eventually("the first life has read it", () => first.door.room.ids.length === 2);
      first.table.close();
      const second = await openTable({ storage, inFlight: 8 });
      await eventually("the second life has read it", () => second.door.room.ids.length === 2);
      assert.deepEqual(second.named("trouble"), []);
      assert.deepEqual(second.door.room.ids, ["id1", "id3"]);
      assert.equal(texts().size, 3, "what was set aside is kept");
      second.door.room.closes(4200);
      await eventually("nothing is left", () => texts().size === 0);
    });
  }

  it("[B21] other keys under the same beginning are left alone", async () => {
    const local = new Keys();
    const base = "campaign-live/s1%2Fkim";
    const strange = [`${base}/x`, `${base}/${"0".repeat(32)}/x`, `${base}/nobody/0000000000000001`, `${base}x/1`, base];
    for (const key of strange) local.setItem(key, "{");
    const session = new Keys();
    session.setItem(`${base}/owner`, "../..");
    const { named, table } = await openTable({ storage: localStorageOutbox({ local, session, locks: undefined }) });
    assert.deepEqual([table.connection, named("trouble")], ["open", []]);
    assert.equal(local.length, strange.length);
  });

  it("[B21] the name under which it is kept is its order, whatever the text says: it goes when it is answered", async () => {
    const { storage, texts } = await inLocalStorage(JSON.stringify({ ...command(77), id: "id2" }));
    const { door, clock, table } = await openTable({ storage, inFlight: 8 });
    assert.deepEqual(door.room.ids, ["id1", "id2", "id3"]);
    for (const sent of door.room.commands) sent.resolve({ seq: 1 });
    await clock.turn(0);
    await table.settled();
    assert.equal(texts().size, 0);
  });

  it("[B21] a storage of one's own that gives back nonsense is told, and holds up nothing", async () => {
    const nonsense = [null, 7, {}, command(4), { ...command(5), order: -1 }] as StoredCommand[];
    const { door, named } = await openTable({ storage: { ...memoryStorage(), load: () => nonsense }, inFlight: 8 });
    assert.deepEqual(door.room.ids, ["id4"]);
    assert.equal(named("trouble").length, 4);
  });

  it("[B21] a storage that cannot be read at all: commands wait in memory, which is told, and it is not written any more", async () => {
    const puts: StoredCommand[] = [];
    const storage: OutboxStorage = {
      load: () => Promise.reject(new Error("EACCES")),
      put: (one) => void puts.push(one),
      remove: () => assert.fail("nothing was put"),
    };
    const { table, door, named, clock } = await openTable({ storage });
    const answer = table.set("shared/a", 1);
    await settle();
    door.room.closes(1006);
    await clock.turn(500);
    door.room.shows(new FakeState());
    await settle();
    door.room.commands[0]?.resolve({ seq: 1 });
    assert.equal((await answer).seq, 1);
    assert.deepEqual(puts, []);
    assert.match((named("trouble")[0] as { what: string }).what, /wait in memory/);
    const unkept = table.set("shared/b", 1);
    await settle();
    table.close();
    await assert.rejects(unkept, { kept: false });
  });

  it("[B21] `settled` waits for what an earlier life left", async () => {
    const { storage } = await inLocalStorage(whole);
    const { table, door } = await openTable({ storage, inFlight: 8 });
    let isSettled = false;
    const settled = table.settled().then(() => {
      isSettled = true;
    });
    await settle();
    assert.equal(isSettled, false);
    for (const sent of door.room.commands) sent.resolve({ seq: 1 });
    await settled;
  });
});
