import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { pause } from "../support/eventually.ts";
import { TcpProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";
import { assertWhole } from "../support/whole.ts";

const KIB = 1024;

describe("a backlog", function () {
  this.timeout(60_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_COMMANDS: "0" } });
  });

  after(async () => await server?.dispose());

  it("[C16] [C31] who lets more than 1 MiB pile up is closed, keeps the place, and comes back to the whole", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player", ben: "player", cia: "player" } });

    const gm = await evening.gm.join(evening.sessionId);
    const [gone, late] = [await TcpProxy.to(server.port), await TcpProxy.to(server.port)];
    const stock = await TcpProxy.to(server.port);
    const cia = await StockClient.join(evening.person("cia"), server.url, evening.sessionId, { through: stock.url });
    const ana = await evening.person("ana").join(evening.sessionId, { through: gone.url });
    const ben = await evening.person("ben").join(evening.sessionId, { through: late.url });
    const joinedAt = gm.state.participants.get("ana")?.joinedAt;
    gone.stall();
    late.stall();
    stock.stall();
    const since = cia.events.length;
    // far more than the kernel takes on its own account
    for (let round = 0; round < 30; round++) {
      const ops = Array.from({ length: 15 }, (_, i) => ({
        action: "set",
        payload: { path: `shared/page${i}`, value: `${round} ${"p".repeat(15 * KIB)}` },
      }));
      await Promise.all([0, 1].map(() => gm.command("batch", { ops })));
    }
    const piledUpAt = Date.now();
    // the server notices after 10 s and up to two looks, and then waits 6 s for somebody who takes something again
    await pause(10_000 + 5_000);
    assert.equal(gm.state.participants.get("ana")?.presence, "online");
    late.resume();
    stock.resume();
    assert.equal((await ben.ended(5_000)).code, 4010, "who reads on is told why");
    await gm.until("ana closed", ({ participants }) => participants.get("ana")?.presence === "disconnected", 10_000);
    const afterMs = Date.now() - piledUpAt;
    assert.ok(afterMs > 16_000 && afterMs < 25_000, `${afterMs} ms`);
    await cia.back(since);
    const drop = cia.events.slice(since).find(({ kind }) => kind === "drop");
    assert.deepEqual([drop?.code, drop?.reason], [4010, "too_slow"]);
    assert.deepEqual(await cia.problems(), [], "a stock client is back by itself");
    gone.cut();
    assert.equal((await ana.ended()).code, 1006, "who takes nothing at all is not");
    for (const userId of ["ana", "ben"]) {
      const back = await evening.person(userId).join(evening.sessionId);
      assert.equal(back.state.participants.get("ana")?.joinedAt, joinedAt, "the place is kept");
      await assertWhole(back);
    }
    await cia.leave();
    await Promise.all([gone.close(), late.close(), stock.close()]);
  });
});
