import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { call } from "../support/http.ts";
import { memoryOf } from "../support/memory-of.ts";
import { ownMongo } from "../support/own-mongo.ts";
import type { ServerProcess } from "../support/server.ts";
import { letLoose, sceneOn } from "./hostile-scene.ts";
import "../support/quiet.ts";

const SECONDS = 10;
/** As for a single process: X83. */
const MOST_MIB = 600;

describe("a hostile crowd by way of a process that is not the host", function () {
  this.timeout(120_000);
  let fleet: Fleet;
  // Before the database goes.
  after(() => fleet?.dispose());
  const mongo = ownMongo();

  it("[MP45] harms neither: a table at the host plays on, and nothing is left open at the process in between", async () => {
    fleet = await Fleet.start(mongo(), { count: 2, env: { GUESTS: "on", RATE_WRITES: "10" } });
    const [host, edge] = fleet.servers as [ServerProcess, ServerProcess];
    const scene = await sceneOn(host, SECONDS, edge);
    const quiet = await Evening.prepare(host, { members: { zoe: "player" } });
    const zoe = await quiet.person("zoe").join(quiet.sessionId);
    const before = [host, edge].map(({ pid }) => memoryOf(pid)?.now ?? 0);
    let sent = 0;
    let isOver = false;
    const failed: string[] = [];
    const playing = (async () => {
      while (!isOver) {
        const command = { id: randomUUID(), action: "increment", payload: { path: "shared/n", by: 1 } };
        const outcome = await zoe.attempt(command);
        // A database that the crowd keeps busy may be late: the same command again.
        if (outcome.kind === "refused" && outcome.refusal.retryable) continue;
        if (outcome.kind !== "accepted") failed.push(outcome.kind);
        sent += 1;
        await pause(50);
      }
    })();
    try {
      for (const [name, { rounds, told }] of Object.entries(await letLoose(scene))) {
        console.log(`      ${name}: ${rounds} rounds ${JSON.stringify(told)}`);
      }
    } finally {
      isOver = true;
    }
    await playing;
    assert.deepEqual(failed, []);
    assert.equal(zoe.value("shared/n"), sent, "every command, once");
    assert.deepEqual([host.isRunning, edge.isRunning], [true, true]);
    const most = [host, edge].map(({ pid }) => memoryOf(pid)?.most ?? 0);
    console.log(`      host and process in between: ${before.join(" and ")} MiB before, ${most.join(" and ")} at most`);
    for (const mebibytes of most) assert.ok(mebibytes < MOST_MIB, `${mebibytes} MiB`);
    await eventually(
      "nothing is passed on",
      async () => /^campaign_live_passed_websockets 0$/m.test((await call(edge.url, "GET", "/metrics")).text),
      40_000,
    );
  });
});
