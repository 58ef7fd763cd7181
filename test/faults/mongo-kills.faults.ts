import assert from "node:assert/strict";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";
import { goesOn, sentAgain, wasAnsweredThroughout } from "../support/ordeal-checks.ts";
import { ownMongo } from "../support/own-mongo.ts";

describe("an evening on MongoDB", function () {
  this.timeout(300_000);
  const database = ownMongo();
  let ordeal: Ordeal | undefined;
  let evenings = 0;
  afterEach(async () => {
    await ordeal?.dispose();
    ordeal = undefined;
  });

  async function begin(name: string): Promise<Ordeal> {
    evenings += 1;
    ordeal = await Ordeal.begin({ name, env: { MONGODB_URI: database().uri(`kills-${evenings}`) } });
    return ordeal;
  }

  it("[X40] loses and repeats nothing over 50 kills of the server", async () => {
    const KILLS = 50;
    const evening = await begin("server killed");
    for (let kill = 0; kill < KILLS; kill += 1) {
      await evening.play(async () => {
        await pause(evening.random.between(0, 220));
        await evening.server.kill();
        await evening.server.start();
      });
    }
    await evening.judge();
    assert.ok(sentAgain(evening) >= KILLS / 2, `the kills hit too little: ${sentAgain(evening)}`);
  });

  it("[X41] loses and repeats nothing over 20 kills of the database, refuses in time meanwhile, and goes on by itself", async () => {
    const KILLS = 20;
    const evening = await begin("database killed");
    for (let kill = 0; kill < KILLS; kill += 1) {
      await evening.play(async () => {
        await pause(evening.random.between(0, 300));
        await database().kill();
        await pause(evening.random.between(0, 600));
        await database().launch();
        await goesOn(evening);
      });
    }
    wasAnsweredThroughout(evening);
    await evening.judge();
    assert.ok(sentAgain(evening) >= KILLS, `the kills hit too little: ${sentAgain(evening)}`);
  });

  it("[X41] loses and repeats nothing while the database is stopped again and again, for up to 6 s", async () => {
    const STOPS = 8;
    const evening = await begin("database stopped");
    for (let stop = 0; stop < STOPS; stop += 1) {
      await evening.play(async () => {
        await pause(evening.random.between(0, 300));
        database().freeze();
        await pause(evening.random.between(100, 6_000));
        database().thaw();
        await goesOn(evening);
      });
    }
    wasAnsweredThroughout(evening);
    await evening.judge();
    assert.ok(sentAgain(evening) >= STOPS, `the stops hit too little: ${sentAgain(evening)}`);
  });

  it("[X42] loses and repeats nothing over 15 kills of server and database at once", async () => {
    const KILLS = 15;
    const evening = await begin("both killed");
    for (let kill = 0; kill < KILLS; kill += 1) {
      await evening.play(async () => {
        await pause(evening.random.between(0, 300));
        await Promise.all([evening.server.kill(), database().kill()]);
        await database().launch();
        await evening.server.start();
      });
    }
    await evening.judge();
    assert.ok(sentAgain(evening) >= KILLS / 2, `the kills hit too little: ${sentAgain(evening)}`);
  });
});
