import assert from "node:assert/strict";
import { openStores } from "../../src/open-stores.ts";
import { digestOf } from "../support/digest.ts";
import { Evening } from "../support/evening.ts";
import { pause } from "../support/eventually.ts";
import { call } from "../support/http.ts";
import { lengthenLog } from "../support/long-log.ts";
import { memoryOf } from "../support/memory-of.ts";
import { ownMongo } from "../support/own-mongo.ts";
import type { Person } from "../support/people.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import "../support/quiet.ts";

/** A small machine's. */
const HEAP_MIB = 400;
const MIB = 1024 * 1024;

/** As a client does: where it is told to try again, it does. */
async function comesIn({ person, sessionId }: { person: Person; sessionId: string }): Promise<Seat> {
  const until = performance.now() + 60_000;
  for (;;) {
    try {
      return await person.join(sessionId, { firstStateWithinMs: 20_000 });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 503 || performance.now() > until) throw error;
      await pause(500);
    }
  }
}

/** What a server with a small heap does with a session that has so much log behind its last snapshot. */
async function opensInASmallHeap(mebibytes: number, env: Readonly<Record<string, string>>): Promise<void> {
  const server = await ServerProcess.start({ env: { ...env, NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` } });
  try {
    const large = await Evening.prepare(server, { members: { kim: "player" } });
    const quiet = await Evening.prepare(server, { members: { lee: "player" } });
    await server.kill();
    const stores = await openStores({ dataDir: server.dataFolder, mongodbUri: env.MONGODB_URI ?? null });
    let written: Awaited<ReturnType<typeof lengthenLog>>;
    try {
      written = await lengthenLog(stores, large.sessionId, mebibytes * MIB);
    } finally {
      await stores.close();
    }
    await server.start();

    // Beside the long restore another table plays on.
    const lee = await quiet.person("lee").join(quiet.sessionId);
    const stop = new AbortController();
    let played = 0;
    const playing = (async () => {
      for (; !stop.signal.aborted; await pause(50)) {
        await lee.command("increment", { path: "shared/n", by: 1 });
        played += 1;
      }
    })();
    playing.catch(() => stop.abort());
    const startedAt = performance.now();
    const read = await call<{ seq: number; entries: Record<string, unknown> }>(
      server.url,
      "GET",
      `${large.path}/state`,
      {
        token: large.gm.token,
        withinMs: 150_000,
      },
    );
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    assert.equal(read.status, 200, read.text.slice(0, 200));
    assert.equal(read.body.seq, written.seq);
    assert.equal(Object.keys(read.body.entries).length, written.entries.length);
    const kim = await comesIn({ person: large.person("kim"), sessionId: large.sessionId });
    stop.abort();
    await playing;
    assert.equal(kim.digest(), digestOf(written.entries));
    await kim.command("set", { path: "shared/after", value: 1 });
    assert.equal(lee.value("shared/n"), played);
    const most = memoryOf(server.pid)?.most;
    console.log(
      `      ${mebibytes} MiB of log: read in ${seconds} s, at most ${most} MiB, ${played} commands of another table beside it`,
    );

    // From here on there is a snapshot: not all of it is read again.
    await server.kill();
    await server.start();
    const again = await comesIn({ person: large.person("kim"), sessionId: large.sessionId });
    assert.equal(again.value("shared/after"), 1);
    assert.equal(again.digest(), kim.digest());
    console.log(`      and once more, after kill -9: at most ${memoryOf(server.pid)?.most} MiB`);
  } finally {
    await server.dispose();
  }
}

describe(`a session with a long log behind its last snapshot, in a heap of ${HEAP_MIB} MB`, function () {
  this.timeout(240_000);

  it("[X80] opens with 500 MiB of it from SQLite, and another table plays on", async () => {
    await opensInASmallHeap(500, {});
  });

  describe("on MongoDB", () => {
    const database = ownMongo();

    // Where its stand-in serves 10 MiB a second, 500 would take minutes.
    it("[X80] opens with 200 MiB of it from MongoDB, and another table plays on", async () => {
      await opensInASmallHeap(200, { MONGODB_URI: database().uri("large-log") });
    });
  });
});
