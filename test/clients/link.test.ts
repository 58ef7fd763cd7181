import assert from "node:assert/strict";
import { afterClose, afterRefusedJoin } from "../../clients/js/src/closeCodes.ts";
import { JoinRefused } from "../../clients/js/src/errors.ts";
import { memoryStorage } from "../../clients/js/src/memoryStorage.ts";
import { FakeRoom, FakeState } from "./fakeRoom.ts";
import { fakeTable, openTable, tokenOf } from "./fakeTable.ts";
import { settle } from "./handCranked.ts";

describe("js client: joining and coming back", () => {
  it("[B1] sends the invite at each join until one worked, and never after", async () => {
    const { door, clock } = fakeTable({ joinOptions: { sessionId: "s1", invite: "abc", client: "web 1" } });
    door.plan = [503, "room"];
    await clock.turn(0);
    await clock.turn(200);
    door.room.shows(new FakeState());
    door.room.closes(1006);
    await clock.turn(500);
    assert.deepEqual(
      door.joins.map((join) => join.options),
      [
        { sessionId: "s1", client: "web 1", invite: "abc" },
        { sessionId: "s1", client: "web 1", invite: "abc" },
        { sessionId: "s1", client: "web 1" },
      ],
    );
  });

  for (const welcome of [429, 503, 502, 520, 521, 522, 523, 524, 525, 526, "nobody"] as const) {
    it(`[B2] waits 0, 0.2, 0.5, 1, 2, 5, 5 … s between tries while it gets ${welcome}`, async () => {
      const { door, clock } = fakeTable();
      door.plan = [welcome];
      await clock.turn(30_000);
      const times = door.joins.map((join) => join.at - 1_000_000);
      assert.deepEqual(times.slice(0, 8), [0, 200, 700, 1700, 3700, 8700, 13_700, 18_700]);
    });
  }

  it("[B2] tells before each wait until when it lasts", async () => {
    const { table, door, clock } = fakeTable();
    const until: number[] = [];
    table.on("waiting", (wait) => until.push(wait.until - 1_000_000));
    door.plan = ["nobody"];
    await clock.turn(3000);
    assert.deepEqual(until, [200, 700, 1700, 3700]);
  });

  it("[B2] begins the waits anew after a connection that stood 5 s, not after one that closes at once", async () => {
    const { door, clock } = fakeTable();
    await clock.turn(0);
    for (const waitMs of [200, 500, 1000]) {
      door.room.shows(new FakeState());
      door.room.closes(1006);
      await clock.turn(waitMs - 1);
      const before = door.joins.length;
      await clock.turn(1);
      assert.equal(door.joins.length, before + 1, `a try ${waitMs} ms after the loss`);
    }
    door.room.shows(new FakeState());
    await clock.turn(5000);
    door.room.closes(1006);
    const before = door.joins.length;
    await clock.turn(0);
    assert.equal(door.joins.length, before + 1, "a try at once");
  });

  it("[B3] comes back on every code that a host, a proxy or the network can give, and on no other", () => {
    const again = [1001, 1005, 1006, 1011, 1012, 1013, 1014, 4001, 4002, 4003, 4010];
    const final = [1000, 4100, 4101, 4102, 1002, 1003, 1008, 1009, 4000, 4200, 4201, 4202, 4203, 4205, 4206, 4999];
    for (const code of again) assert.equal(afterClose(code), "join_again", String(code));
    for (const code of final) assert.equal(afterClose(code), "final", String(code));
    assert.equal(afterClose(4204), "join_with_new_token");
  });

  for (const reason of ["host_moved", "server_restarting", "too_slow", "disconnected", ""]) {
    it(`[B3] comes back after 4010 ${reason}, which it tells`, async () => {
      const { door, clock, named } = await openTable();
      await clock.turn(6000);
      door.room.closes(4010, reason);
      await clock.turn(0);
      assert.equal(door.joins.length, 2);
      assert.deepEqual(named("lost"), [{ code: 4010, reason: reason === "" ? "connection_closed" : reason }]);
    });
  }

  for (const code of [1001, 1006, 4001, 4002, 4003]) {
    it(`[B3] joins again after ${code}, and tells \`lost\` and \`back\``, async () => {
      const { door, clock, named, table } = await openTable();
      await clock.turn(6000);
      door.room.closes(code);
      assert.equal(table.connection, "lost");
      await clock.turn(0);
      assert.equal(door.joins.length, 2);
      await clock.turn(70);
      door.room.shows(new FakeState());
      assert.equal(table.connection, "open");
      assert.equal((named("lost")[0] as { code: number }).code, code);
      assert.deepEqual(named("back"), [{ awayMs: 70 }]);
      assert.deepEqual(named("closed"), []);
    });
  }

  for (const [code, reason] of [
    [4200, "session_ended"],
    [4201, "removed"],
    [4202, "banned"],
    [4203, "access_revoked"],
    [4204, "token_expired"],
    [4205, "protocol_error"],
    [4206, "replaced"],
  ] as const) {
    it(`[B3] ends with ${code} ${reason}`, async () => {
      const { door, clock, named, table } = await openTable();
      door.room.closes(code);
      await clock.turn(60_000);
      assert.equal(door.joins.length, 1);
      assert.deepEqual(named("closed"), [{ code, reason }]);
      assert.equal(table.connection, "closed");
      assert.equal(clock.waiting, 0, "no timer is left");
    });
  }

  for (const code of [400, 401, 403, 404, 409, 410]) {
    it(`[B4] a join refused with ${code} is the end, told by \`ready\` and \`closed\``, async () => {
      const { door, clock, named, table } = fakeTable();
      door.plan = [code];
      await clock.turn(60_000);
      assert.equal(door.joins.length, 1);
      assert.deepEqual(named("closed"), [{ code, reason: `reason_${code}` }]);
      await assert.rejects(table.ready, (error) => error instanceof JoinRefused && error.code === code);
      assert.equal(clock.waiting, 0);
    });
  }

  it("[B4] a socket that closes before the room is joined counts by its close code", () => {
    assert.equal(afterRefusedJoin(4010), "join_again");
    assert.equal(afterRefusedJoin(1006), "join_again");
    assert.equal(afterRefusedJoin(4202), "final");
  });

  it("[B5] a join that hangs is given up after its time, and its room dropped when it comes after all", async () => {
    const { door, clock, table } = fakeTable();
    door.plan = ["hangs", "room"];
    await clock.turn(14_999);
    assert.equal(door.joins.length, 1);
    await clock.turn(201);
    assert.equal(door.joins.length, 2);
    door.room.shows(new FakeState());
    const late = new FakeRoom();
    door.hanging[0]?.(late);
    await settle();
    assert.equal(late.dropped, true);
    assert.equal(door.room.dropped, false);
    assert.equal(table.connection, "open");
  });

  it("[B5] a room whose first state never comes is given up after a minute", async () => {
    const { door, clock } = fakeTable();
    await clock.turn(59_999);
    assert.equal(door.joins.length, 1);
    await clock.turn(1);
    assert.equal(door.rooms[0]?.dropped, true);
    await clock.turn(0);
    assert.equal(door.joins.length, 2);
  });

  it("[B5] in a long wait it looks each second for a server that was gone, and joins when it answers", async () => {
    let up = false;
    let looks = 0;
    const probe = async () => {
      looks++;
      return up;
    };
    const { door, clock } = fakeTable({ probe });
    door.plan = ["nobody"];
    await clock.turn(8700);
    assert.equal(door.joins.length, 6);
    const before = looks;
    await clock.turn(2500);
    assert.equal(looks, before + 2);
    up = true;
    door.plan = ["room"];
    await clock.turn(500);
    assert.equal(door.joins.length, 7);
    assert.equal(door.joins[6]?.at, 1_000_000 + 8700 + 3000);
  });

  it("[B5] who is answered with 429 or 503 keeps to the waits and looks for nobody", async () => {
    let looks = 0;
    const { door, clock } = fakeTable({ probe: async () => ++looks > 0 });
    door.plan = [503];
    await clock.turn(30_000);
    assert.equal(looks, 0);
    assert.equal(door.joins.length, 10);
  });

  it("[B5] `wake` tries at once instead of at the next turn", async () => {
    const { door, clock, table } = fakeTable();
    door.plan = ["nobody"];
    await clock.turn(8700);
    const before = door.joins.length;
    table.wake();
    await settle();
    assert.equal(door.joins.length, before + 1);
  });

  it("[B6] a token function is asked before every join and told why; after 4204 its new token is used", async () => {
    const needs: string[] = [];
    const token = (need: string) => {
      needs.push(need);
      return tokenOf("kim", needs.length);
    };
    const { door, clock } = await openTable({ token });
    await clock.turn(6000);
    door.room.closes(4204);
    await clock.turn(0);
    door.room.shows(new FakeState());
    await clock.turn(6000);
    door.room.closes(1006);
    await clock.turn(0);
    assert.deepEqual(needs, ["join", "expired", "join"]);
    assert.deepEqual(
      door.joins.map((join) => join.token),
      [tokenOf("kim", 1), tokenOf("kim", 2), tokenOf("kim", 3)],
    );
  });

  it("[B6] after a join refused with 401 a token function is asked once more, then it is the end", async () => {
    const needs: string[] = [];
    const { door, clock, named } = fakeTable({ token: async (need) => tokenOf("kim", needs.push(need)) });
    door.plan = [401];
    await clock.turn(10_000);
    assert.deepEqual(needs, ["join", "refused"]);
    assert.deepEqual(named("closed"), [{ code: 401, reason: "reason_401" }]);
  });

  it("[B6] a token function that fails is asked again as if nobody had answered", async () => {
    let asked = 0;
    const token = async () => {
      if (++asked < 3) throw new Error("offline");
      return tokenOf("kim");
    };
    const { door, clock } = fakeTable({ token });
    await clock.turn(700);
    assert.equal(asked, 3);
    assert.equal(door.joins.length, 1);
  });

  it("[B24] a token of another person is no way in: nobody is joined, and nothing of theirs is sent", async () => {
    const tokens = ["kim", "ana"];
    const storage = memoryStorage();
    const { door, clock, table, named } = await openTable({ storage, token: () => tokenOf(tokens.shift() ?? "ana") });
    void table.set("shared/a", 1);
    await clock.turn(6000);
    door.room.closes(4010, "server_restarting");
    await clock.turn(60_000);
    assert.equal(door.joins.length, 1);
    assert.deepEqual(named("closed"), [{ code: 401, reason: "another_person" }]);
    assert.equal((await storage.load("s1/kim", assert.fail)).length, 1, "kim's commands wait for kim");

    const given = fakeTable({ storage, userId: "kim", token: async () => tokenOf("ana") });
    await given.clock.turn(60_000);
    assert.deepEqual(given.door.joins, []);
    await assert.rejects(given.table.ready, (error) => error instanceof JoinRefused && error.code === 401);
  });

  it("[B24] a token that cannot be read is for the server to judge", async () => {
    const { door, clock } = fakeTable({ userId: "kim", token: () => "opaque" });
    await clock.turn(0);
    assert.equal(door.joins.length, 1);
  });

  it("[B6] on `token_expiring` a new token is fetched and sent by `authenticate`; a string has none to give", async () => {
    const { door, named } = await openTable({ token: async (need) => `${tokenOf("kim")}${need}` });
    door.room.says("token_expiring", { expiresAt: "2026-01-01T00:00:00.000Z" });
    await settle();
    assert.deepEqual(
      door.room.sent.map(({ type, payload }) => ({ type, payload })),
      [{ type: "authenticate", payload: { token: `${tokenOf("kim")}expiring` } }],
    );
    door.room.sent[0]?.reject(new Error("no"));
    await settle();
    assert.equal(named("trouble").length, 1);

    const fixed = await openTable();
    fixed.door.room.says("token_expiring", { expiresAt: "2026-01-01T00:00:00.000Z" });
    await settle();
    assert.deepEqual(fixed.door.room.sent, []);
  });

  it("[B16] pings every 5 s; silence of 8 s is a loss, anything that arrives gives it a new time", async () => {
    const { door, clock, state, named } = await openTable();
    const { room } = door;
    await clock.turn(5000);
    assert.equal(room.pings, 1);
    room.pongs(30);
    assert.deepEqual(named("latency"), [{ rttMs: 30 }]);
    await clock.turn(5000 + 7999);
    assert.equal(room.pings, 2);
    room.shows(state.write("shared/a", 1));
    await clock.turn(7999);
    assert.equal(room.dropped, false);
    await clock.turn(1);
    assert.equal(room.dropped, true);
    assert.equal(named("lost").length, 1);
    await clock.turn(0);
    assert.equal(door.joins.length, 2);
  });

  it("[B16] what a dead room still says is not heard", async () => {
    const { door, clock, table, named } = await openTable();
    const { room } = door;
    await clock.turn(13_000);
    assert.equal(room.dropped, true);
    await clock.turn(0);
    door.room.shows(new FakeState());
    room.shows(new FakeState().write("shared/ghost", 1));
    room.closes(1006);
    room.says("hello", {});
    assert.equal(table.get("shared/ghost"), undefined);
    assert.equal(table.connection, "open");
    assert.deepEqual(named("message"), []);
  });

  it("[B16] reports the round trip where asked to", async () => {
    const { door, clock } = await openTable({ reportLatency: true });
    await clock.turn(5000);
    door.room.pongs(70_000);
    assert.deepEqual(door.room.sent[0]?.payload, { rttMs: 60_000 });
  });

  it("[B11] `leave` gives the place up, `close` only drops the socket; neither comes back", async () => {
    const one = await openTable();
    one.table.leave();
    assert.deepEqual([one.door.room.left, one.door.room.dropped], [true, false]);
    const other = await openTable();
    other.table.close();
    assert.deepEqual([other.door.room.left, other.door.room.dropped], [false, true]);
    for (const { clock, door, named } of [one, other]) {
      await clock.turn(60_000);
      assert.equal(door.joins.length, 1);
      assert.equal(named("closed").length, 1);
      assert.equal(clock.waiting, 0);
    }
  });
});
