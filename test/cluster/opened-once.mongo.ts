import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { Fleet } from "../support/fleet.ts";
import { inDatabase } from "../support/mongo-server.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person } from "../support/people.ts";

const SESSIONS = 50;

describe("sessions that several processes open at the same moment", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  after(() => fleet?.dispose());
  const mongo = ownMongo();

  it(`[MP7] ${SESSIONS} of them have one host each, and everybody who asked is answered`, async () => {
    fleet = await Fleet.start(mongo(), { count: 2 });
    const [one] = fleet.servers;
    const { gm, campaignId } = await Evening.prepare(one!, { isLive: false });
    const sessions: string[] = [];
    for (let i = 0; i < SESSIONS; i++) {
      const body = { title: `Session ${i}` };
      sessions.push((await gm.get<{ id: string }>("POST", `/api/campaigns/${campaignId}/sessions`, body)).id);
    }
    const asked = sessions.flatMap((sessionId) =>
      fleet.servers.map((server) =>
        new Person(server, gm.userId, gm.token).ask("POST", `/api/sessions/${sessionId}/start`),
      ),
    );
    const statuses = new Map<number, number>();
    for (const { status } of await Promise.all(asked)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    console.log(
      `      ${SESSIONS} sessions, two who start each: ${[...statuses].map(([s, n]) => `${n} × ${s}`).join(", ")}`,
    );
    // Who came a moment too late to be sent to the host may be told to try again.
    assert.ok([...statuses.keys()].every((status) => status === 200 || status === 503));
    const lives = await inDatabase(fleet.uri, (db) =>
      db
        .collection("log")
        .find({ sessionId: { $in: sessions } })
        .toArray(),
    );
    const opened = new Map<string, number>();
    for (const { sessionId, records } of lives) {
      const n = (records as { kind: string }[]).filter(({ kind }) => kind === "opened").length;
      opened.set(sessionId, (opened.get(sessionId) ?? 0) + n);
    }
    assert.deepEqual(
      [...opened.values()],
      Array.from({ length: SESSIONS }, () => 1),
    );
    const hosts = await fleet.leases();
    assert.equal(sessions.filter((sessionId) => hosts.has(sessionId)).length, SESSIONS);
    console.log(`      hosts: ${new Set(hosts.values()).size}`);
  });
});
