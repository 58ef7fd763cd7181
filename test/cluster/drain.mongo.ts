import assert from "node:assert/strict";
import { verifyChain } from "../../src/core/audit.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { TcpProxy } from "../support/proxy.ts";
import type { Refused } from "../support/seat.ts";
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
  this.timeout(60_000);
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
      Array.from({ length: 4 }, async (_, i) => {
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
      const log = server.log;
      const moved = log.match(/"msg":"handed over"|handed over/g)?.length ?? 0;
      console.log(`      stopped in ${stopMs} ms, ${moved} sessions moved`);
      await server.start();
      await server.ready();
      await pause(1_000);
    }
    await pause(3_000);
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
});
