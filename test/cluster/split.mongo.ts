import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { call } from "../support/http.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person } from "../support/people.ts";
import { TcpProxy } from "../support/proxy.ts";

describe("a process that is cut off from the database, and from nothing else", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  let wire: TcpProxy;
  after(async () => {
    await fleet?.dispose();
    await wire?.close();
  });
  const mongo = ownMongo();

  it("[MP8] [MP10] records nothing, loses its sessions to the others, and moves its people when it is back", async () => {
    wire = await TcpProxy.to(mongo().port);
    fleet = await Fleet.start(mongo(), {
      count: 2,
      envOf: (n, uri) => (n === 0 ? { MONGODB_URI: uri.replace(`:${mongo().port}`, `:${wire.port}`) } : {}),
    });
    const [cut, other] = fleet.servers;
    const before = await fleet.processIdOf(cut!);
    const evening = await Evening.prepare(cut!, { members: { kim: "player" } });
    const kim = await evening.person("kim").join(evening.sessionId);
    await kim.command("set", { path: "shared/a", value: 1 });

    wire.shut();
    wire.stall();
    const refused = await kim.refused("set", { path: "shared/a", value: 2 });
    assert.deepEqual([refused.code, refused.retryable], ["journal_unavailable", true]);
    await eventually(
      "the other has the session",
      async () => (await fleet.leases()).get(evening.sessionId) !== before,
      8_000,
    );
    const there = await new Person(other!, "kim", evening.person("kim").token).join(evening.sessionId);
    const { seq } = await there.command("set", { path: "shared/b", value: 3 });
    assert.equal((await call(cut!.url, "GET", "/readyz")).status, 503);

    wire.open();
    wire.resume();
    const closing = await Promise.race([kim.closed, pause(15_000)]);
    assert.deepEqual(closing, { code: 4010, reason: "host_moved" });
    const state = await evening.gm.get<{ seq: number; entries: Record<string, { value: string }> }>(
      "GET",
      `${evening.path}/state`,
    );
    assert.equal(state.seq, seq);
    assert.deepEqual(
      Object.entries(state.entries).map(([path, { value }]) => [path, value]),
      [
        ["shared/a", "1"],
        ["shared/b", "3"],
      ],
    );
    await eventually("it is ready again", async () => (await call(cut!.url, "GET", "/readyz")).status === 200, 15_000);
    assert.equal(await fleet.processIdOf(cut!), before);
  });
});
