import assert from "node:assert/strict";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";
import { Random } from "../support/random.ts";

const KILLS = 200;
/** Evenings that are killed beside each other: the start of a process takes one core, and there are two. */
const EVENINGS = 2;
const LONGEST_LIFE_MS = 150;

describe("a server on SQLite that is killed again and again", function () {
  this.timeout(400_000);
  const ordeals: Ordeal[] = [];
  after(async () => {
    for (const ordeal of ordeals) await ordeal.dispose();
  });

  it(`[X1] loses nothing that it acknowledged or showed, ${KILLS} times over, and counts everything once`, async () => {
    const { seed } = Random.fromEnvironment();
    for (let at = 0; at < EVENINGS; at += 1) {
      ordeals.push(await Ordeal.begin({ name: `SIGKILL ${at + 1}`, random: new Random(seed + at) }));
    }
    await Promise.all(ordeals.map((ordeal) => killedOften(ordeal, KILLS / EVENINGS)));
  });
});

async function killedOften(ordeal: Ordeal, kills: number): Promise<void> {
  const { server, random, recorder } = ordeal;
  for (let kill = 1; kill <= kills; kill += 1) {
    await ordeal.play(async () => {
      await pause(random.between(0, LONGEST_LIFE_MS));
      await server.kill();
      await server.start();
    });
  }
  await ordeal.judge();
  const again = recorder.commands.filter(({ sentAt }) => sentAt.length > 1);
  assert.ok(again.length >= kills / 2, `the kills hit too little: ${again.length} commands unanswered`);
}
