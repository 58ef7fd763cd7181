import assert from "node:assert/strict";
import { verifyChain } from "../../src/core/audit.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person } from "../support/people.ts";
import { TcpProxy } from "../support/proxy.ts";
import type { Refused } from "../support/seat.ts";
import type { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";
import { copyOf } from "../support/table.ts";

/** Somebody at a stock SDK who counts up an entry of their own all the time, and sees how the others are there. */
class Player {
  readonly client: StockClient;
  readonly path: string;
  readonly problems: string[] = [];
  accepted = 0;
  /** how often they had to send a command again */
  again = 0;
  #isPlaying = true;

  constructor(client: StockClient) {
    this.client = client;
    this.path = `shared/${client.userId}`;
    client.room.onStateChange((state) => {
      for (const [userId, { presence }] of copyOf(state.participants)) {
        if (presence === "disconnected") this.problems.push(`${client.userId} sees ${userId} disconnected`);
      }
    });
  }

  /** Until `stop`; each command is sent until it is accepted, or refused for good. */
  async play(): Promise<void> {
    for (let n = 1; this.#isPlaying; n++) {
      while (!(await this.#attempt(`${this.client.userId}-${n}`))) this.again++;
      this.accepted = n;
      await pause(20);
    }
  }

  stop(): void {
    this.#isPlaying = false;
  }

  async #attempt(id: string): Promise<boolean> {
    try {
      const command = { id, action: "increment", payload: { path: this.path, by: 1 } };
      await this.client.room.request("command", command, { timeout: 1_000 });
      return true;
    } catch (error) {
      const refusal = (error as { reason?: Refused }).reason;
      if (refusal?.code !== undefined && !refusal.retryable) {
        this.problems.push(`${id} is refused: ${refusal.code}`);
        return true;
      }
      await pause(50);
      return false;
    }
  }
}

describe("a process that drains", function () {
  this.timeout(120_000);
  let fleet: Fleet;
  let balancer: TcpProxy | undefined;
  after(async () => {
    await balancer?.close();
    await fleet?.dispose();
  });
  const mongo = ownMongo();
  before(async () => {
    fleet = await Fleet.start(mongo(), { count: 3 });
    // One that looks at nothing: a server gets new connections as long as it listens.
    let turn = 0;
    const running = () => fleet.servers.filter(({ isRunning }) => isRunning);
    balancer = await TcpProxy.to(() => Number(new URL(running()[turn++ % running().length]!.url).port));
  });

  it("[MP60] [MP63] [MP66] [MP68] one after the other: no command is lost, nobody is shown as gone, all come back by themselves", async () => {
    const through = balancer!.url;
    const tables = await Promise.all(
      Array.from({ length: 3 }, async (_, i) => {
        const members = { [`ann-${i}`]: "player", [`bob-${i}`]: "player" } as const;
        const evening = await Evening.prepare(fleet.servers[i % 3]!, { gm: `gm-${i}`, members });
        const people = [evening.gm, ...Object.keys(members).map((userId) => evening.person(userId))];
        const players = await Promise.all(
          people.map(async (one) => new Player(await StockClient.join(one, through, evening.sessionId))),
        );
        return { evening, players };
      }),
    );
    const players = tables.flatMap(({ players: theirs }) => theirs);
    await Promise.all(players.map(({ client }) => client.upLongEnough()));
    const playing = players.map((player) => player.play());
    for (const server of fleet.servers) {
      const since = Date.now();
      assert.equal(await server.stop(), 0);
      const stopMs = Date.now() - since;
      const stood = Array.from(server.log.matchAll(/"ms":(\d+),"msg":"handed over"/g), ([, ms]) => ms);
      console.log(`      stopped in ${stopMs} ms; sessions handed over stood still for ${stood.join(", ")} ms`);
      await server.start();
      await server.ready();
      await pause(1_000);
    }
    await pause(1_500);
    for (const player of players) player.stop();
    await Promise.all(playing);
    const returns = players.map(({ client }) => client.returns);
    console.log(
      `      ${players.reduce((sum, { accepted }) => sum + accepted, 0)} commands,`,
      `${players.reduce((sum, { again }) => sum + again, 0)} sent again,`,
      `${returns.reduce((sum, n) => sum + n, 0)} returns`,
    );
    assert.deepEqual([...new Set(players.flatMap(({ problems }) => problems))], []);
    for (const { client, path, accepted } of players) {
      assert.equal(client.ending, null);
      assert.ok(accepted > 50, `${accepted} commands of ${client.userId}`);
      await eventually("all is shown", () => client.state.entries.get(path)?.value === String(accepted));
      assert.deepEqual(await client.problems(), []);
    }
    for (const { evening } of tables) {
      const { items } = await evening.gm.get<{ items: { kind: string }[] }>("GET", `${evening.path}/events?limit=200`);
      const kinds = items.map(({ kind }) => kind);
      assert.ok(kinds.includes("host.changed"), kinds.join());
      for (const kind of ["participant.dropped", "participant.reconnected", "session.restored"]) {
        assert.ok(!kinds.includes(kind), `${kind} of ${kinds.join()}`);
      }
      assert.ok(verifyChain(items as never).valid);
    }
    await Promise.all(players.map(({ client }) => client.leave()));
  });

  /** Evenings at one server, with a GM and a player each, who come back by themselves. */
  const evenings = async (at: ServerProcess, name: string, count: number) =>
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const evening = await Evening.prepare(at, { gm: `${name}-gm-${i}`, members: { [`${name}-${i}`]: "player" } });
        const through = balancer!.url;
        const seats = await Promise.all(
          [evening.gm, evening.person(`${name}-${i}`)].map((one) =>
            one.join(evening.sessionId, { through, reconnects: true }),
          ),
        );
        return { evening, seats };
      }),
    );
  const hostsOf = async (tables: Awaited<ReturnType<typeof evenings>>) => {
    const leases = await fleet.leases();
    return tables.map(({ evening }) => leases.get(evening.sessionId));
  };
  /** That everybody is in again, and nobody was gone in between. */
  const goesOn = async (tables: Awaited<ReturnType<typeof evenings>>, asker: ServerProcess) => {
    for (const { evening, seats } of tables) {
      for (const [n, seat] of seats.entries()) {
        await eventually("they play on", async () => {
          const outcome = await seat.attempt(
            { id: `after-${n}`, action: "set", payload: { path: "shared/a", value: n } },
            500,
          );
          return outcome.kind === "accepted";
        });
      }
      const gm = new Person(asker, evening.gm.userId, evening.gm.token);
      const { items } = await gm.get<{ items: { kind: string }[] }>("GET", `${evening.path}/events?limit=200`);
      const kinds = items.map(({ kind }) => kind);
      assert.ok(!kinds.includes("participant.dropped"), kinds.join());
      assert.ok(kinds.includes("host.changed"), kinds.join());
      assert.ok(verifyChain(items as never).valid);
      for (const seat of seats) await seat.leave();
    }
  };

  it("[MP65] asks another process where the first one hangs", async () => {
    const [one, two, three] = fleet.servers;
    const tables = await evenings(one!, "hangs", 4);
    const stays = await fleet.processIdOf(three!);
    process.kill(two!.pid, "SIGSTOP");
    try {
      const since = Date.now();
      assert.equal(await one!.stop(), 0);
      console.log(`      stopped in ${Date.now() - since} ms beside a process that hangs`);
      assert.deepEqual([...new Set(await hostsOf(tables))], [stays]);
    } finally {
      process.kill(two!.pid, "SIGCONT");
    }
    await one!.start();
    await goesOn(tables, three!);
  });

  it("[MP65] leaves its sessions to the last one where another one drains as well", async () => {
    const [one, two, three] = fleet.servers;
    const tables = [...(await evenings(one!, "two-a", 2)), ...(await evenings(two!, "two-b", 2))];
    const last = await fleet.processIdOf(three!);
    assert.deepEqual(await Promise.all([one!.stop(), two!.stop()]), [0, 0]);
    assert.deepEqual([...new Set(await hostsOf(tables))], [last]);
    await goesOn(tables, three!);
    await one!.start();
  });

  it("[MP63] [MP67] ends in time while the database hangs, and loses nothing", async () => {
    const [one, , three] = fleet.servers;
    const [table] = await evenings(one!, "slow", 1);
    const { evening, seats } = table!;
    const before = await seats[1]!.command("set", { path: "shared/before", value: 1 });
    const stopping = one!.stop();
    await pause(300);
    mongo().freeze();
    const doubtful = seats[1]!.attempt(
      { id: "doubtful", action: "increment", payload: { path: "shared/n", by: 1 } },
      5_000,
    );
    await pause(2_000);
    mongo().thaw();
    assert.equal(await stopping, 0);
    await doubtful;
    await eventually(
      "the command is accepted",
      async () => {
        const again = await seats[1]!.attempt(
          { id: "doubtful", action: "increment", payload: { path: "shared/n", by: 1 } },
          1_000,
        );
        return again.kind === "accepted" && again.answer.seq === before.seq + 1;
      },
      10_000,
    );
    assert.equal(seats[1]!.value("shared/n"), 1);
    const gm = new Person(three!, evening.gm.userId, evening.gm.token);
    const { valid } = await gm.get<{ valid: boolean }>("GET", `${evening.path}/events/verify`);
    assert.ok(valid);
    for (const seat of seats) await seat.leave();
    await one!.start();
  });

  it("[MP68] hands over, or never opens, a session that is just being opened", async () => {
    const [one, , three] = fleet.servers;
    const prepared = await Promise.all(
      Array.from({ length: 6 }, (_, i) => Evening.prepare(three!, { gm: `late-gm-${i}`, isLive: false })),
    );
    const drained = await fleet.processIdOf(one!);
    const joins = prepared.map(({ gm, sessionId }) => new Person(one!, gm.userId, gm.token).join(sessionId));
    const outcomes = Promise.allSettled(joins);
    await pause(20);
    assert.equal(await one!.stop(), 0);
    for (const outcome of await outcomes) {
      if (outcome.status === "rejected") continue;
      assert.deepEqual(await outcome.value.ended(), { code: 4010, reason: "host_moved" });
    }
    assert.ok(![...(await fleet.leases()).values()].includes(drained));
    for (const { gm, sessionId } of prepared) {
      const seat = await eventually("they come in", () => gm.join(sessionId).catch(() => undefined), 5_000);
      assert.equal((await seat.command("set", { path: "shared/a", value: 1 })).seq, 1);
      await seat.leave();
    }
  });
});
