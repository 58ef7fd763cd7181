import assert from "node:assert/strict";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";
import { goesOn, sentAgain, wasAnsweredThroughout } from "../support/ordeal-checks.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { TcpProxy } from "../support/proxy.ts";

const HEALTH_WITHIN_MS = 1_000;

describe("an evening whose server reaches MongoDB over a bad line", function () {
  this.timeout(180_000);
  const database = ownMongo();
  let evenings = 0;
  let line: TcpProxy | undefined;
  let ordeal: Ordeal | undefined;
  afterEach(async () => {
    await ordeal?.dispose();
    await line?.close();
    [line, ordeal] = [undefined, undefined];
  });

  async function begin(name: string): Promise<{ readonly line: TcpProxy; readonly evening: Ordeal }> {
    evenings += 1;
    line = await TcpProxy.to(database().port);
    ordeal = await Ordeal.begin({ name, env: { MONGODB_URI: database().uri(`line-${evenings}`, line.port) } });
    return { line, evening: ordeal };
  }

  it("[X43] loses and repeats nothing when 60 times the answer to a write is lost", async () => {
    const CUTS = 60;
    const { line, evening } = await begin("answers lost");
    await evening.play(async () => {
      for (let cut = 0; cut < CUTS; cut += 1) {
        await pause(evening.random.between(0, 150));
        // What is asked from here on arrives, and is done; the answer does not come.
        line.mute();
        await pause(evening.random.between(5, 60));
        line.cut();
        if (cut % 10 === 9) await goesOn(evening);
      }
      await goesOn(evening);
    });
    wasAnsweredThroughout(evening);
    await evening.judge();
    const recorded = evening.recorder.commands.filter(
      ({ refusals, answers }) =>
        refusals.some(({ code }) => code === "journal_unavailable") && answers.some(({ duplicate }) => duplicate),
    );
    assert.ok(recorded.length >= CUTS / 4, `the cuts hit too few writes: ${recorded.length}`);
  });

  it("[X44] refuses in time while every answer takes 30 s, stays healthy, and settles everything once afterwards", async () => {
    const { line, evening } = await begin("answers after 30 s");
    await evening.play(async () => {
      await pause(500);
      line.delayAnswers(30_000);
      const end = performance.now() + 35_000;
      let slowestMs = 0;
      while (performance.now() < end) {
        const from = performance.now();
        const answer = await fetch(`${evening.server.url}/healthz`);
        await answer.arrayBuffer();
        assert.equal(answer.status, 200);
        slowestMs = Math.max(slowestMs, performance.now() - from);
        await pause(100);
      }
      assert.ok(slowestMs < HEALTH_WITHIN_MS, `/healthz took ${slowestMs} ms`);
      line.delayAnswers(0);
      await goesOn(evening);
    });
    wasAnsweredThroughout(evening);
    await evening.judge();
    assert.ok(sentAgain(evening) >= 4, `too few were hit: ${sentAgain(evening)}`);
  });
});
