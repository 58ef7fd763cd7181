import assert from "node:assert/strict";
import { mongo } from "mongoose";
import { OutcomeUnknown, PositionTaken, StoreUnavailable } from "../../src/ports/failures.ts";
import { openDatabase, readsMajority } from "../../src/stores/mongo/database.ts";
import { outcomesOf } from "../../src/stores/mongo/insert-reply.ts";
import { MongoLeases } from "../../src/stores/mongo/leases.ts";
import { MongoLog } from "../../src/stores/mongo/log.ts";
import { LOG_FORMAT } from "../../src/stores/mongo/log-document.ts";
import { STORE_FORMAT } from "../../src/stores/mongo/models.ts";
import { MongoSessions } from "../../src/stores/mongo/sessions.ts";
import { MongoSnapshots } from "../../src/stores/mongo/snapshots.ts";
import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import { CannotOpenData } from "../../src/stores/open-error.ts";
import { beatOf } from "../support/beats.ts";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import { freePort } from "../support/ports.ts";
import { wholeLog } from "../support/whole-log.ts";
import { accessRows, commandsAt, eventNumber, recordAt, sessionRow } from "./records.ts";

describe("an answer to an insert", () => {
  const names = (outcomes: ReturnType<typeof outcomesOf>) =>
    outcomes.map((outcome) => (typeof outcome === "string" ? outcome : outcome.name));

  it("[L13] tells document by document what was stored", () => {
    assert.deepEqual(names(outcomesOf({ n: 2 }, 2)), ["stored", "stored"]);
    const writeErrors = [
      { index: 0, code: 11_000 },
      { index: 2, code: 14_031 },
    ];
    assert.deepEqual(names(outcomesOf({ n: 1, writeErrors }, 3)), ["duplicate", "stored", "StoreUnavailable"]);
  });

  it("[L13] does not know of a document whose error may come from half of the work", () => {
    // BadValue, DocumentValidationFailure, BSONObjectTooLarge, NotWritablePrimary
    for (const code of [2, 121, 10_334, 10_107]) {
      assert.deepEqual(names(outcomesOf({ n: 1, writeErrors: [{ index: 0, code }] }, 2)), [
        "StoreUnavailable",
        "stored",
      ]);
    }
    // HostUnreachable, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, InterruptedDueToReplStateChange, of a router
    for (const code of [6, 89, 91, 189, 11_602]) {
      assert.deepEqual(names(outcomesOf({ n: 1, writeErrors: [{ index: 0, code }] }, 2)), ["OutcomeUnknown", "stored"]);
    }
  });

  it("[L13] is no word of durability where the write concern failed or the count is short", () => {
    const writeConcernError = { code: 64 };
    const unknown = new OutcomeUnknown().name;
    assert.deepEqual(names(outcomesOf({ n: 2, writeConcernError }, 2)), [unknown, unknown]);
    const writeErrors = [{ index: 1, code: 11_000 }];
    assert.deepEqual(names(outcomesOf({ n: 1, writeErrors, writeConcernError }, 2)), [unknown, "duplicate"]);
    assert.deepEqual(names(outcomesOf({ n: 1 }, 2)), [unknown, unknown]);
    assert.deepEqual(names(outcomesOf({}, 1)), [unknown]);
  });
});

describe("what a server says of majorities", () => {
  const unknown = (code?: number) => () => Promise.reject(new mongo.MongoServerError({ message: "no", code }));
  /** What is made of a server that answers so to `hello`, and to a read of what a majority holds. */
  const readsMajorityOf = (hello: () => Promise<object>, find: () => Promise<object>) =>
    readsMajority({ db: { command: (command: object) => ("hello" in command ? hello() : find()) } } as never);
  const replicaSet = async () => ({ setName: "rs0" });

  it("[L14] is taken from replica sets and routers that know the word", async () => {
    const found = async () => ({ cursor: {} });
    assert.equal(await readsMajorityOf(replicaSet, found), true);
    assert.equal(await readsMajorityOf(async () => ({ msg: "isdbgrid" }), found), true);
    assert.equal(await readsMajorityOf(async () => ({}), found), false);
    for (const code of [2, 9, 59, 72, 115, 148, 238, undefined]) {
      assert.equal(await readsMajorityOf(replicaSet, unknown(code)), false, `${code}`);
    }
    assert.equal(await readsMajorityOf(unknown(59), found), false);
  });

  it("[L14] is not taken from a server that is in trouble", async () => {
    const lost = () => Promise.reject(new mongo.MongoNetworkError("connection 1 closed"));
    await assert.rejects(readsMajorityOf(replicaSet, lost), mongo.MongoNetworkError);
    // ReadConcernMajorityNotAvailableYet, InterruptedDueToReplStateChange
    for (const code of [134, 11_602]) {
      await assert.rejects(readsMajorityOf(replicaSet, unknown(code)), mongo.MongoServerError);
    }
  });
});

describe("MongoDB stores", function () {
  this.timeout(20_000);
  const databases = eachTestInDatabase();
  const { open, inside } = databases;

  it("[L14] gives each position once, and each call whole or not, when several processes write one log", async () => {
    const processes = await Promise.all([open(), open(), open()]);
    const won = new Map<string, number>();
    await Promise.all(
      processes.map(async ({ log }, p) => {
        for (let tries = 0; tries < 60; tries++) {
          const end = (await wholeLog(log, "s1")).length;
          const count = 1 + (tries % 3);
          const call = Array.from({ length: count }, (_, i) => recordAt(end + 1 + i, { writer: `p${p}.${tries}` }));
          try {
            await log.append(call);
            won.set(`p${p}.${tries}`, count);
          } catch (error) {
            assert.ok(error instanceof PositionTaken, `${error}`);
          }
        }
      }),
    );
    const records = await wholeLog(processes[0]!.log, "s1");
    assert.deepEqual(
      records.map(({ pos }) => pos),
      records.map((_, i) => i + 1),
    );
    const counts = new Map<string, number>();
    for (const { id } of records) counts.set(id.split("-")[0]!, (counts.get(id.split("-")[0]!) ?? 0) + 1);
    assert.deepEqual([...counts].sort(), [...won].sort());
    assert.ok(new Set([...won.keys()].map((id) => id.slice(0, 2))).size > 1, "only one process ever won");
  });

  it("[L14] has no look-up for the loser of a race, and the row of the winner", async () => {
    const [a, b] = [await open(), await open()];
    for (let round = 1; round <= 10; round++) {
      const sessionId = `s${round}`;
      const outcomes = await Promise.allSettled(
        [a, b].map(({ log }, i) =>
          log.append([recordAt(1, { sessionId, writer: `${i}` })], {
            row: sessionRow(sessionId, { title: `title ${i}` }),
            access: accessRows({ invites: [`hash-${round}-${i}`] }),
          }),
        ),
      );
      const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
      assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
      assert.equal((await a.sessions.find(sessionId))?.title, `title ${winner}`);
      assert.equal(await a.sessions.findByInvite(`hash-${round}-${winner}`), sessionId);
      assert.equal(await a.sessions.findByInvite(`hash-${round}-${1 - winner}`), undefined);
    }
  });

  it("[L14] has the look-up of a record whose answer was lost, once the identical record is answered", async () => {
    const [first, again] = [await open(), await open()];
    const projection = { row: sessionRow("s1"), access: accessRows({ invites: ["hash-1"] }) };
    await first.log.append([recordAt(1)], projection);
    // Who had no answer knows of no record there, as another process does not.
    await again.log.append([recordAt(1)], projection);
    assert.equal(await again.sessions.findByInvite("hash-1"), "s1");
  });

  it("[L14] keeps the row of the latest record, in whatever order rows arrive", async () => {
    const { log, sessions } = await open();
    const first = [recordAt(1)];
    await log.append(first);
    await log.append([recordAt(2)], { row: sessionRow("s1", { title: "second" }) });
    // As after a lost answer: the records are there, the row comes late.
    await log.append(first, { row: sessionRow("s1", { title: "first" }) });
    assert.equal((await sessions.find("s1"))?.title, "second");
  });

  it("[L14] stores records that no document can hold, and trims them", async () => {
    const { log } = await open();
    // Three bytes a character: 24 MB, of which documents of this protocol hold 16.
    const process = "€".repeat(8_000_000);
    const big = recordAt(2, { content: { kind: "opened", process }, audit: [eventNumber(1)] });
    await log.append([recordAt(1)]);
    await log.append([big, recordAt(3)]);
    await log.append([big, recordAt(3)]);
    await log.append([recordAt(4)]);
    assert.deepEqual((await wholeLog(log, "s1")).slice(1), [big, recordAt(3), recordAt(4)]);
    await log.trim("s1", 2);
    assert.deepEqual(await log.read("s1", 0, 9), [recordAt(3), recordAt(4)]);
    await log.trim("s1", 3);
    assert.deepEqual(await log.read("s1", 0, 9), [recordAt(4)]);
    assert.deepEqual(await log.events("s1", 0, 9), [eventNumber(1)]);
    assert.equal(await inside((db) => db.collection("log_parts").countDocuments()), 0);
  });

  it("[Y7] a log that is trimmed to its end leaves no part behind that no record names, but for young ones", async () => {
    const { log } = await open();
    const HOUR_MS = 3_600_000;
    const part = (whole: string, ageMs: number, sessionId = "s1") => ({
      ...{ _id: `${whole}-0`, sessionId, whole, at: Date.now() - ageMs, bytes: Buffer.from("content") },
    });
    await log.append([recordAt(1), recordAt(2)]);
    const parts = [part("stray", HOUR_MS + 1_000), part("young", HOUR_MS / 2), part("other", 2 * HOUR_MS, "s2")];
    await inside((db) => db.collection<{ _id: string }>("log_parts").insertMany(parts));
    const left = () => inside((db) => db.collection("log_parts").distinct("whole"));
    await log.trim("s1", 1);
    assert.equal((await left()).length, 3);
    await log.trim("s1", 2);
    assert.deepEqual((await left()).sort(), ["other", "young"]);
  });

  it("[L14] forgets trimmed content in the database itself", async () => {
    const { log } = await open();
    const secret = (pos: number) => recordAt(pos, { content: { kind: "opened", process: `secret-${pos}` } });
    await log.append([secret(1)]);
    await log.append([secret(2), secret(3), secret(4)]);
    await log.append([secret(5)]);
    const kept = () =>
      inside(async (db) => JSON.stringify(await db.collection("log").find().toArray()).match(/secret-\d/g));
    await log.trim("s1", 3);
    assert.deepEqual(await kept(), ["secret-4", "secret-5"]);
    await log.trim("s1", 4);
    assert.deepEqual(await kept(), ["secret-5"]);
  });

  it("[L14] names the place where content is missing or no JSON", async () => {
    const { log } = await open();
    await log.append([commandsAt(1, [1])]);
    await log.append([recordAt(2)]);
    const damage = (change: object) =>
      inside((db) => db.collection("log").updateOne({ sessionId: "s1", pos: 2 }, change));
    await damage({ $set: { "bodies.0": "{" } });
    await assert.rejects(log.read("s1", 0, 9), { name: "StoredDataDamaged", message: /record of s1 at 2 is no JSON/ });
    await damage({ $unset: { bodies: 1 } });
    await assert.rejects(log.read("s1", 0, 9), {
      name: "StoredDataDamaged",
      message: /record of s1 at 2 has no content/,
    });
    await damage({ $set: { v: LOG_FORMAT + 1 } });
    await assert.rejects(log.read("s1", 0, 9), {
      name: "StoredDataDamaged",
      message: new RegExp(`format ${LOG_FORMAT + 1}`),
    });
    assert.deepEqual(await log.read("s1", 0, 1), [commandsAt(1, [1])]);
  });

  it("[L15] has the indexes that it rests on", async () => {
    await open();
    const [indexes, snapshots] = await inside((db) =>
      Promise.all([db.collection("log").indexes(), db.collection("snapshots").indexes()]),
    );
    const unique = (of: typeof indexes) => of.filter((index) => index.unique).map((index) => index.key);
    assert.deepEqual(unique(indexes!), [{ sessionId: 1, pos: 1 }]);
    assert.deepEqual(unique(snapshots!), [{ sessionId: 1, pos: -1 }]);
  });

  it("[L15] opens for several processes that make a new database at once", async () => {
    for (let round = 0; round < 5; round++) {
      const opened = await Promise.all([open(), open(), open(), open()]);
      for (const stores of opened) await stores.check();
      await databases.closeAll();
      databases.next();
    }
  });

  it("[MP1] [MP2] [K7] several processes share the secret, the beats and the leases, and still do after a restart", async () => {
    const [one, other] = [await open(), await open()];
    const secrets = await Promise.all([
      one!.leases.clusterSecret("a".repeat(43)),
      other!.leases.clusterSecret("b".repeat(43)),
    ]);
    assert.equal(secrets[0], secrets[1]);
    await one!.leases.beat(beatOf("p1", 1, { internalUrl: "http://10.0.0.1" }));
    await other!.leases.takeForDead("p1");
    assert.equal((await other!.leases.processes())[0]?.internalUrl, "http://10.0.0.1");
    for (let epoch = 1; epoch <= 20; epoch++) {
      const claims = [one, other].map((stores, i) =>
        stores!.leases.claim({ sessionId: "s1", processId: `p${i + 1}`, epoch }),
      );
      const [first, second] = await Promise.all(claims);
      assert.deepEqual(first, second, "both are told of one winner");
    }
    await databases.closeAll();
    const after = await open();
    assert.equal(await after.leases.clusterSecret("c".repeat(43)), secrets[0]);
    assert.equal(await after.leases.beat(beatOf("p1", 2)), true);
  });

  it("[L15] writes as durably as it promises, whatever the URI asks for", async () => {
    const asked = "&w=0&journal=false&wtimeoutMS=1&retryWrites=true&readPreference=secondary&monitorCommands=true";
    const { models, connection } = await openDatabase(`${databases.uri()}${asked}`);
    try {
      const client = connection.getClient();
      assert.equal(client.options.retryWrites, false);
      assert.equal(client.options.readPreference.mode, "primary");
      const concerns = new Map<string, object>();
      client.on("commandStarted", ({ commandName, command }) => concerns.set(commandName, command.writeConcern));
      const leases = new MongoLeases(models);
      await leases.claim({ sessionId: "s1", processId: "p1", epoch: 1 });
      await leases.release("s1", 1);
      const snapshots = new MongoSnapshots(models);
      await snapshots.save({ sessionId: "s1", pos: 1, sha256: "x", text: "{}" });
      await new MongoLog({ models, connection }, new MongoSessions(models)).append([recordAt(1)]);
      for (const command of ["insert", "update", "delete", "findAndModify"]) {
        assert.deepEqual(concerns.get(command), { w: "majority", j: true, wtimeout: 2_000 }, command);
      }
    } finally {
      await connection.close();
    }
  });

  it("[L15] does not open on a database that lacks a unique index, is of a newer format, or does not answer", async () => {
    await inside((db) => db.collection("log").createIndex({ sessionId: 1, pos: 1 }, { name: "sessionId_1_pos_1" }));
    await assert.rejects(open(), CannotOpenData);
    databases.next();
    await (await open()).check();
    await inside((db) =>
      db.collection<{ _id: string }>("facts").updateOne({ _id: "format" }, { $set: { value: STORE_FORMAT + 1 } }),
    );
    await assert.rejects(open(), (error: Error) => {
      assert.ok(error instanceof CannotOpenData);
      assert.match(error.message, new RegExp(`newer version .*format ${STORE_FORMAT + 1}`));
      return true;
    });
    const from = performance.now();
    const nobody = `mongodb://someone:hunter2@127.0.0.1:${await freePort()}/x`;
    await assert.rejects(openMongoStores({ uri: nobody }), (error: Error) => {
      assert.ok(error instanceof CannotOpenData);
      assert.doesNotMatch(`${error.message}${error.stack}`, /hunter2/);
      return true;
    });
    assert.ok(performance.now() - from < 3_500);
  });

  it("[L15] keeps out what no campaign can be", async () => {
    const { campaigns } = await open();
    const role = "king" as "gm";
    const campaign = { id: "c1", name: "C", createdAt: 1, members: [{ userId: "kim", name: null, role }] };
    await assert.rejects(campaigns.create(campaign), /king/);
    assert.equal(await campaigns.find("c1"), undefined);
  });

  it("[L13] answers `StoreUnavailable` once closed, after what was under way was stored", async () => {
    const stores = await openMongoStores({ uri: databases.uri() });
    const calls = Array.from({ length: 100 }, (_, i) => stores.log.append([recordAt(i + 1)]));
    await stores.close();
    await Promise.all(calls);
    await assert.rejects(stores.log.append([recordAt(101)]), StoreUnavailable);
    await assert.rejects(stores.check(), StoreUnavailable);
    assert.equal((await (await open()).log.read("s1", 0, 200)).length, 100);
  });
});
