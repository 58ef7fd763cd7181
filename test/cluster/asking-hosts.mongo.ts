import assert from "node:assert/strict";
import { Reading } from "../http/reading.ts";
import { eventually } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { call } from "../support/http.ts";
import { inDatabase } from "../support/mongo-server.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person } from "../support/people.ts";
import type { Seat } from "../support/seat.ts";
import type { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";

const PEOPLE = ["pia", "kim", "lou"];
const JOINS_PER_ADDRESS = 60;

describe("three processes, whichever is asked", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  // Before the database goes.
  after(() => fleet?.dispose());
  const mongo = ownMongo();
  before(async () => {
    const env = { TRUST_PROXY: "loopback", RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: `${JOINS_PER_ADDRESS}` };
    fleet = await Fleet.start(mongo(), { count: 3, env });
  });

  /** The server whose turn it is. */
  const server = (i: number): ServerProcess => fleet.servers[i % fleet.servers.length]!;

  /** A campaign with its own GM and three players, and a live session in it, made by way of one process. */
  async function evening(i: number): Promise<{ gm: Person; campaignId: string; sessionId: string }> {
    const gm = await Person.of(server(i), `gm-${i}`);
    const campaign = await gm.get<{ id: string }>("POST", "/api/campaigns", { name: `Campaign ${i}` });
    for (const userId of PEOPLE)
      await gm.get("PUT", `/api/campaigns/${campaign.id}/members/${userId}`, { role: "player" });
    const session = await gm.get<{ id: string }>("POST", `/api/campaigns/${campaign.id}/sessions`, { title: "One" });
    await gm.get("POST", `/api/sessions/${session.id}/start`);
    return { gm, campaignId: campaign.id, sessionId: session.id };
  }

  async function hostOf(sessionId: string): Promise<ServerProcess> {
    const processId = (await fleet.leases()).get(sessionId);
    for (const one of fleet.servers) if ((await fleet.processIdOf(one)) === processId) return one;
    throw new Error("nobody hosts it");
  }

  it("[MP35] [MP42] twenty sessions, joined by way of any process: one host each, and everybody sees everything", async () => {
    const evenings = await Promise.all(Array.from({ length: 20 }, (_, i) => evening(i)));
    await Promise.all(
      evenings.map(async ({ sessionId, gm }, i) => {
        const seats: Seat[] = await Promise.all(
          PEOPLE.map(async (userId, j) => (await Person.of(server(i + j), userId)).join(sessionId)),
        );
        let seq = 0;
        for (const [j, seat] of seats.entries()) {
          seq = (await seat.command("set", { path: `players/${seat.userId}/hp`, value: j })).seq;
        }
        for (const seat of seats) {
          await seat.caughtUp(seq, 5_000);
          for (const [j, userId] of PEOPLE.entries()) assert.equal(seat.value(`players/${userId}/hp`), j);
        }
        assert.equal(new Set(seats.map((seat) => seat.digest())).size, 1);
        const { items } = await gm.get<{ items: { kind: string }[] }>(
          "GET",
          `/api/sessions/${sessionId}/events?limit=200`,
        );
        assert.equal(items.filter(({ kind }) => kind === "host.changed").length, 0, "one host from beginning to end");
        for (const one of fleet.servers) {
          const told = await (await Person.of(one, "pia")).get("GET", `/api/sessions/${sessionId}`);
          assert.equal(told.online, 3);
        }
        for (const seat of seats) await seat.leave();
      }),
    );
  });

  it("[MP34] [MP35] every process answers every question about a session alike", async () => {
    const { sessionId, gm } = await evening(0);
    const seat = await (await Person.of(server(0), "pia")).join(sessionId);
    await seat.command("set", { path: "shared/door", value: "open" });
    await gm.get("POST", `/api/sessions/${sessionId}/invites`, { label: "for Max" });
    const paths = [
      "",
      "/state",
      "/invites",
      "/knocks",
      "/knocks/mine",
      "/events",
      "/events/verify",
      "/commands",
      "/nothing",
    ];
    for (const userId of [gm.userId, "pia", "stranger"]) {
      for (const path of paths) {
        const answers = await Promise.all(
          fleet.servers.map(async (one) => {
            const { status, text } = await (await Person.of(one, userId)).ask(
              "GET",
              `/api/sessions/${sessionId}${path}`,
            );
            return `${status} ${text}`;
          }),
        );
        assert.equal(new Set(answers).size, 1, `${userId} ${path}: ${answers.join("\n")}`);
      }
    }
    await seat.leave();
  });

  it("[MP40] a stream by way of any process shows what is played by way of another", async () => {
    const { sessionId } = await evening(1);
    const readings = await Promise.all(
      fleet.servers.map(async (one) => Reading.open(one, sessionId, { token: (await Person.of(one, "kim")).token })),
    );
    const seat = await (await Person.of(server(2), "pia")).join(sessionId);
    const { seq } = await seat.command("set", { path: "shared/door", value: "open" });
    for (const reading of readings) {
      await reading.until("the entry", () => reading.seq >= seq);
      assert.equal(reading.entries().get("shared/door").value, '"open"');
      reading.close();
    }
    await seat.leave();
  });

  it("[MP30] joins count by the client's address, whichever way they came", async () => {
    const { sessionId, gm } = await evening(2);
    const host = await hostOf(sessionId);
    const join = async (one: ServerProcess, address: string) => {
      const request = { token: gm.token, headers: { "x-forwarded-for": address }, body: { sessionId } };
      const { status, body } = await call(one.url, "POST", "/matchmake/joinOrCreate/session", request);
      return status === 200 ? "joined" : body.error;
    };
    // Through all of them, one after the other; the host counts. Some find too many connections, which is no rate.
    for (let i = 0; i < JOINS_PER_ADDRESS; i++) assert.notEqual(await join(server(i), "198.51.100.4"), "rate_limited");
    for (const one of fleet.servers) assert.equal(await join(one, "198.51.100.4"), "rate_limited");
    for (const one of fleet.servers) assert.notEqual(await join(one, "198.51.100.5"), "rate_limited");
    const forged = { "x-forwarded-for": "198.51.100.4", "x-process-forwarded": "a.b" };
    for (const one of [host, ...fleet.servers]) {
      const request = { token: gm.token, headers: forged, body: { sessionId } };
      const answer = await call(one.url, "POST", "/matchmake/joinOrCreate/session", request);
      assert.equal(answer.body.error, "rate_limited", "a header of ours that a client sets changes nothing");
    }
  });

  it("[MP43] a stock SDK whose host is killed comes back by itself, through the process that it talks to", async () => {
    const { sessionId } = await evening(0);
    const host = await hostOf(sessionId);
    const edge = fleet.servers.find((one) => one !== host)!;
    const client = await StockClient.join(await Person.of(edge, "lou"), edge.url, sessionId);
    const seat = await (await Person.of(edge, "kim")).join(sessionId);
    const { seq } = await seat.command("set", { path: "shared/door", value: "shut" });
    await client.upLongEnough();
    await host.kill();
    assert.deepEqual(await seat.ended(5_000), { code: 4010, reason: "host_moved" });
    await eventually("lou is back", () => client.returns === 1, 10_000);
    const drops = client.events.filter(({ kind }) => kind === "drop");
    assert.deepEqual([drops[0]?.code, drops[0]?.reason], [4010, "host_moved"]);
    assert.ok(client.state.seq >= seq);
    assert.deepEqual(await client.problems(), []);
    await client.leave();
    await host.start();
  });

  it("[MP32] the secret of the processes is in no log, answer or figure", async () => {
    const kept = await inDatabase(fleet.uri, (db) => db.collection("secrets").findOne());
    const secret: string = kept?.value;
    assert.equal(Buffer.from(secret, "base64url").length, 32);
    for (const one of fleet.servers) {
      const { text } = await call(one.url, "GET", "/metrics");
      assert.ok(!text.includes(secret) && !one.log.includes(secret));
    }
  });
});
