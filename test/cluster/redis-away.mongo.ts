import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { call } from "../support/http.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { ownRedis } from "../support/own-redis.ts";
import { Person } from "../support/people.ts";
import type { ServerProcess } from "../support/server.ts";

describe("two processes with a Redis that comes and goes", function () {
  this.timeout(60_000);
  const mongo = ownMongo();
  const redis = ownRedis();
  let fleet: Fleet;
  afterEach(() => fleet?.dispose());

  const redisOf = async (server: ServerProcess) => (await call(server.url, "GET", "/readyz")).body.redis;
  const known = (server: ServerProcess, count: number, operator: Person) =>
    eventually(`${count} processes are there`, async () => {
      const at = new Person(server, operator.userId, operator.token);
      const { items } = await at.get<{ items: unknown[] }>("GET", "/api/admin/processes");
      return items.length === count;
    });

  it("[MP11] [MP14] [MP15] [MP16] starts without it, and tells all processes of members at once, with it and without", async () => {
    await redis().kill();
    fleet = await Fleet.start(mongo(), { count: 2, redisUrl: redis().url });
    const [host, other] = fleet.servers;
    const operator = await Person.of(host!, "operator", { roles: ["operator"] });
    assert.deepEqual([await redisOf(host!), await redisOf(other!)], ["away", "away"]);
    const evening = await Evening.prepare(host!, { members: { kim: "player", lee: "player" } });
    const kim = await evening.person("kim").join(evening.sessionId);
    const lee = await evening.person("lee").join(evening.sessionId);
    for (const server of [host!, other!]) await known(server, 2, operator);
    const gmThere = new Person(other!, evening.gm.userId, evening.gm.token);
    const member = (userId: string) => `/api/campaigns/${evening.campaignId}/members/${userId}`;

    const changes = async (role: string) => {
      await gmThere.get("PUT", member("kim"), { role });
      // The answer came when the host had taken it: its patch is sent.
      await kim.until(`to be ${role}`, (state) => state.participants.get("kim")?.role === role, 250);
    };
    await changes("spectator");
    assert.equal((await kim.refused("set", { path: "shared/a", value: 1 })).code, "forbidden");
    await changes("player");
    await kim.command("set", { path: "shared/a", value: 1 });

    await redis().launch();
    await eventually("there", async () => (await redisOf(host!)) === "ok" && (await redisOf(other!)) === "ok", 5_000);
    await changes("spectator");
    await changes("player");
    const keys = await redis().ask((client) => client.keys("*"));
    assert.ok(keys.length === 1 && /^campaign-live:[0-9a-f]{12}:[\w-]+:roomcaches$/.test(keys[0]!), keys.join());

    await redis().kill();
    await changes("spectator");
    await gmThere.get("DELETE", member("lee"));
    assert.equal((await lee.closed).code, 4203);
    const roles = (await evening.events()).filter(({ kind }) => kind === "participant.role");
    assert.deepEqual(
      roles.map(({ actor }) => actor.userId),
      Array.from({ length: 5 }, () => "gm"),
    );
    const { items } = await operator.get<{ items: { internalUrl: string; sessions: number; connections: number }[] }>(
      "GET",
      "/api/admin/processes",
    );
    assert.deepEqual(
      items.map(({ internalUrl, sessions, connections }) => [internalUrl, sessions, connections]),
      [
        [host!.url, 1, 1],
        [other!.url, 0, 0],
      ],
    );
    const { text } = await call(host!.url, "GET", "/metrics");
    assert.match(text, /^campaign_live_processes 2$/m);
    assert.match(text, /^campaign_live_redis_up 0$/m);
    for (const server of fleet.servers) assert.ok(!/uncaught|unhandled/.test(server.log), server.log.slice(-2_000));
  });
});
