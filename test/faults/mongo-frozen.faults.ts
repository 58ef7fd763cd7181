import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { ANSWERED_WITHIN_MS } from "../support/ordeal-checks.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person, refusalOf } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";

const JOINS = 200;
const GROWTH_MIB = 64;

/** Memory of a process that is in use, in MiB. */
function residentMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}

/** What a piece of work comes to, and how long it took. */
async function timed<T>(work: Promise<T>): Promise<{ readonly came: T; readonly ms: number }> {
  const from = performance.now();
  const came = await work;
  return { came, ms: performance.now() - from };
}

describe("readers and newcomers of a server whose MongoDB stands still", function () {
  this.timeout(120_000);
  const database = ownMongo();
  let server: ServerProcess;
  let played: Evening;
  let quiet: Evening;
  let people: readonly Person[];
  before(async () => {
    server = await ServerProcess.start({
      env: {
        MONGODB_URI: database().uri("frozen"),
        RATE_JOINS_PER_USER: "0",
        RATE_JOINS_PER_ADDRESS: "0",
        RATE_COMMANDS: "0",
      },
    });
    const session = { maxParticipants: 500 };
    played = await Evening.prepare(server, { session });
    quiet = await Evening.prepare(server, { session });
    const names = Array.from({ length: JOINS }, (_, i) => `p${i}`);
    people = await Promise.all(names.map((name) => Person.of(server, name)));
    for (const evening of [played, quiet]) {
      for (const name of names) await evening.setMember(name, "player");
    }
  });
  afterEach(() => database().thaw());
  after(async () => await server?.dispose());

  it("[X47] are told 503 within 5 s on every route that reads, time after time", async () => {
    database().freeze();
    const { campaignId, path } = quiet;
    const routes = [
      "/api/campaigns",
      `/api/campaigns/${campaignId}`,
      `/api/campaigns/${campaignId}/sessions`,
      path,
      ...["state", "invites", "history", "events", "events/verify", "commands"].map((below) => `${path}/${below}`),
    ];
    for (let time = 0; time < 3; time += 1) {
      await Promise.all(
        routes.map(async (route) => {
          const { came, ms } = await timed(quiet.gm.ask("GET", route));
          assert.equal(came.status, 503, route);
          assert.equal(came.body.code, "unavailable", route);
          assert.ok(ms < ANSWERED_WITHIN_MS, `GET ${route} took ${ms} ms`);
        }),
      );
    }
  });

  it(`[X47] are refused in time, ${JOINS} joins at once, into a session with a host and one without; memory does not grow`, async () => {
    const host = await played.gm.join(played.sessionId);
    const waves: number[] = [];
    database().freeze();
    for (let wave = 0; wave < 4; wave += 1) {
      const { sessionId } = wave % 2 === 0 ? played : quiet;
      await Promise.all(
        people.map(async (person) => {
          const { came, ms } = await timed(refusalOf(person.join(sessionId)));
          assert.deepEqual([came.code, came.message], [503, "unavailable"]);
          assert.ok(ms < ANSWERED_WITHIN_MS, `${person.userId}'s join took ${ms} ms`);
        }),
      );
      waves.push(residentMib(server.pid));
    }
    const [first, last] = [waves[0]!, waves.at(-1)!];
    console.log(`      resident after each wave: ${waves.map((mib) => mib.toFixed(0)).join(", ")} MiB`);
    assert.ok(last - first < GROWTH_MIB, `${first} MiB after one wave, ${last} MiB after four`);
    assert.equal(host.closing, null);
    database().thaw();
    await eventually("a join", () => people[0]!.join(played.sessionId).then(() => true), 10_000);
    await pause(100);
    const { came } = await timed(quiet.gm.ask("GET", `${quiet.path}/state`));
    assert.equal(came.status, 200);
    // Nobody holds a place that they were refused.
    const { body } = await played.gm.ask<{ participants: { userId: string }[] }>("GET", `${played.path}/history`);
    assert.deepEqual(body.participants.map(({ userId }) => userId).sort(), ["gm", "p0"]);
  });
});
