import assert from "node:assert/strict";
import { Balancer } from "../support/balancer.ts";
import { Evening } from "../support/evening.ts";
import { Fleet } from "../support/fleet.ts";
import { ownMongo } from "../support/own-mongo.ts";
import type { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";

describe("a stock SDK behind a plain balancer, whose session's host goes", function () {
  this.timeout(90_000);
  let fleet: Fleet;
  let balancer: Balancer;
  after(async () => {
    await balancer?.dispose();
    await fleet?.dispose();
  });
  const mongo = ownMongo();
  before(async () => {
    fleet = await Fleet.start(mongo(), { count: 3 });
    balancer = await Balancer.before(fleet);
  });
  afterEach(async () => {
    await Promise.all(fleet.servers.map((server) => server.isRunning || server.start()));
  });

  const goings: Readonly<Record<string, (host: ServerProcess) => Promise<() => void>>> = {
    "killed (SIGKILL)": async (host) => {
      await host.kill();
      return () => undefined;
    },
    "stopped (SIGTERM)": async (host) => {
      assert.equal(await host.stop(), 0);
      return () => undefined;
    },
    "asleep (SIGSTOP)": async (host) => {
      balancer.stop(host);
      return () => balancer.wake(host);
    },
  };

  for (const [how, goes] of Object.entries(goings)) {
    it(`[MP18] comes back by itself, with a right copy, when that is ${how}`, async () => {
      const [host, other] = fleet.servers as [ServerProcess, ServerProcess];
      const evening = await Evening.prepare(host, { members: { ana: "player", ben: "player" } });
      const people = await Promise.all(
        // By way of each process: the host itself, and those that pass the socket on.
        ["gm", "ana", "ben"].map((userId) =>
          StockClient.join(evening.person(userId), other.url, evening.sessionId, { through: balancer.url }),
        ),
      );
      const [gm] = people;
      for (let i = 0; i < 20; i++) await gm!.command("set", { path: `shared/thing${i}`, value: i });
      for (const client of people) await client.upLongEnough();
      const marks = people.map(({ events }) => events.length);
      const since = performance.now();
      const undo = await goes(host);
      let isUndone = false;
      try {
        const waking = setTimeout(() => {
          isUndone = true;
          undo();
        }, 5_000);
        const back = await Promise.all(people.map((client, i) => client.back(marks[i]!, 20_000)));
        clearTimeout(waking);
        console.log(`      ${how}: back after ${back.map((at) => Math.round(at - since)).join(", ")} ms`);
      } finally {
        if (!isUndone) undo();
      }
      await gm!.command("delete", { path: "shared/thing3" });
      for (const client of people) assert.deepEqual(await client.problems(), [], client.userId);
      for (const client of people) await client.leave();
    });
  }
});
