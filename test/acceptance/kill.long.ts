import assert from "node:assert/strict";
import type { SessionView } from "../support/evening.ts";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";

/** The fault suite kills 200 times. */
const KILLS = 10;
const LONGEST_LIFE_MS = 220;

describe("kill -9 under load", function () {
  this.timeout(150_000);
  let ordeal: Ordeal;

  before(async () => {
    ordeal = await Ordeal.begin({ name: "kill -9" });
  });
  after(async () => await ordeal?.dispose());

  it(`[X1] loses nothing that it acknowledged or showed, ${KILLS} times over, and counts everything once`, async () => {
    const { server, random, recorder } = ordeal;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await ordeal.play(async () => {
        await pause(random.between(0, LONGEST_LIFE_MS));
        await server.kill();
        await server.start();
      });
    }
    await ordeal.judge();
    const { commands } = recorder;
    const again = commands.filter(({ sentAt }) => sentAt.length > 1);
    assert.ok(commands.length >= KILLS * 5, `too little load to prove anything: ${commands.length} commands`);
    assert.ok(again.length >= KILLS / 2, `the kills hit too little: ${again.length} commands unanswered`);
    const [trail] = recorder.trails;
    assert.ok(trail?.events.some(({ kind }) => kind === "session.restored"));
  });

  it("[X1] is the same session as before", async () => {
    const session = await ordeal.evening.gm.get<SessionView>("GET", ordeal.evening.path);
    assert.equal(session.status, "live");
    assert.equal(session.campaignId, ordeal.evening.campaignId);
  });
});
