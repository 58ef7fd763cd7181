import assert from "node:assert/strict";
import { concurrently } from "../support/concurrently.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { refusalOf } from "../support/people.ts";
import { TcpProxy } from "../support/proxy.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import { assertWhole } from "../support/whole.ts";

const BATCH = 250;
const KIB = 1024;

/** So many entries, by the GM: of ten, seven for all, one for GMs, and one each for `ana` and `sam`. */
async function fill(gm: Seat, entries: number, text: string): Promise<void> {
  const paths = Array.from({ length: entries }, (_, i) => {
    const space = ["gm", "private/ana", "private/sam"][i % 10] ?? "shared";
    return `${space}/thing${i}/hp`;
  });
  for (let i = 0; i < paths.length; i += BATCH) {
    const ops = paths.slice(i, i + BATCH).map((path) => ({ action: "set", payload: { path, value: text } }));
    await gm.command("batch", { ops });
  }
}

describe("slow lines and large tables", function () {
  this.timeout(60_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0" } });
  });

  after(async () => await server?.dispose());

  const prepare = (settings: object = {}) =>
    Evening.prepare(server, { members: { ana: "player", ben: "player", sam: "spectator" }, session: { settings } });

  concurrently({
    "[C14] who reads nothing for 5 s while 2,000 changes happen ends with exactly what they should": async () => {
      const evening = await prepare();
      const wire = await TcpProxy.to(server.port);
      const gm = await evening.gm.join(evening.sessionId);
      const ben = await evening.person("ben").join(evening.sessionId);
      const ana = await evening.person("ana").join(evening.sessionId, { through: wire.url });
      wire.stall();
      const stalledAt = Date.now();
      const waits: number[] = [];
      let last = 0;
      for (let round = 0; round < 100; round++) {
        const sentAt = Date.now();
        const done = Array.from({ length: 20 }, (_, i) => {
          const path = `${["shared", "gm", "private/ana", "private/sam"][i % 4]}/thing${(round * 7 + i) % 60}`;
          if (i === 19 && round > 3) return gm.command("delete", { path });
          return gm.command("set", { path, value: `${round} ${"x".repeat(2 * KIB)}` });
        });
        last = Math.max(...(await Promise.all(done)).map(({ seq }) => seq));
        await ben.caughtUp(last);
        waits.push(Date.now() - sentAt);
      }
      assert.ok(ana.state.seq < last, "the wire stood still");
      await pause(Math.max(0, 5_000 - (Date.now() - stalledAt)));
      wire.resume();
      await ana.caughtUp(last, 8_000);
      assert.equal(ana.closing, null);
      for (const seat of [gm, ben, ana]) await assertWhole(seat);
      assert.ok(waits.sort((a, b) => a - b)[50]! < 500, "the others went on meanwhile");
      await wire.close();
    },

    "[C15] a table of 10,000 entries is whole for GM, player and spectator": async () => {
      const evening = await prepare();
      await fill(await evening.gm.join(evening.sessionId), 10_000, "v".repeat(40));
      const took: string[] = [];
      for (const person of [evening.gm, evening.person("ana"), evening.person("sam"), evening.person("ben")]) {
        const start = performance.now();
        const seat = await person.join(evening.sessionId);
        took.push(`${person.userId} ${Math.round(performance.now() - start)} ms`);
        await assertWhole(seat);
        const sizes = [seat.state.entries.size, seat.state.hidden?.size ?? 0];
        const hidden = { gm: 3_000, ana: 1_000, sam: 1_000, ben: 0 }[person.userId];
        assert.deepEqual(sizes, [7_000, hidden], person.userId);
      }
      console.log(`      joins to 10,000 entries: ${took.join(", ")}`);
    },

    "[C17] a silent socket makes room for a newer one after 6 s, and not before": async () => {
      const evening = await prepare({ connectionsPerParticipant: 1 });
      const wire = await TcpProxy.to(server.port);
      const ana = evening.person("ana");
      const first = await ana.join(evening.sessionId, { through: wire.url });
      assert.deepEqual(await ana.refusedJoin(evening.sessionId), { code: 429, message: "too_many_connections" });
      wire.stall();
      const stalledAt = Date.now();
      await pause(4_000);
      assert.deepEqual(await ana.refusedJoin(evening.sessionId), { code: 429, message: "too_many_connections" });
      const second = await eventually(
        "the newer one is let in",
        async () => {
          const joining = ana.join(evening.sessionId);
          return await joining.catch(async () => (await refusalOf(joining)).code !== 429 && undefined);
        },
        7_000,
      );
      const afterMs = Date.now() - stalledAt;
      // its last sign of life may be up to a heartbeat older than the standstill
      assert.ok(afterMs > 4_000 && afterMs < 10_000, `${afterMs} ms`);
      wire.resume();
      const { code } = await first.ended();
      assert.ok(code === 4206 || code === 1006, String(code));
      assert.equal(second.closing, null);
      await assertWhole(second);
      await wire.close();
    },
  });
});
