import assert from "node:assert/strict";
import { type IRoomCache, initializeRoomCache } from "@colyseus/core";
import { ListedRooms } from "../../src/cluster/listed-rooms.ts";
import { RedisLink } from "../../src/cluster/redis-link.ts";
import { redisPrefix } from "../../src/many-processes.ts";
import { systemClock } from "../../src/ops/time.ts";
import { eventually, pause } from "../support/eventually.ts";
import { ownRedis } from "../support/own-redis.ts";

const PREFIX = "environment-1:";

describe("rooms and messages in Redis", function () {
  this.timeout(30_000);
  const redis = ownRedis();
  const stops: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await redis().kill();
    await redis().launch();
  });

  const link = (processId: string, prefix = PREFIX) => {
    const told: string[] = [];
    const one = new RedisLink({
      ...{ url: redis().url, processId, prefix, clock: systemClock },
      onChanged: (isThere) => told.push(isThere ? "there" : "away"),
    });
    const rooms = new ListedRooms();
    rooms.listIn(one, systemClock);
    stops.push(
      () => one.stop(),
      () => rooms.shutdown(),
    );
    return { link: one, rooms, told };
  };
  const room = (roomId: string, processId: string): IRoomCache =>
    initializeRoomCache({ roomId, processId, name: "session", clients: 0 });
  const listed = async () => {
    const found: string[] = [];
    await redis().ask(async (client) => {
      for (const key of await client.keys("*")) found.push(...(await client.hkeys(key)).map((id) => `${key} ${id}`));
    });
    return found.sort();
  };
  const connected = (...links: { told: string[] }[]) =>
    eventually("connected", () => links.every(({ told }) => told.includes("there")));

  it("[MP13] lists each process' rooms under a key of its own, with a time to live, and its prefix", async () => {
    const [a, b, other] = [link("a"), link("b"), link("a", "environment-2:")];
    await connected(a, b, other);
    for (const { rooms } of [a, b, other]) rooms.persist(room("s1", "a"), true);
    a.rooms.persist(room("s2", "a"), true);
    await a.rooms.insert(room("s3", "a"));
    a.rooms.remove("s2");
    assert.deepEqual((await a.rooms.findOne({ roomId: "s3" }))?.roomId, "s3");
    assert.equal(await b.rooms.findOne({ roomId: "s3" }), undefined, "matchmaking looks at this process alone");
    const expected = [
      "environment-1:a:roomcaches s1",
      "environment-1:a:roomcaches s3",
      "environment-1:b:roomcaches s1",
    ];
    await eventually("listed", async () => (await listed()).length === 4);
    assert.deepEqual(await listed(), [...expected, "environment-2:a:roomcaches s1"]);
    a.rooms.update((await a.rooms.findOne({ roomId: "s1" }))!, { $inc: { clients: 2 } });
    await eventually("counted", () =>
      redis().ask(async (client) => JSON.parse((await client.hget("environment-1:a:roomcaches", "s1"))!).clients === 2),
    );
    await a.link.keepListing(60);
    const ttl = await redis().ask((client) => client.ttl("environment-1:a:roomcaches"));
    assert.ok(ttl > 50 && ttl <= 60, `${ttl} s`);
    await a.link.forget("b");
    assert.ok(!(await listed()).some((line) => line.includes(":b:")), "what a dead process listed");
    await a.link.stop();
    assert.deepEqual(await listed(), ["environment-2:a:roomcaches s1"]);
  });

  it("[MP14] Redis away costs nobody any time, and everything is listed again when it is back", async () => {
    const a = link("a");
    await connected(a);
    a.rooms.persist(room("s1", "a"), true);
    await eventually("listed", async () => (await listed()).length === 1);
    await redis().kill();
    await eventually("told", () => a.told.at(-1) === "away");
    assert.equal(a.link.isConnected, false);
    const since = performance.now();
    a.rooms.persist(room("s2", "a"), true);
    a.rooms.remove("s1");
    assert.equal(await a.link.isThere(), false);
    assert.equal(await a.link.publish("messages", {}), false);
    await a.link.forget("b");
    console.log(`      all of it took ${(performance.now() - since).toFixed(1)} ms`);
    assert.deepEqual((await a.rooms.findOne({ roomId: "s2" }))?.roomId, "s2");
    await redis().launch();
    await eventually("listed again", async () => (await listed()).join() === "environment-1:a:roomcaches s2", 5_000);
    assert.equal(await a.link.isThere(), true);
    assert.deepEqual(a.told, ["there", "away", "there"]);
    // Others took it away, for they took this process for dead.
    await a.link.forget("a");
    assert.deepEqual(await listed(), []);
    a.rooms.listAgain();
    await eventually("listed again", async () => (await listed()).length === 1);
  });

  it("[MP14] a Redis that is not there at the start is found when it comes, with who listened meanwhile", async () => {
    await redis().kill();
    const [a, b] = [link("a"), link("b")];
    const heard: unknown[] = [];
    a.link.hear("messages", (message) => heard.push(message));
    a.rooms.persist(room("s1", "a"), true);
    await pause(300);
    assert.deepEqual(a.told, []);
    await redis().launch();
    await connected(a, b);
    await eventually("heard", async () => {
      await b.link.publish("messages", { n: 1 });
      return heard.length > 0;
    });
    assert.deepEqual(heard[0], { n: 1 });
    assert.deepEqual(await listed(), ["environment-1:a:roomcaches s1"]);
    await redis().kill();
    await redis().launch();
    heard.length = 0;
    await eventually(
      "heard again",
      async () => {
        await b.link.publish("messages", { n: 2 });
        return heard.length > 0;
      },
      5_000,
    );
  });

  it("[MP14] a Redis that stands still is waited for a second, and asked by a new connection afterwards", async () => {
    const a = link("a");
    await connected(a);
    redis().freeze();
    try {
      assert.equal(await a.link.isThere(), false);
      assert.equal(await a.link.publish("messages", {}), false);
      await eventually("given up", () => a.told.at(-1) === "away", 10_000);
    } finally {
      redis().thaw();
    }
    await eventually("there again", () => a.told.at(-1) === "there", 10_000);
    // Each connection comes back at its own time; the first one that does is told.
    await eventually("asked again", () => a.link.isThere(), 10_000);
  });

  it("[MP13] the prefix comes from the secret, and says nothing of it", () => {
    const one = redisPrefix("a secret of one database");
    assert.match(one, /^campaign-live:[0-9a-f]{12}:$/);
    assert.equal(one, redisPrefix("a secret of one database"));
    assert.notEqual(one, redisPrefix("a secret of another one"));
  });
});
