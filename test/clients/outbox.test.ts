import assert from "node:assert/strict";
import { commandsOutlive } from "../../clients/js/src/closeCodes.ts";
import { CommandNotStored, CommandRefused, TableClosed } from "../../clients/js/src/errors.ts";
import { memoryStorage } from "../../clients/js/src/memoryStorage.ts";
import type { OutboxStorage, StoredCommand } from "../../clients/js/src/storage.ts";
import { FakeState, refuse } from "./fakeRoom.ts";
import { fakeTable, openTable, tokenOf } from "./fakeTable.ts";
import { settle } from "./handCranked.ts";

/** Memory that tells what it was asked, and writes only when a test lets it. */
function slowStorage() {
  const inner = memoryStorage();
  const log: string[] = [];
  const writes: (() => void)[] = [];
  const storage: OutboxStorage = {
    load: (scope, tell) => {
      log.push(`load ${scope}`);
      return inner.load(scope, tell);
    },
    put: (command: StoredCommand) =>
      new Promise((resolve) => {
        writes.push(() => {
          log.push(`put ${command.payload && (command.payload as { path: string }).path}`);
          resolve(inner.put(command));
        });
      }),
    remove: (command) => {
      log.push(`remove ${(command.payload as { path: string }).path}`);
      return inner.remove(command);
    },
  };
  return { storage, log, writes };
}

const paths = (sent: readonly { payload: { payload: Record<string, unknown> } }[]) =>
  sent.map((one) => one.payload.payload.path);

describe("js client: the outbox", () => {
  it("[B7] a command is in the storage before it is sent, and removed when it is answered", async () => {
    const { storage, log, writes } = slowStorage();
    const { table, door } = await openTable({ storage });
    const answer = table.set("shared/a", 1);
    await settle();
    assert.equal(door.room.commands.length, 0);
    writes[0]?.();
    await settle();
    assert.deepEqual(paths(door.room.commands), ["shared/a"]);
    door.room.commands[0]?.resolve({ seq: 7, result: 3 });
    assert.deepEqual(await answer, { seq: 7, result: 3, duplicate: false });
    await settle();
    assert.deepEqual(log, ["load s1/kim", "put shared/a", "remove shared/a"]);
  });

  it("[B7] one write that takes longer holds back what came after it", async () => {
    const { storage, writes } = slowStorage();
    const { table, door } = await openTable({ storage, inFlight: 8 });
    for (const name of ["a", "b", "c"]) void table.set(`shared/${name}`, 1);
    await settle();
    writes[2]?.();
    writes[1]?.();
    await settle();
    assert.equal(door.room.commands.length, 0);
    writes[0]?.();
    await settle();
    assert.deepEqual(paths(door.room.commands), ["shared/a", "shared/b", "shared/c"]);
  });

  it("[B7] by default one command is under way at a time; `inFlight` allows more, in order", async () => {
    const one = await openTable();
    for (let n = 0; n < 4; n++) void one.table.set(`shared/${n}`, n);
    await settle();
    assert.deepEqual(paths(one.door.room.commands), ["shared/0"]);
    one.door.room.commands[0]?.resolve({ seq: 1 });
    await settle();
    assert.deepEqual(paths(one.door.room.commands), ["shared/0", "shared/1"]);

    const more = await openTable({ inFlight: 3 });
    for (let n = 0; n < 5; n++) void more.table.set(`shared/${n}`, n);
    await settle();
    assert.deepEqual(paths(more.door.room.commands), ["shared/0", "shared/1", "shared/2"]);
  });

  it("[B7] after a loss everything unanswered is sent again, in order, with the same ids, and nothing answered is", async () => {
    const { table, door, clock } = await openTable({ inFlight: 3 });
    const answers = [1, 2, 3, 4, 5].map((n) => table.set(`shared/${n}`, n));
    await settle();
    const before = door.room.ids;
    door.room.commands[0]?.resolve({ seq: 1 });
    await settle();
    assert.equal(door.room.ids.length, 4);
    const sentFirst = door.room.ids;
    door.room.closes(1006);
    const offline = table.set("shared/6", 6);
    await clock.turn(500);
    assert.equal(door.room.commands.length, 0, "nothing before the first state");
    door.room.shows(new FakeState());
    await settle();
    assert.deepEqual(door.room.ids, sentFirst.slice(1));
    assert.deepEqual(before, sentFirst.slice(0, 3));
    for (let at = 0; at < 5; at++) {
      door.room.commands[at]?.resolve({ seq: at + 2, duplicate: at === 0 });
      await settle();
    }
    assert.deepEqual(paths(door.room.commands), ["shared/2", "shared/3", "shared/4", "shared/5", "shared/6"]);
    assert.equal((await answers[1])?.duplicate, true);
    assert.equal((await offline).seq, 6);
    await table.settled();
  });

  it("[B7] an answer from a room that is gone does not count, nor does its failure", async () => {
    const { table, door, clock } = await openTable();
    void table.set("shared/a", 1);
    await settle();
    const old = door.room.commands[0];
    await clock.turn(13_000);
    old?.resolve({ seq: 99 });
    await settle();
    assert.equal(table.unanswered.length, 1);
    door.room.shows(new FakeState());
    await settle();
    assert.deepEqual(door.room.ids, [old?.payload.id]);
  });

  it("[B7] ids and order survive a reload: what a page left goes before what the next one adds", async () => {
    const storage = memoryStorage();
    const first = await openTable({ storage });
    const lost = first.table.set("shared/a", 1);
    void first.table.increment("shared/b", 2, { expect: { "shared/a": 1 } });
    await settle();
    const left = first.table.unanswered.map((command) => command.id);
    first.table.close();
    await assert.rejects(lost, (error) => error instanceof TableClosed && error.kept);

    const second = fakeTable({ storage, inFlight: 8 });
    void second.table.set("shared/c", 3);
    await second.clock.turn(0);
    second.door.room.shows(new FakeState());
    await settle();
    assert.deepEqual(paths(second.door.room.commands), ["shared/a", "shared/b", "shared/c"]);
    assert.deepEqual(second.door.room.ids.slice(0, 2), left);
    assert.deepEqual(second.door.room.commands[1]?.payload, {
      id: left[1],
      action: "increment",
      payload: { path: "shared/b", by: 2 },
      expect: { "shared/a": 1 },
    });
    for (const sent of second.door.room.commands) sent.resolve({ seq: 1 });
    await settle();
    assert.equal(second.named("committed").length, 3, "also those that no promise waits for any more");
    assert.deepEqual(await storage.load("s1/kim", assert.fail), []);
  });

  it("[B7] one person's outbox is never sent as another's, nor to another session", async () => {
    const storage = memoryStorage();
    const kim = await openTable({ storage });
    void kim.table.set("shared/a", 1);
    await settle();
    kim.table.close();
    const ana = await openTable({ storage, token: tokenOf("ana") });
    const elsewhere = await openTable({ storage, joinOptions: { sessionId: "s2" } });
    assert.deepEqual(ana.door.room.commands, []);
    assert.deepEqual(elsewhere.door.room.commands, []);
  });

  it("[B7] with a token function the outbox waits for its first token, or is told the user id", async () => {
    const { storage, log } = slowStorage();
    const token = async () => {
      throw new Error("offline");
    };
    const unknown = fakeTable({ storage, token });
    await unknown.clock.turn(1000);
    assert.deepEqual(log, []);
    const known = fakeTable({ storage, token, userId: "kim" });
    await known.clock.turn(0);
    assert.deepEqual(log, ["load s1/kim"]);
  });

  it("[B7] a caller that changes its object afterwards does not change what is sent", async () => {
    const { table, door } = await openTable();
    const value = { hp: 3 };
    void table.set("shared/a", value);
    value.hp = 4;
    await settle();
    assert.deepEqual(door.room.commands[0]?.payload.payload, { path: "shared/a", value: { hp: 3 } });
  });

  it("[B8] a refusal rejects with its code, is told by `refused`, removed, and the next command goes", async () => {
    const storage = memoryStorage();
    const { table, door, named } = await openTable({ storage });
    const refused = table.set("gm/a", 1);
    const next = table.set("shared/b", 2);
    await settle();
    refuse(door.room.commands[0]!, "forbidden");
    await assert.rejects(refused, (error) => error instanceof CommandRefused && error.code === "forbidden");
    await settle();
    assert.equal(named("refused").length, 1);
    assert.deepEqual(paths(door.room.commands), ["gm/a", "shared/b"]);
    door.room.commands[1]?.resolve({ seq: 1 });
    await next;
    assert.deepEqual(await storage.load("s1/kim", assert.fail), []);
  });

  it("[B8] a conflict tells what stands, a batch which operation", async () => {
    const { RequestRefused } = await import("../../clients/js/src/room.ts");
    const { table, door } = await openTable();
    const refused = table.batch([{ action: "set", payload: { path: "shared/a", value: 1 } }], {
      expect: { "shared/a": 3 },
    });
    await settle();
    const conflicts = [{ path: "shared/a", version: 4, value: "9" }];
    door.room.commands[0]?.reject(
      new RequestRefused({ code: "conflict", message: "m", retryable: false, conflicts, op: 0 }),
    );
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof CommandRefused);
      assert.deepEqual([error.conflicts, error.op, error.message], [conflicts, 0, "m"]);
      return true;
    });
  });

  it("[B9] a retryable refusal is tried again with the same id after its time, and nothing overtakes it", async () => {
    for (const code of ["rate_limited", "journal_unavailable"]) {
      const { table, door, clock, named } = await openTable();
      const first = table.set("shared/a", 1);
      void table.set("shared/b", 2);
      await settle();
      refuse(door.room.commands[0]!, code, { retryable: true, retryAfterMs: 340 });
      await clock.turn(339);
      void table.set("shared/c", 3);
      await settle();
      assert.deepEqual(paths(door.room.commands), ["shared/a"]);
      await clock.turn(1);
      assert.deepEqual(paths(door.room.commands), ["shared/a", "shared/a"]);
      assert.equal(door.room.ids[0], door.room.ids[1]);
      door.room.commands[1]?.resolve({ seq: 1, duplicate: true });
      assert.equal((await first).seq, 1);
      assert.deepEqual(named("refused"), []);
    }
  });

  it("[B9] with more in flight, what is not sent yet waits behind one that rests", async () => {
    const { table, door, clock } = await openTable({ inFlight: 2 });
    for (const name of ["a", "b", "c"]) void table.set(`shared/${name}`, 1);
    await settle();
    refuse(door.room.commands[0]!, "rate_limited", { retryable: true, retryAfterMs: 100 });
    door.room.commands[1]?.resolve({ seq: 1 });
    await clock.turn(99);
    assert.deepEqual(paths(door.room.commands), ["shared/a", "shared/b"]);
    await clock.turn(1);
    assert.deepEqual(paths(door.room.commands), ["shared/a", "shared/b", "shared/a", "shared/c"]);
  });

  it("[B9] no answer on an open socket: the same id again, half a second later", async () => {
    const { table, door, clock } = await openTable();
    void table.set("shared/a", 1);
    await settle();
    door.room.commands[0]?.reject(new Error("timed out"));
    await clock.turn(500);
    assert.equal(door.room.ids.length, 2);
    assert.equal(new Set(door.room.ids).size, 1);
    door.room.commands[1]?.resolve({ nonsense: true });
    await clock.turn(500);
    assert.equal(door.room.ids.length, 3);
  });

  it("[B9] a loss while one rests: it is sent once on the new room, not twice", async () => {
    const { table, door, clock } = await openTable();
    void table.set("shared/a", 1);
    await settle();
    refuse(door.room.commands[0]!, "rate_limited", { retryable: true, retryAfterMs: 5000 });
    await settle();
    door.room.closes(1006);
    await clock.turn(500);
    door.room.shows(new FakeState());
    await clock.turn(4900);
    assert.equal(door.room.ids.length, 1);
  });

  it("[B10] what the wire would bend, or the server would end the connection for, is refused here and never queued", async () => {
    const { table, door, named } = await openTable();
    const values: [unknown, string][] = [
      [Number.NaN, "bad_request"],
      [Number.POSITIVE_INFINITY, "bad_request"],
      [new Date(), "bad_request"],
      [new Uint8Array(2), "bad_request"],
      [1n, "bad_request"],
      [[undefined], "bad_request"],
      ["\ud800", "bad_request"],
      [{ "\udc00": 1 }, "bad_request"],
      ["x".repeat(256 * 1024), "limit_exceeded"],
    ];
    for (const [value, code] of values) {
      await assert.rejects(
        table.set("shared/a", value as never),
        (error) => error instanceof CommandRefused && error.code === code,
        String(value).slice(0, 40),
      );
    }
    const cycle: unknown[] = [];
    cycle.push(cycle);
    await assert.rejects(table.set("shared/a", cycle as never), { code: "bad_request" });
    assert.deepEqual([door.room.commands, table.unanswered], [[], []]);
    assert.equal(named("refused").length, values.length + 1);
  });

  it("[B10] a full outbox, and one that cannot be written, take no command and say so", async () => {
    const full = await openTable({ maxWaiting: 2 });
    void full.table.set("shared/a", 1);
    void full.table.set("shared/b", 1);
    await assert.rejects(full.table.set("shared/c", 1), CommandNotStored);

    const storage = memoryStorage();
    let quota = false;
    const broken = await openTable({
      storage: {
        ...storage,
        put: (command) => {
          if (quota) throw new Error("QuotaExceededError");
          return storage.put(command);
        },
      },
    });
    quota = true;
    await assert.rejects(broken.table.set("shared/a", 1), /could not be written: QuotaExceededError/);
    quota = false;
    void broken.table.set("shared/b", 1);
    await settle();
    assert.deepEqual(paths(broken.door.room.commands), ["shared/b"]);
  });

  for (const [code, kept] of [
    [4200, false],
    [4201, false],
    [4202, false],
    [4203, false],
    [4204, true],
    [4205, true],
    [4206, true],
  ] as const) {
    it(`[B11] the end by ${code} ${kept ? "keeps" : "throws away"} what has no answer, and says so`, async () => {
      const storage = memoryStorage();
      const { table, door } = await openTable({ storage });
      const answer = table.set("shared/a", 1);
      await settle();
      door.room.closes(code);
      await assert.rejects(
        answer,
        (error) => error instanceof TableClosed && error.code === code && error.kept === kept,
      );
      await settle();
      assert.equal((await storage.load("s1/kim", assert.fail)).length, kept ? 1 : 0);
      await assert.rejects(table.set("shared/b", 1), TableClosed);
    });
  }

  it("[B11] who is out by a refused join loses the commands, who waits to be admitted does not", () => {
    for (const code of [403, 404, 410]) assert.equal(commandsOutlive(code, "banned"), false);
    for (const code of [400, 401, 409]) assert.equal(commandsOutlive(code, "session_full"), true);
    assert.equal(commandsOutlive(403, "approval_needed"), true);
  });

  it("[B26] what nobody waits for is no unhandled rejection, whatever fails", async () => {
    const unhandled: unknown[] = [];
    const listen = (error: unknown) => void unhandled.push(error);
    const others = process.rawListeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listen);
    try {
      const broken: OutboxStorage = {
        load: () => Promise.reject(new Error("EACCES")),
        put: () => Promise.reject(new Error("EROFS")),
        remove: () => Promise.reject(new Error("EROFS")),
        close: () => {
          throw new Error("EBADF");
        },
      };
      const readable: OutboxStorage = { ...broken, load: () => [] };
      for (const storage of [broken, readable]) {
        const { table, door, clock } = await openTable({ storage, reportLatency: true });
        void table.set("shared/a", Number.NaN);
        void table.set("shared/a", 1);
        void table.activity("rolling");
        void table.presence("idle");
        void table.request("digest", {});
        await clock.turn(5000);
        door.room.pongs(3);
        door.room.says("token_expiring", {});
        for (const sent of door.room.sent) sent.reject(new Error("no answer"));
        door.room.closes(1006);
        void table.activity("rolling");
        void table.presence("idle");
        void table.request("digest", {});
        void table.command("attack", {});
        await clock.turn(1000);
        door.room.closes(4201);
        void table.set("shared/b", 1);
        void table.activity("none");
        await clock.turn(1000);
      }
      const { door, clock } = fakeTable({ storage: broken });
      door.plan = [404];
      await clock.turn(1000);
      fakeTable({ storage: broken, token: () => Promise.reject(new Error("offline")) }).table.leave();
      await settle();
    } finally {
      process.off("unhandledRejection", listen);
      for (const other of others) process.on("unhandledRejection", other as () => void);
    }
    assert.deepEqual(unhandled, []);
  });

  it("[B7] every convenience method sends its action as the contract has it", async () => {
    const { table, door } = await openTable({ inFlight: 20 });
    const expect = { "shared/a": 0 };
    void table.set("shared/a", null, { expect });
    void table.merge("shared/a", { b: null });
    void table.delete("shared/a");
    void table.increment("shared/n", -2);
    void table.append("shared/l", [1, "x"]);
    void table.append("shared/l", [1], { max: 3, expect });
    void table.move("gm/a", "shared/a");
    void table.batch([]);
    void table.command("attack", { target: "orc" });
    await settle();
    assert.deepEqual(
      door.room.commands.map(({ payload: { id: _, ...rest } }) => rest),
      [
        { action: "set", payload: { path: "shared/a", value: null }, expect },
        { action: "merge", payload: { path: "shared/a", value: { b: null } } },
        { action: "delete", payload: { path: "shared/a" } },
        { action: "increment", payload: { path: "shared/n", by: -2 } },
        { action: "append", payload: { path: "shared/l", values: [1, "x"] } },
        { action: "append", payload: { path: "shared/l", values: [1], max: 3 }, expect },
        { action: "move", payload: { from: "gm/a", to: "shared/a" } },
        { action: "batch", payload: { ops: [] } },
        { action: "attack", payload: { target: "orc" } },
      ],
    );
  });

  it("[B7] activity and presence are not queued: they fail while the connection is lost", async () => {
    const { table, door } = await openTable();
    void table.activity("rolling");
    void table.presence("idle");
    await settle();
    assert.deepEqual(
      door.room.sent.map(({ type, payload }) => [type, payload]),
      [
        ["activity", { kind: "rolling" }],
        ["presence", { status: "idle" }],
      ],
    );
    for (const sent of door.room.sent) sent.resolve({});
    door.room.closes(1006);
    await assert.rejects(table.activity("none"), /no connection/);
  });
});
