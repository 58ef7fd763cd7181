import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { TcpProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server.ts";

const KIB = 1024;
/** 800 ms there and back, 1 Mbit/s. */
const FAR_AND_THIN = { delayMs: 400, bytesPerSecond: 125_000 };

/** How long the table plays before anybody comes from far away, for comparison. */
const ALONE_MS = 20_000;

function figuresOf(sortedMs: readonly number[]): string {
  const at = (share: number) => sortedMs[Math.floor((sortedMs.length - 1) * share)]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

describe("far away, over a thin line", function () {
  this.timeout(150_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_COMMANDS: "0" } });
  });

  after(async () => await server?.dispose());

  it("[C18] gets into a session of 4 MiB within 60 s at 800 ms and 1 Mbit/s, and plays there", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    const text = "v".repeat(15 * KIB);
    for (let i = 0; i < 270; i += 15) {
      const ops = Array.from({ length: 15 }, (_, j) => ({
        action: "set",
        payload: { path: `shared/page${i + j}`, value: text },
      }));
      await gm.command("batch", { ops });
    }
    const wire = await TcpProxy.to(server.port, FAR_AND_THIN);
    /** Plays until it is over. @returns how long each command of the GM took, in ms */
    const play = async (isOver: () => boolean): Promise<number[]> => {
      const tookMs: number[] = [];
      while (!isOver()) {
        const sentAt = performance.now();
        await gm.command("increment", { path: "shared/turns", by: 1 });
        tookMs.push(performance.now() - sentAt);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return tookMs.sort((a, b) => a - b);
    };
    const alone = await play(
      (
        (until) => () =>
          Date.now() > until
      )(Date.now() + ALONE_MS),
    );
    const start = Date.now();
    // the table goes on meanwhile
    let over = false;
    const busy = play(() => over);
    const ana = await evening.person("ana").join(evening.sessionId, { through: wire.url, firstStateWithinMs: 60_000 });
    const joinedMs = Date.now() - start;
    assert.ok(joinedMs < 60_000, `${joinedMs} ms`);
    assert.ok(joinedMs > 30_000, `4 MiB are 34 s at 1 Mbit/s, not ${joinedMs} ms: the wire is no thin one`);

    const sentAt = Date.now();
    const { seq } = await ana.command("set", { path: "players/ana/here", value: true });
    const commandMs = Date.now() - sentAt;
    assert.ok(commandMs >= 800, `${commandMs} ms`);
    assert.ok(ana.state.seq >= seq);
    over = true;
    const meanwhile = await busy;
    await gm.caughtUp(seq);
    await ana.caughtUp(gm.state.seq, 10_000);
    assert.equal(ana.digest(), gm.digest());
    assert.equal(ana.closing, null);
    console.log(`      in after ${joinedMs} ms, ${meanwhile.length} changes meanwhile; a command took ${commandMs} ms`);
    console.log(`      the GM's commands: alone ${figuresOf(alone)}, meanwhile ${figuresOf(meanwhile)}`);
    await wire.close();
  });
});
