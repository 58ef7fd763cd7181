import assert from "node:assert/strict";
import { Balancer } from "../support/balancer.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { Ordeal } from "../support/ordeal.ts";
import { sentAgain } from "../support/ordeal-checks.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { ownRedis } from "../support/own-redis.ts";
import { Random } from "../support/random.ts";
import type { ServerProcess } from "../support/server.ts";

/** `KILLS=100 STOPS=100` for a long night. */
const KILLS = Number(process.env.KILLS ?? 8);
const STOPS = Number(process.env.STOPS ?? 3);
const RATES = { RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" };

describe("three processes, of which one dies under load, again and again", function () {
  this.timeout(60_000 + (KILLS + STOPS) * 20_000);
  let fleet: Fleet;
  let balancer: Balancer;
  let ordeal: Ordeal;
  const random = Random.fromEnvironment();
  after(async () => {
    await balancer?.dispose();
    await fleet?.dispose();
  });
  const mongo = ownMongo();
  const redis = ownRedis();

  before(async () => {
    fleet = await Fleet.start(mongo(), { count: 3, redisUrl: redis().url, env: RATES });
    balancer = await Balancer.before(fleet);
    const front = {
      url: balancer.url,
      tokenFor: (...asked: Parameters<ServerProcess["tokenFor"]>) => fleet.servers[0]!.tokenFor(...asked),
    };
    ordeal = await Ordeal.begin({ name: "cluster", server: front as unknown as ServerProcess, random });
  });

  /** Everybody comes back, as a client of ours does: again while the answer is 503 or a connection breaks. */
  const allBack = async () => {
    const since = performance.now();
    await eventually("everybody is back", () => ordeal.sitDown().then(() => true), 15_000);
    return performance.now() - since;
  };
  /** Everybody is in, and stays: a machine that is short of CPU takes processes for dead that are only slow. */
  const calm = async () => {
    for (let isCalm = false; !isCalm; ) {
      await allBack();
      await pause(700);
      isCalm = [...ordeal.seats.values()].every(({ closing }) => closing === null);
    }
  };
  const hostNow = async () => {
    const processId = (await fleet.leases()).get(ordeal.evening.sessionId);
    for (const server of fleet.servers) {
      if (server.isRunning && (await fleet.processIdOf(server)) === processId) return server;
    }
    return undefined;
  };
  /** The host as often as not. */
  const victim = async () => {
    const host = random.next() < 0.6 ? await hostNow() : undefined;
    return host ?? random.pick(fleet.servers);
  };
  const told = (what: string, took: readonly number[]) => {
    const sorted = took.toSorted((a, b) => a - b);
    const at = (part: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!);
    console.log(`      until everybody is in again after ${what}: median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  };

  it(`[MP18] ${KILLS} kills lose nothing that was acknowledged or shown, and count everything once`, async () => {
    const took: number[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      await allBack();
      await ordeal.play(async () => {
        await pause(random.between(50, 400));
        const server = await victim();
        // Every fourth time together with Redis.
        await Promise.all([server.kill(), kill % 4 === 0 ? redis().kill() : undefined]);
        await pause(50);
        took.push(await allBack());
        await server.start();
        if (kill % 4 === 0) await redis().launch();
      });
    }
    told("a kill", took);
    await calm();
    await ordeal.judge();
    assert.ok(sentAgain(ordeal) >= KILLS / 4, "the kills hit too little");
    const events = await ordeal.evening.events();
    assert.ok(events.some(({ kind }) => kind === "host.changed"));
  });

  it(`[MP18] ${STOPS} times a process sleeps for 4 to 8 s: it commits nothing on waking, and its clients are moved`, async () => {
    const took: number[] = [];
    for (let stop = 1; stop <= STOPS; stop++) {
      await allBack();
      await ordeal.play(async () => {
        await pause(random.between(50, 400));
        const server = await victim();
        balancer.stop(server);
        await pause(random.between(4_000, 8_000));
        balancer.wake(server);
        took.push(await allBack());
      });
    }
    told("a waking", took);
    await calm();
    await ordeal.judge();
    for (const server of fleet.servers) assert.ok(!/uncaught|unhandled/.test(server.log), "nothing threw that may not");
  });
});
