import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mongo } from "mongoose";
import { DATA_FILE } from "../../src/stores/sqlite/stores.ts";
import { AgedServer, eveningWith } from "../support/aged-server.ts";
import type { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import type { Db } from "../support/mongo-server.ts";
import type { Person } from "../support/people.ts";

const CANARY = "kanarienvogel";
/** A first sweep begins within 5 s. */
const SWEPT_WITHIN_MS = 15_000;

describe("retention on a server", function () {
  this.timeout(60_000);
  let server: AgedServer | undefined;
  afterEach(async () => {
    await server?.dispose();
    server = undefined;
  });

  /** What is told of a session, but for its content. */
  const toldTo = async (person: Person, { path }: Evening) => {
    const told: Record<string, unknown> = {};
    for (const rest of ["", "/history", "/events?limit=200", "/events/verify", "/commands?limit=200", "/invites"]) {
      told[rest] = await person.get("GET", `${path}${rest}`);
    }
    return told;
  };

  /**
   * One session ended three days ago, one is still live: that one is whole afterwards, of the other one nothing is left but
   * what was told of it.
   * @param kept every byte that the store keeps @param kinds of the records in a session's log
   */
  const forgets = async (
    aged: AgedServer,
    kept: () => Promise<Buffer[]>,
    kinds: (sessionId: string) => Promise<string[]>,
  ): Promise<void> => {
    const ended = await eveningWith(CANARY, aged.process);
    const live = await eveningWith("wellensittich", aged.process);
    await ended.invite({ label: "for Lee" });
    await ended.step("terminate");
    const before = await toldTo(ended.gm, ended);
    const stateBefore = await ended.gm.get<State>("GET", `${ended.path}/state`);
    assert.deepEqual(
      [stateBefore.entries, stateBefore.hidden].map((some) => Object.keys(some).length),
      [8, 7],
    );
    const liveBefore = await live.gm.get("GET", `${live.path}/state`);
    const holds = async (text: string) => (await kept()).some((bytes) => bytes.includes(text));
    assert.ok(await holds(CANARY));

    await aged.startAgain(3);
    await eventually("the content forgotten", () => aged.forgotten.length > 0, SWEPT_WITHIN_MS);
    assert.deepEqual(aged.forgotten, [ended.sessionId]);
    await eventually("nothing left of it in any byte", async () => !(await holds(CANARY)), 5_000);
    assert.ok(await holds("wellensittich"));
    const metrics = await (await fetch(`${aged.process.url}/metrics`)).text();
    assert.match(metrics, /^campaign_live_sessions_forgotten_total 1$/m);
    assert.deepEqual((await kinds(ended.sessionId)).slice(-2), ["opened", "forgotten"]);
    assert.ok(!aged.process.log.includes(CANARY));

    const gm = await aged.person("gm");
    assert.deepEqual(await toldTo(gm, ended), before);
    const empty = { seq: stateBefore.seq, status: "ended", entries: {}, hidden: {} };
    assert.deepEqual(await gm.get("GET", `${ended.path}/state`), empty);
    assert.deepEqual(await gm.get("GET", `${live.path}/state`), liveBefore);

    const continued = await gm.get<{ id: string }>("POST", `/api/campaigns/${ended.campaignId}/sessions`, {
      title: "again",
      continueFrom: ended.sessionId,
    });
    const next = await gm.get("GET", `/api/sessions/${continued.id}/state`);
    assert.deepEqual(next, { seq: 0, status: "created", entries: {}, hidden: {} });
    const { items } = await gm.get<{ items: { id: string }[] }>("GET", `${ended.path}/invites`);
    await gm.get("DELETE", `${ended.path}/invites/${items[0]!.id}`);
    await gm.get("POST", `${ended.path}/participants/kim/remove`, { ban: true });
    await gm.get("DELETE", `${ended.path}/bans/kim`);
    const { valid, count } = await gm.get<{ valid: boolean; count: number }>("GET", `${ended.path}/events/verify`);
    const { count: countBefore } = before["/events/verify"] as { count: number };
    assert.ok(valid && count >= countBefore + 3, `${count} events after ${countBefore}`);
    assert.equal((await kinds(ended.sessionId)).filter((kind) => kind === "forgotten").length, 1);
    assert.ok(!(await holds(CANARY)));
  };

  describe("with SQLite", () => {
    before(function () {
      // Then every server here has that store.
      if (process.env.MONGODB_URI) this.skip();
    });

    it("[Y3] [Y7] [Y9] forgets an ended session to the last byte, and tells everything else as before", async () => {
      server = await AgedServer.start();
      const folder = join(server.process.dataDir, "data");
      const kept = async () => readdirSync(folder).map((name) => readFileSync(join(folder, name)));
      // The process owns its file: what its log holds is read from a copy.
      const kinds = async (sessionId: string) => {
        const db = new DatabaseSync(":memory:");
        try {
          await server!.process.stop();
          db.prepare("ATTACH ? AS kept").run(join(folder, DATA_FILE));
          const rows = db.prepare("SELECT kind FROM kept.log WHERE session_id = ? ORDER BY pos").all(sessionId);
          db.exec("DETACH kept");
          return rows.map(({ kind }) => String(kind));
        } finally {
          db.close();
          await server!.process.start();
        }
      };
      await forgets(server, kept, kinds);
    });
  });

  describe("with MongoDB", () => {
    const databases = eachTestInDatabase();
    const kindsIn = (db: Db) => async (sessionId: string) => {
      const documents = await db.collection("log").find({ sessionId }).sort({ pos: 1 }).toArray();
      return documents.flatMap(({ records }) => (records as { kind: string }[]).map(({ kind }) => kind));
    };

    it("[Y3] [Y7] [Y9] forgets an ended session in every collection, and tells everything else as before", async () => {
      server = await AgedServer.start({ MONGODB_URI: databases.uri() });
      const aged = server;
      await databases.inside(async (db) => {
        const kept = async () => {
          const documents: Buffer[] = [];
          for (const { name } of await db.listCollections().toArray()) {
            for (const one of await db.collection(name).find().toArray()) {
              documents.push(Buffer.from(mongo.BSON.serialize(one)));
            }
          }
          return documents;
        };
        await forgets(aged, kept, kindsIn(db));
      });
    });

    it("[Y4] two servers that sweep at the same time write one `forgotten` for each session", async () => {
      const MONGODB_URI = databases.uri();
      server = await AgedServer.start({ MONGODB_URI });
      const evening = await eveningWith(CANARY, server.process);
      const ended = await server.endedCopies(evening, 20);
      await server.process.stop();
      const [first, second] = await Promise.all([server.startAgain(3), AgedServer.start({ MONGODB_URI }, 3)]).then(
        ([, other]) => [server!, other] as const,
      );
      try {
        const all = () => [...first.forgotten, ...second.forgotten];
        await eventually("all of them forgotten", () => all().length >= ended.length, 3 * SWEPT_WITHIN_MS);
        assert.deepEqual(all().sort(), [...ended].sort());
        await databases.inside(async (db) => {
          for (const sessionId of ended) {
            assert.deepEqual((await kindsIn(db)(sessionId)).slice(-2), ["opened", "forgotten"]);
          }
        });
        assert.ok(!`${first.process.log}${second.process.log}`.includes("forgetting failed"));
      } finally {
        await second.dispose();
      }
    });
  });
});

interface State {
  readonly seq: number;
  readonly entries: object;
  readonly hidden: object;
}
