import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AgedServer, eveningWith } from "../support/aged-server.ts";
import { eventually } from "../support/eventually.ts";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import { Random } from "../support/random.ts";

const KILLS = 6;
const SESSIONS = 60;
const CANARY = "kanarienvogel";

describe("retention and kill -9", function () {
  this.timeout(240_000);
  let server: AgedServer | undefined;
  afterEach(() => server?.dispose());

  /** Kills the server again and again while it sweeps; in the end each session was forgotten, and none is left half-way. */
  const survives = async (aged: AgedServer, seed: number): Promise<void> => {
    const random = new Random(seed);
    const evening = await eveningWith(CANARY, aged.process);
    const ended = await aged.endedCopies(evening, SESSIONS);
    await evening.step("terminate");
    ended.push(evening.sessionId);
    for (let kill = 0; kill < KILLS; kill++) {
      await aged.startAgain(3);
      const goal = aged.forgotten.length + 1 + Math.floor(random.next() * 5);
      await eventually("a sweep that is under way", () => aged.forgotten.length >= goal, 15_000);
      await new Promise((resolve) => setTimeout(resolve, random.next() * 100));
      await aged.process.kill();
    }
    assert.ok(aged.forgotten.length < ended.length, "the kills came too late to interrupt anything");
    await aged.startAgain(3);
    const gm = await aged.person("gm");
    const left = async () => {
      for (const id of ended) {
        const { entries } = await gm.get<{ entries: object }>("GET", `/api/sessions/${id}/state`);
        if (Object.keys(entries).length > 0) return id;
      }
      return undefined;
    };
    await eventually("nothing left to be forgotten", async () => (await left()) === undefined, 30_000);
    for (const id of ended) {
      assert.deepEqual((await gm.get("GET", `/api/sessions/${id}/events/verify`)).valid, true);
    }
    // A kill may come between the record and its line in the log; twice none is told.
    assert.equal(new Set(aged.forgotten).size, aged.forgotten.length);
    assert.ok(aged.forgotten.length >= ended.length - KILLS, `${aged.forgotten.length} of ${ended.length}`);
    console.log(`      ${KILLS} kills (seed ${seed}): ${ended.length} sessions forgotten, each once`);
  };
  const seedOf = (): number => Number(process.env.SEED ?? Date.now() % 1_000_000);

  it("[Y6] on SQLite each session is forgotten in the end, to the last byte", async function () {
    if (process.env.MONGODB_URI) return this.skip();
    server = await AgedServer.start();
    await survives(server, seedOf());
    const folder = join(server.process.dataDir, "data");
    const holds = () => readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(CANARY));
    await eventually("not a byte left", () => !holds(), 15_000);
  });

  describe("on MongoDB", () => {
    const databases = eachTestInDatabase();

    it("[Y6] each session is forgotten in the end, by one record", async () => {
      server = await AgedServer.start({ MONGODB_URI: databases.uri() });
      await survives(server, seedOf());
      await databases.inside(async (db) => {
        const documents = await db.collection("log").find().toArray();
        const kinds = documents.flatMap(({ records }) => (records as { kind: string }[]).map(({ kind }) => kind));
        assert.equal(kinds.filter((kind) => kind === "forgotten").length, SESSIONS + 1);
        const whole = async () => JSON.stringify(await db.collection("log").find().toArray());
        await eventually("no content in the log", async () => !(await whole()).includes(CANARY), 15_000);
      });
    });
  });
});
