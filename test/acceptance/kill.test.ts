import assert from "node:assert/strict";
import { firstBroken } from "../support/audit-chain.ts";
import { Evening, type SessionView } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { problemsOf } from "../support/history.ts";
import { Load } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { Recorder } from "../support/recorder.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

const KILLS = 50;
const PEOPLE = ["gm", "ana", "ben", "cleo"] as const;
const LONGEST_LIFE_MS = 220;

interface SeatRecord {
  readonly role: string;
  readonly joinedAt: number;
}

describe("kill -9 under load", function () {
  this.timeout(150_000);
  const random = Random.fromEnvironment();
  const recorder = new Recorder();
  const loads = new Map(PEOPLE.map((userId) => [userId, new Load(userId, recorder, random)]));
  const firstPlaces = new Map<string, SeatRecord>();
  let server: ServerProcess;
  let evening: Evening;

  before(async () => {
    server = await ServerProcess.start({
      env: { RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" },
    });
    evening = await Evening.prepare(server, {
      members: { ana: "player", ben: "player", cleo: "player" },
      session: { settings: { snapshotEvery: 2 } },
    });
  });

  after(async () => await server?.dispose());

  /** Everybody joins (again), and is who they were. */
  async function sitDown(life: number): Promise<Map<string, Seat>> {
    const seats = new Map<string, Seat>();
    await Promise.all(
      PEOPLE.map(async (userId) => {
        const seat = await evening.person(userId).join(evening.sessionId);
        recorder.watch(seat, `life ${life}`);
        seats.set(userId, seat);
        const place = seat.state.participants.get(userId);
        assert.ok(place, `${userId} is in`);
        const { role, joinedAt } = place;
        const first = firstPlaces.get(userId) ?? { role, joinedAt };
        firstPlaces.set(userId, first);
        assert.deepEqual({ role, joinedAt }, first, `${userId}'s place in life ${life}`);
      }),
    );
    return seats;
  }

  async function look(label: string): Promise<void> {
    recorder.checkpoint(label, await evening.gm.get("GET", `${evening.path}/state`));
  }

  it(`[X1] loses nothing that it acknowledged or showed, ${KILLS} times over, and counts everything once`, async () => {
    console.log(`      seed ${random.seed} (SEED=${random.seed} repeats the choices, not the timing)`);
    const startedAt = Date.now();
    for (let life = 1; life <= KILLS; life += 1) {
      const seats = await sitDown(life);
      await look(`before life ${life}`);
      const runs = [...seats].map(([userId, seat]) =>
        loads.get(userId as (typeof PEOPLE)[number])?.run(seat, () => !server.isRunning),
      );
      await pause(random.between(0, LONGEST_LIFE_MS));
      await server.kill();
      await Promise.all(runs);
      await server.start();
    }
    const seats = await sitDown(KILLS + 1);
    await look("after the last kill");
    await Promise.all(
      [...seats].map(([userId, seat]) => loads.get(userId as (typeof PEOPLE)[number])?.sendAgain(seat)),
    );
    await look("at the end");

    const { commands } = recorder;
    const again = commands.filter(({ sentAt }) => sentAt.length > 1);
    const duplicates = again.filter(({ answers }) => answers.some(({ duplicate }) => duplicate));
    console.log(
      `      ${KILLS} kills in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s: ${commands.length} commands, ${again.length} sent again ` +
        `(${duplicates.length} of them had been recorded), ${recorder.sightings.length} entries and ${recorder.views.length} states seen`,
    );
    assert.deepEqual(problemsOf(recorder).slice(0, 20), []);
    assert.ok(commands.length >= KILLS * 10, `too little load to prove anything: ${commands.length} commands`);
    assert.ok(again.length >= KILLS / 2, `the kills hit too little: ${again.length} commands unanswered`);

    await Promise.all([...seats.values()].map(agreesOnDigest));
    for (const seat of seats.values()) await seat.leave();
  });

  it("[X1] keeps an audit chain that verifies, by the server and by anybody", async () => {
    const verdict = await evening.gm.get<{ valid: boolean; count: number; firstBrokenAt: number | null; head: string }>(
      "GET",
      `${evening.path}/events/verify`,
    );
    const events = await evening.events();
    assert.equal(verdict.valid, true);
    assert.equal(verdict.firstBrokenAt, null);
    assert.equal(firstBroken(events), null);
    assert.equal(verdict.count, events.length);
    assert.equal(verdict.head, events.at(-1)?.hash);
    const joined = events.filter(({ kind }) => kind === "participant.joined");
    assert.deepEqual(joined.map(({ actor }) => actor.userId).sort(), [...PEOPLE].sort(), "joined comes once per place");
    assert.ok(events.some(({ kind }) => kind === "session.restored"));
  });

  it("[X1] is the same session as before", async () => {
    const session = await evening.gm.get<SessionView>("GET", evening.path);
    assert.equal(session.status, "live");
    assert.equal(session.campaignId, evening.campaignId);
  });
});

/** What this client computed is what the server says, at the same seq, over what both see. */
async function agreesOnDigest(seat: Seat): Promise<void> {
  const answer = (await seat.room.request("digest", {})) as { seq: number; entries: string; hidden: string };
  await seat.caughtUp(answer.seq);
  assert.equal(seat.state.seq, answer.seq);
  assert.equal(seat.digest(), answer.entries);
  assert.equal(seat.hiddenDigest(), answer.hidden);
  await eventually("digestSeq to be seq", () => seat.state.digestSeq === seat.state.seq, 1_500);
  assert.equal(seat.state.digest, answer.entries);
}
