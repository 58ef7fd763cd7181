import assert from "node:assert/strict";
import { DecoderComplaints } from "../support/decoder-complaints.ts";
import { Evening } from "../support/evening.ts";
import { pause } from "../support/eventually.ts";
import { Random } from "../support/random.ts";
import { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";

const KILLS = 20;

describe("stock clients through many deaths of the server", function () {
  this.timeout(280_000);

  it(`[C30] are back by themselves after each of ${KILLS} kills under others' changes`, async () => {
    const random = Random.fromEnvironment();
    console.log(`      seed ${random.seed}`);
    const server = await ServerProcess.start({ env: { RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" } });
    const complaints = DecoderComplaints.watch();
    try {
      const evening = await Evening.prepare(server, {
        members: { ana: "player", ben: "player", eva: "gm", sam: "spectator" },
      });
      const people = [evening.gm, ...["ana", "ben", "eva", "sam"].map((userId) => evening.person(userId))];
      const clients = await Promise.all(
        people.map((person) => StockClient.join(person, server.url, evening.sessionId)),
      );
      const writers = clients.filter(({ userId }) => userId !== "sam");
      const write = async () => {
        const by = random.pick(writers);
        const isGm = by.state.participants.get(by.userId)?.role === "gm";
        const paths = [
          "shared/a",
          "shared/b/c",
          `private/${by.userId}/x`,
          ...(isGm ? ["gm/plot", "private/sam/y"] : []),
        ];
        const path = random.pick(paths);
        const isGone = random.next() < 0.3;
        // A command that the kill cuts off has no answer; what became of it shows in the comparison.
        await by
          .command(isGone ? "delete" : "set", isGone ? { path } : { path, value: random.text(6) })
          .catch(() => undefined);
      };
      await clients.at(-1)!.upLongEnough();
      const times: number[] = [];
      for (let kill = 1; kill <= KILLS; kill++) {
        const writing = Promise.all(Array.from({ length: 10 }, write));
        await pause(random.between(0, 40));
        const since = clients.map(({ events }) => events.length);
        await server.kill();
        await writing;
        await server.start();
        const readyAt = performance.now();
        const back = await Promise.all(clients.map((client, i) => client.back(since[i]!)));
        times.push(...back.map((at) => at - readyAt));
        await Promise.all(Array.from({ length: 5 }, write));
        for (const client of clients) {
          assert.deepEqual([kill, client.userId, await client.problems()], [kill, client.userId, []]);
        }
      }
      times.sort((a, b) => a - b);
      const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(share * times.length))]!);
      console.log(
        `      ${KILLS} kills, ${times.length} returns: back ${at(0.5)} ms (median) and ${at(0.99)} ms (p99) after ready`,
      );
      assert.deepEqual(complaints.lines, []);
      await Promise.all(clients.map((client) => client.leave()));
    } finally {
      complaints.stop();
      await server.dispose();
    }
  });
});
