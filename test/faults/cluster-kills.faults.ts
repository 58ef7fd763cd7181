import assert from "node:assert/strict";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { Ordeal } from "../support/ordeal.ts";
import { sentAgain } from "../support/ordeal-checks.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { ownRedis } from "../support/own-redis.ts";
import { TcpProxy } from "../support/proxy.ts";
import { Random } from "../support/random.ts";
import type { ServerProcess } from "../support/server.ts";

/** `KILLS=100 STOPS=100` for a long night. */
const KILLS = Number(process.env.KILLS ?? 12);
const STOPS = Number(process.env.STOPS ?? 4);
const RATES = { RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" };

describe("three processes, of which one dies under load, again and again", function () {
  this.timeout(60_000 + (KILLS + STOPS) * 20_000);
  let fleet: Fleet;
  let balancer: TcpProxy;
  let ordeal: Ordeal;
  const random = Random.fromEnvironment();
  const asleep = new Set<ServerProcess>();
  after(async () => {
    for (const server of asleep) process.kill(server.pid, "SIGCONT");
    await balancer?.close();
    await fleet?.dispose();
  });
  const mongo = ownMongo();
  const redis = ownRedis();

  before(async () => {
    fleet = await Fleet.start(mongo(), { count: 3, redisUrl: redis().url, env: RATES });
    let turn = 0;
    /** As through a plain load balancer: to each in turn, but those that are known to be gone. */
    balancer = await TcpProxy.to(() => {
      const awake = fleet.servers.filter((server) => server.isRunning && !asleep.has(server));
      return awake[turn++ % awake.length]!.port;
    });
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
        await server.kill();
        await pause(50);
        took.push(await allBack());
        await server.start();
      });
    }
    told("a kill", took);
    await allBack();
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
        asleep.add(server);
        process.kill(server.pid, "SIGSTOP");
        await pause(random.between(4_000, 8_000));
        process.kill(server.pid, "SIGCONT");
        asleep.delete(server);
        took.push(await allBack());
      });
    }
    told("a waking", took);
    await allBack();
    await ordeal.judge();
    for (const server of fleet.servers) assert.ok(!/uncaught|unhandled/.test(server.log), "nothing threw that may not");
  });
});
