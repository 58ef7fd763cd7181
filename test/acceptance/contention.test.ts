import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Evening } from "../support/evening.ts";
import { problemsOf } from "../support/history.ts";
import { Recorder } from "../support/recorder.ts";
import type { Refused, Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

const ROUNDS = 60;

describe("several people on the same paths", function () {
  this.timeout(30_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_COMMANDS: "0" } });
  });

  after(async () => await server?.dispose());

  it("[X2] orders everything, answers everything, loses no update under expect, and sums exactly", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player", ben: "player" } });
    const recorder = new Recorder();
    const seats = await Promise.all(
      ["ana", "ben"].map(async (userId) => await evening.person(userId).join(evening.sessionId)),
    );
    for (const seat of seats) recorder.watch(seat, "1");

    /** Without expect: whoever comes later stands, and increments and appends never conflict. */
    const hammer = async (seat: Seat) => {
      const sending = [];
      for (let round = 1; round <= ROUNDS; round += 1) {
        const send = (action: string, payload: object) => recorder.send(seat, { id: randomUUID(), action, payload });
        sending.push(send("increment", { path: "shared/sum", by: round }));
        sending.push(send("append", { path: "shared/log", values: [`${seat.userId} ${round}`] }));
        sending.push(send("set", { path: "shared/last", value: `${seat.userId} ${round}` }));
      }
      for (const outcome of await Promise.all(sending)) assert.equal(outcome.kind, "accepted");
    };

    /** Under expect: read, add one, write; told of a conflict, begin again from what it told. @returns conflicts met */
    const count = async (seat: Seat) => {
      let conflicts = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        let known = seat.entry("shared/counted") ?? { version: 0, value: "0" };
        for (;;) {
          const outcome = await recorder.send(seat, {
            id: randomUUID(),
            action: "set",
            payload: { path: "shared/counted", value: JSON.parse(known.value) + 1 },
            expect: { "shared/counted": known.version },
          });
          if (outcome.kind === "accepted") break;
          assert.equal(outcome.kind, "refused");
          const { refusal } = outcome as { refusal: Refused };
          assert.equal(refusal.code, "conflict");
          const told = refusal.conflicts?.[0];
          assert.ok(told?.path === "shared/counted" && told.value !== null, JSON.stringify(refusal));
          known = { version: told.version, value: told.value };
          conflicts += 1;
        }
      }
      return conflicts;
    };

    const results = await Promise.all(seats.flatMap((seat) => [hammer(seat), count(seat)]));
    const conflicts = results.reduce((sum: number, met) => sum + (met ?? 0), 0);
    assert.ok(conflicts > 0, "the two never met: nothing was proved");

    const last = Math.max(...recorder.commands.flatMap(({ answers }) => answers.map(({ seq }) => seq)));
    for (const seat of seats) await seat.caughtUp(last);
    recorder.checkpoint("at the end", await evening.gm.get("GET", `${evening.path}/state`));
    assert.deepEqual(problemsOf(recorder).slice(0, 20), []);

    for (const seat of seats) {
      assert.equal(seat.value("shared/sum"), ROUNDS * (ROUNDS + 1));
      assert.equal((seat.value("shared/log") as string[]).length, 2 * ROUNDS);
      assert.equal(seat.value("shared/counted"), 2 * ROUNDS);
      await seat.leave();
    }
    const [ana, ben] = seats as [Seat, Seat];
    assert.equal(ana.digest(), ben.digest());
  });

  it("[X2] answers one id once, however often it is sent at the same time", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const phone = await evening.person("ana").join(evening.sessionId);
    const laptop = await evening.person("ana").join(evening.sessionId);
    const command = { id: "once", action: "increment", payload: { path: "shared/n", by: 5 } };
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? phone : laptop).attempt(command)));
    const answers = outcomes.map((outcome) => {
      assert.equal(outcome.kind, "accepted");
      return (outcome as { answer: { seq: number; result?: unknown; duplicate?: boolean } }).answer;
    });
    assert.equal(answers.filter(({ duplicate }) => duplicate !== true).length, 1);
    assert.deepEqual([...new Set(answers.map(({ seq, result }) => `${seq} ${result}`))], ["1 5"]);
    const otherPayload = await phone.command("set", { path: "shared/n", value: 99 }, { id: "once" });
    assert.deepEqual(otherPayload, { seq: 1, result: 5, duplicate: true });
    assert.equal(phone.value("shared/n"), 5);
    await Promise.all([phone.leave(), laptop.leave()]);
  });

  it("[X2] answers a command sent without request by a message reply", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const seat = await evening.person("ana").join(evening.sessionId);
    seat.room.send("command", { id: "s1", action: "increment", payload: { path: "shared/n", by: 1 } });
    assert.deepEqual(await seat.message("reply"), { id: "s1", ok: true, seq: 1, result: 1 });
    seat.messages.length = 0;
    seat.room.send("command", { id: "s2", action: "set", payload: { path: "gm/x", value: 1 } });
    const refused = (await seat.message("reply")) as { id: string; ok: boolean; error: Refused };
    assert.equal(refused.id, "s2");
    assert.equal(refused.ok, false);
    assert.equal(refused.error.code, "forbidden");
    assert.equal(refused.error.retryable, false);
    await seat.leave();
  });
});
