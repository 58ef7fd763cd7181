import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { call } from "../support/http.ts";
import { hasNginx, Nginx } from "../support/nginx.ts";
import { ownMongo } from "../support/own-mongo.ts";
import type { Seat } from "../support/seat.ts";
import { nginxFile } from "./nginx-file.ts";

const SESSIONS = 6;
/** A client comes back after the kill, and its session is open elsewhere: with room for a busy machine. */
const BACK_WITHIN_MS = 15_000;

describe("two servers behind deploy/nginx.conf, without stickiness", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  let nginx: Nginx;
  // Before the database goes, for the fleet's is in it.
  after(async () => {
    await nginx?.dispose();
    await fleet?.dispose();
  });
  const mongo = ownMongo();
  let tables: { readonly evening: Evening; readonly gm: Seat; readonly kim: Seat }[];
  before(async function () {
    if (!hasNginx()) return this.skip();
    fleet = await Fleet.start(mongo(), { count: 2, env: { TRUST_PROXY: "loopback" } });
    const [one, two] = fleet.servers;
    nginx = await Nginx.startWhole(nginxFile([one!.port, two!.port]));
  });
  const ask = (path: string, token: string) => call(nginx.url, "GET", path, { token });

  it("[MP81] people meet at their table, whichever server each of them gets", async () => {
    const through = { through: nginx.url, reconnects: true };
    tables = await Promise.all(
      Array.from({ length: SESSIONS }, async (_, i) => {
        const host = fleet.servers[i % 2]!;
        const evening = await Evening.prepare(host, { gm: `gm-${i}`, members: { [`kim-${i}`]: "player" } });
        const gm = await evening.gm.join(evening.sessionId, through);
        return { evening, gm, kim: await evening.person(`kim-${i}`).join(evening.sessionId, through) };
      }),
    );
    for (const { gm, kim } of tables) {
      await gm.command("set", { path: "shared/from-gm", value: 1 });
      await kim.command("set", { path: "shared/from-kim", value: 2 });
      await gm.until("what Kim did", () => gm.value("shared/from-kim") === 2);
      await kim.until("what the GM did", () => kim.value("shared/from-gm") === 1);
    }
    const hosts = new Set((await fleet.leases()).values());
    assert.equal(hosts.size, 2, "both host some");
    const served = fleet.servers.map(
      ({ port }) => nginx.log("access").split(`"server":"127.0.0.1:${port}"`).length - 1,
    );
    assert.ok(
      served.every((requests) => requests > 3),
      `both were asked: ${served}`,
    );
  });

  it("[MP81] [MP85] one is killed: everybody comes back by themselves, to all that was acknowledged", async () => {
    const [one] = fleet.servers;
    const killedAt = Date.now();
    await one!.kill();
    await Promise.all(
      tables.map(async ({ evening, gm, kim }) => {
        for (const seat of [gm, kim]) {
          const path = `shared/after-${seat.userId}`;
          await eventually(
            `${seat.userId} plays on`,
            async () => {
              assert.equal(seat.closing, null);
              const command = { id: `after-${seat.userId}`, action: "set", payload: { path, value: 3 } };
              return (await seat.attempt(command, 1_000)).kind === "accepted";
            },
            BACK_WITHIN_MS,
          );
        }
        await gm.until("what both did", () =>
          [gm, kim].every(({ userId }) => gm.value(`shared/after-${userId}`) === 3),
        );
        assert.deepEqual([gm.value("shared/from-gm"), gm.value("shared/from-kim")], [1, 2]);
        assert.equal((await ask(`${evening.path}/state`, evening.gm.token)).status, 200);
      }),
    );
    console.log(`      ${2 * SESSIONS} people play on ${Date.now() - killedAt} ms after the kill`);
  });

  it("[MP84] [MP85] one is stopped and started again: whoever reads meanwhile notices nothing", async () => {
    const [one] = fleet.servers;
    await one!.start();
    const { evening } = tables[0]!;
    let isOver = false;
    const statuses = new Map<number, number>();
    const reading = (async () => {
      while (!isOver) {
        const { status } = await ask("/api/campaigns", evening.gm.token);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        await pause(5);
      }
    })();
    await pause(200);
    assert.equal(await one!.stop(), 0);
    await one!.start();
    isOver = true;
    await reading;
    assert.deepEqual([...statuses.keys()], [200]);
    console.log(`      ${statuses.get(200)} reads`);
  });
});
