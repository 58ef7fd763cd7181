import assert from "node:assert/strict";
import type { Participant } from "../../clients/js/src/state.ts";
import { FakeState } from "./fakeRoom.ts";
import { fakeTable, openTable } from "./fakeTable.ts";

const kim: Participant = {
  userId: "kim",
  name: "Kim",
  role: "player",
  presence: "online",
  activity: "none",
  joinedAt: 1,
  lastSeenAt: 1,
  reconnectUntil: 0,
};

describe("js client: the state", () => {
  it("[B15] is plain data of all that the room shows", async () => {
    const state = new FakeState().write("shared/a", 1);
    state.participants.set("kim", kim);
    state.hidden.set("gm/x", { value: "2", version: 1, by: "gm" });
    const info = { connections: 1, streams: 0, latencyMs: -1, reconnects: 0, droppedAt: 0, client: "web" };
    state.connections.set("kim", info);
    const knock = { userId: "pia", name: "Pia", role: "player", message: "me too?", since: 3 } as const;
    state.knocks.set("pia", knock);
    const { table } = await openTable({}, state);
    assert.deepEqual(
      { ...table.state },
      {
        sessionId: "s1",
        campaignId: "c1",
        title: "Evening",
        status: "live",
        statusSince: 1,
        statusBy: "gm",
        statusReason: "",
        seq: 1,
        digest: "",
        digestSeq: 0,
        participants: new Map([["kim", kim]]),
        entries: new Map([["shared/a", { value: "1", version: 1, by: "kim" }]]),
        hidden: new Map([["gm/x", { value: "2", version: 1, by: "gm" }]]),
        connections: new Map([["kim", info]]),
        knocks: new Map([["pia", knock]]),
      },
    );
    assert.deepEqual(table.entry("gm/x"), { value: "2", version: 1, by: "gm" });
  });

  it("[B15] tells exactly what a patch changed, and leaves the rest the same objects", async () => {
    const state = new FakeState().write("shared/a", 1).write("shared/b", 2);
    state.participants.set("kim", kim);
    const { table, door, told } = await openTable({}, state);
    const b = table.entry("shared/b");
    told.length = 0;
    state.write("shared/a", 5).write("shared/c", 3);
    state.entries.delete("shared/b");
    door.room.shows(state);
    assert.deepEqual(told, [{ name: "change", event: { seq: 4, paths: ["shared/a", "shared/c", "shared/b"] } }]);
    assert.equal(table.entry("shared/b"), undefined);
    assert.deepEqual(b, { value: "2", version: 2, by: "kim" });
    told.length = 0;
    door.room.shows(state);
    assert.deepEqual(told, []);
  });

  it("[B15] `status` tells of another's pause, too: who paused and why is part of it", async () => {
    const state = new FakeState();
    Object.assign(state, { status: "paused", statusBy: "", statusReason: "no GM is here" });
    const { door, named } = await openTable({}, state);
    Object.assign(state, { statusBy: "gm", statusReason: "tea", statusSince: 9 });
    door.room.shows(state);
    door.room.shows(state);
    assert.deepEqual(named("status"), [{ status: "paused", previous: "paused", by: "gm", reason: "tea" }]);
  });

  it("[B25] `knock` tells GMs who waits and who does no more; a server without knocks has none", async () => {
    const state = new FakeState();
    const { door, named, table } = await openTable({}, state);
    const knock = { userId: "pia", name: "Pia", role: "player", message: "", since: 3 } as const;
    state.knocks.set("pia", knock);
    door.room.shows(state);
    state.knocks.clear();
    door.room.shows(state);
    assert.deepEqual(named("knock"), [
      { userId: "pia", knock },
      { userId: "pia", knock: undefined },
    ]);
    const { knocks: _, ...without } = new FakeState();
    door.room.shows(without);
    assert.equal(table.state.knocks.size, 0);
  });

  it("[B15] `patch` tells every patch, also one without a change of entries or people", async () => {
    const state = new FakeState().write("shared/a", 1);
    const { table, door } = await openTable({}, state);
    const patches: number[] = [];
    table.on("patch", ({ seq }) => patches.push(seq));
    state.title = "Another evening";
    door.room.shows(state);
    state.write("shared/a", 2);
    door.room.shows(state);
    assert.deepEqual(patches, [1, 2]);
    assert.equal(table.state.title, "Another evening");
  });

  it("[B15] `presence` tells who came, changed and left; `status` every change, but not the first state", async () => {
    const state = new FakeState();
    state.participants.set("kim", kim);
    const { table, door, told, named } = await openTable({}, state);
    assert.deepEqual(named("status"), []);
    assert.deepEqual(named("presence"), [{ userId: "kim", participant: kim }]);
    told.length = 0;
    const idle = { ...kim, presence: "idle" } as const;
    state.participants.set("kim", idle);
    state.status = "paused";
    state.statusBy = "gm";
    state.statusReason = "pizza";
    door.room.shows(state);
    state.participants.delete("kim");
    door.room.shows(state);
    assert.deepEqual(told, [
      { name: "status", event: { status: "paused", previous: "live", by: "gm", reason: "pizza" } },
      { name: "presence", event: { userId: "kim", participant: idle } },
      { name: "presence", event: { userId: "kim", participant: undefined } },
    ]);
    assert.equal(table.state.participants.size, 0);
  });

  it("[B15] stays through a loss, and after it tells only what is different", async () => {
    const { table, door, clock, told } = await openTable({}, new FakeState().write("shared/a", 1).write("shared/b", 2));
    door.room.closes(1006);
    assert.equal(table.get("shared/a"), 1);
    await clock.turn(500);
    told.length = 0;
    door.room.shows(new FakeState().write("shared/a", 1).write("shared/b", 2).write("shared/c", 3));
    assert.deepEqual(
      told.filter((one) => one.name === "change").map((one) => one.event),
      [{ seq: 3, paths: ["shared/c"] }],
    );
  });

  it("[B15] `ready` resolves at the first full state, not at the join", async () => {
    const { table, door, clock } = fakeTable();
    let ready = false;
    void table.ready.then(() => {
      ready = true;
    });
    await clock.turn(0);
    assert.equal(ready, false);
    assert.equal(table.connection, "joining");
    door.room.shows(new FakeState());
    await clock.turn(0);
    assert.equal(ready, true);
  });

  it("[B15] rights withdrawn take their entries away: a map that is not sent any more is empty", async () => {
    const state = new FakeState();
    state.hidden.set("gm/x", { value: "2", version: 1, by: "gm" });
    const { table, door, named } = await openTable({}, state);
    const { hidden: _, connections: __, ...rest } = state;
    door.room.shows(rest);
    assert.equal(table.state.hidden.size, 0);
    assert.deepEqual((named("change").at(-1) as { paths: string[] }).paths, ["gm/x"]);
  });

  it("[B15] a listener that throws stops no other; one taken off is silent", async () => {
    const { table, door, state } = await openTable();
    const caught: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => void caught.push(error));
    try {
      const heard: string[] = [];
      table.on("change", () => {
        throw new Error("mine");
      });
      const off = table.on("change", () => void heard.push("off"));
      table.on("change", () => void heard.push("on"));
      off();
      door.room.shows(state.write("shared/a", 1));
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(heard, ["on"]);
      assert.match(String(caught[0]), /mine/);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });
});
