import assert from "node:assert/strict";
import fc from "fast-check";
import type { LogRecord } from "../../src/core/record.ts";
import { PositionTaken, StoreUnavailable } from "../../src/ports/failures.ts";
import { wholeLog } from "../support/whole-log.ts";
import { AWKWARD_NAMES, accessRows, commandsAt, eventNumber, recordAt, sessionRow } from "./records.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

/** Rules L1 to L8, on any stores. */
export function logContract(name: string, open: OpenStores): void {
  describe(`session log: ${name}`, () => {
    const underTest = eachTestWith(open);
    const log = () => underTest().stores.log;
    const ids = async (sessionId = "s1") => (await wholeLog(log(), sessionId)).map((record) => record.id);

    it("[L1] reads back what was appended, whole, also after reopening", async () => {
      const records: LogRecord[] = [
        recordAt(1, { content: { kind: "opened", process: "p1" }, audit: [eventNumber(1), eventNumber(2)] }),
        commandsAt(2, [1, 2], { sockets: { kim: 2, ["__proto__"]: 1 } }),
        recordAt(3, { epoch: 7, content: { kind: "status", status: "paused", by: "kim", reason: "tea\0" } }),
      ];
      await log().append(records);
      assert.deepEqual(await log().read("s1", 0, 10), records);
      await underTest().reopen();
      assert.deepEqual(await log().read("s1", 0, 10), records);
    });

    it("[L1] stores all records of a call or none", async () => {
      await log().append([recordAt(1), recordAt(2)]);
      await log().append([recordAt(3, { writer: "other" })]);
      const call = [recordAt(2), recordAt(3), recordAt(4)];
      await assert.rejects(
        log().append(call, { row: sessionRow("s1"), access: accessRows({ invites: ["h"] }) }),
        PositionTaken,
      );
      assert.deepEqual(await ids(), ["w-1", "w-2", "other-3"]);
      assert.equal(await underTest().stores.sessions.find("s1"), undefined);
      assert.equal(await underTest().stores.sessions.findByInvite("h"), undefined);
    });

    it("[L1] keeps text of any kind and size", async () => {
      for (const [i, text] of AWKWARD_NAMES.entries()) {
        const record = recordAt(1, { sessionId: `s-${i}-${text}`, content: { kind: "opened", process: text } });
        await log().append([record], { row: sessionRow(record.sessionId, { title: text }) });
        assert.deepEqual(await log().read(record.sessionId, 0, 2), [record]);
        assert.equal((await underTest().stores.sessions.find(record.sessionId))?.title, text);
      }
      const big = recordAt(1, { sessionId: "big", content: { kind: "opened", process: "🐉".repeat(1_000_000) } });
      await log().append([big]);
      assert.deepEqual(await log().read("big", 0, 2), [big]);
    });

    it("[L1] is not changed by what callers do to records afterwards", async () => {
      const record = structuredClone(recordAt(1, { audit: [eventNumber(1)] }));
      await log().append([record]);
      const [read] = await log().read("s1", 0, 1);
      (record as { epoch: number }).epoch = 99;
      (read as { epoch: number }).epoch = 98;
      const events = await log().events("s1", 0, 1);
      (events[0] as { n: number }).n = 97;
      assert.equal((await log().read("s1", 0, 1))[0]?.epoch, 1);
      assert.equal((await log().events("s1", 0, 1))[0]?.n, 1);
    });

    it("[L2] refuses another record at a taken position, trimmed or not", async () => {
      await log().append([recordAt(1), recordAt(2)]);
      await assert.rejects(log().append([recordAt(2, { writer: "other" })]), PositionTaken);
      await log().trim("s1", 2);
      await assert.rejects(log().append([recordAt(2, { writer: "other" })]), PositionTaken);
      await log()
        .append([recordAt(2, { sessionId: "s2", writer: "other" })])
        .catch(() => {});
      await log().append([recordAt(1, { sessionId: "s2", writer: "other" })]);
      assert.deepEqual(await ids("s2"), ["other-1"]);
    });

    it("[L2] lets exactly one of many racing for a position win", async () => {
      for (let pos = 1; pos <= 20; pos++) {
        const racers = Array.from({ length: 10 }, (_, i) => log().append([recordAt(pos, { writer: `r${i}` })]));
        const outcomes = await Promise.allSettled(racers);
        const winner = outcomes.findIndex((outcome) => outcome.status === "fulfilled");
        assert.equal(outcomes.filter((outcome) => outcome.status === "fulfilled").length, 1);
        for (const outcome of outcomes)
          if (outcome.status === "rejected") assert.ok(outcome.reason instanceof PositionTaken);
        assert.equal((await log().read("s1", pos - 1, 1))[0]?.id, `r${winner}-${pos}`);
      }
    });

    it("[L2] does not let one session's refusal hurt the others that share its commit", async () => {
      await log().append([recordAt(1, { sessionId: "s7", writer: "other" })]);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => log().append([recordAt(1, { sessionId: `s${i}` })])),
      );
      for (const [i, outcome] of outcomes.entries()) {
        assert.equal(outcome.status, i === 7 ? "rejected" : "fulfilled");
        assert.deepEqual(await ids(`s${i}`), [i === 7 ? "other-1" : "w-1"]);
      }
    });

    it("[L3] takes the identical call again and changes nothing", async () => {
      const records = [recordAt(1, { audit: [eventNumber(1)] }), commandsAt(2, [1])];
      await log().append(records, { row: sessionRow("s1", { title: "first" }) });
      await log().append([recordAt(3)], { row: sessionRow("s1", { title: "second" }) });
      await log().append(records, { row: sessionRow("s1", { title: "first" }) });
      await log().trim("s1", 2);
      await log().append(records);
      await Promise.all([log().append([recordAt(4)]), log().append([recordAt(4)])]);
      assert.deepEqual(await ids(), ["w-3", "w-4"]);
      assert.equal((await log().events("s1", 0, 10)).length, 1);
      assert.equal((await underTest().stores.sessions.find("s1"))?.title, "second");
    });

    it("[L3] completes a call of which some records stand there under their ids", async () => {
      await log().append([recordAt(1), recordAt(2)]);
      await log().append([recordAt(2), recordAt(3)], { row: sessionRow("s1") });
      assert.deepEqual(await ids(), ["w-1", "w-2", "w-3"]);
      assert.equal((await underTest().stores.sessions.find("s1"))?.sessionId, "s1");
    });

    it("[L4] stores nothing that would leave a gap, for certain", async () => {
      await assert.rejects(log().append([recordAt(2)]), StoreUnavailable);
      await log().append([recordAt(1)]);
      await assert.rejects(log().append([recordAt(3), recordAt(4)]), StoreUnavailable);
      assert.deepEqual(await ids(), ["w-1"]);
    });

    it("[L4] throws at a call that no writer may make", async () => {
      await assert.rejects(log().append([]), TypeError);
      await assert.rejects(log().append([recordAt(0)]), TypeError);
      await assert.rejects(log().append([recordAt(1), recordAt(3)]), TypeError);
      await assert.rejects(log().append([recordAt(1), recordAt(2, { sessionId: "s2" })]), TypeError);
      assert.deepEqual(await ids(), []);
    });

    it("[L5] takes pipelined appends of one session in the order of the calls", async () => {
      const calls = Array.from({ length: 200 }, (_, i) => log().append([recordAt(i + 1)]));
      await Promise.all(calls);
      assert.deepEqual(
        await ids(),
        Array.from({ length: 200 }, (_, i) => `w-${i + 1}`),
      );
    });

    it("[L5] reads by rising position, after a position, at most `limit`, one session alone", async () => {
      await log().append(Array.from({ length: 12 }, (_, i) => recordAt(i + 1)));
      await log().append([recordAt(1, { sessionId: "s10" })]);
      assert.deepEqual(
        (await log().read("s1", 9, 10)).map((record) => record.pos),
        [10, 11, 12],
      );
      assert.deepEqual(
        (await log().read("s1", 0, 2)).map((record) => record.pos),
        [1, 2],
      );
      assert.deepEqual(await log().read("s1", 12, 10), []);
      assert.deepEqual(await log().read("nobody", 0, 10), []);
    });

    it("[L50] ends a page where the records come to 4 MiB, and never with nothing while there is more", async () => {
      const mebibyte = "🐉".repeat(262_144);
      const sizes = [1, 2, 1, 9, 0, 0, 3, 3, 1];
      const records = sizes.map((size, i) =>
        recordAt(i + 1, { content: { kind: "opened", process: `${i}${mebibyte.repeat(size)}` } }),
      );
      await log().append(records.slice(0, 3));
      for (const record of records.slice(3)) await log().append([record]);
      const pages: number[][] = [];
      for (let after = 0; ; ) {
        const page = await log().read("s1", after, 100);
        if (page.length === 0) break;
        after = page.at(-1)!.pos;
        assert.deepEqual(page, records.slice(page[0]!.pos - 1, after));
        pages.push(page.map(({ pos }) => pos));
      }
      assert.deepEqual(pages, [[1, 2, 3], [4], [5, 6, 7, 8], [9]]);
    }).timeout(30_000);

    it("[L6] forgets content at a trim, and only that", async () => {
      await log().append([recordAt(1, { audit: [eventNumber(1)] }), commandsAt(2, [1, 2]), commandsAt(3, [3])]);
      const [events, commands] = [await log().events("s1", 0, 10), await log().commands("s1", 0, 10)];
      await log().trim("s1", 2);
      await log().trim("s1", 1);
      assert.deepEqual(await ids(), ["w-3"]);
      await underTest().reopen();
      assert.deepEqual(await ids(), ["w-3"]);
      assert.deepEqual(await log().events("s1", 0, 10), events);
      assert.deepEqual(await log().commands("s1", 0, 10), commands);
    });

    it("[L6] trims no record that is still to come, and long logs too", async () => {
      await log().append(Array.from({ length: 2500 }, (_, i) => recordAt(i + 1)));
      await log().trim("s1", 1_000_000);
      assert.deepEqual(await ids(), []);
      await log().append([recordAt(2501)]);
      assert.deepEqual(await ids(), ["w-2501"]);
      await log().trim("nobody", 5);
      await log().append([recordAt(1, { sessionId: "nobody" })]);
      assert.deepEqual(await ids("nobody"), ["w-1"]);
    });

    it("[L7] pages through audit events and traces, also within a record", async () => {
      let [n, seq] = [0, 0];
      for (let pos = 1; pos <= 12; pos++) {
        const audit = Array.from({ length: pos % 4 }, () => eventNumber(++n));
        const seqs = Array.from({ length: pos % 3 }, () => ++seq);
        await log().append([seqs.length === 0 ? recordAt(pos, { audit }) : commandsAt(pos, seqs, { audit })]);
      }
      await log().trim("s1", 6);
      for (const limit of [1, 2, 5, 100]) {
        const [events, commands]: [number[], number[]] = [[], []];
        for (;;) {
          const page = await log().events("s1", events.at(-1) ?? 0, limit);
          assert.ok(page.length <= limit);
          if (page.length === 0) break;
          events.push(...page.map((event) => event.n));
        }
        for (;;) {
          const page = await log().commands("s1", commands.at(-1) ?? 0, limit);
          assert.ok(page.length <= limit);
          if (page.length === 0) break;
          commands.push(...page.map((trace) => trace.seq));
        }
        assert.deepEqual(
          events,
          Array.from({ length: n }, (_, i) => i + 1),
        );
        assert.deepEqual(
          commands,
          Array.from({ length: seq }, (_, i) => i + 1),
        );
      }
    });

    it("[L7] traces who did what, without path or value; a continuation is one `continue`", async () => {
      const settings = sessionRow("s1").settings;
      const created = {
        kind: "created",
        campaignId: "c1",
        title: "t",
        maxParticipants: 8,
        settings,
        createdBy: "kim",
      } as const;
      await log().append([
        recordAt(1, { content: { ...created, continued: [["shared/a", "1", "ann"]] } }),
        commandsAt(2, [2]),
      ]);
      assert.deepEqual(await log().commands("s1", 0, 10), [
        { seq: 1, at: recordAt(1).at, userId: "kim", action: "continue" },
        { seq: 2, at: 1_700_000_000_002, userId: "kim", action: "set" },
      ]);
    });

    it("[L8] stores row and invites with their record", async () => {
      const row = sessionRow("s1", { startedAt: 5, endedAt: 6, status: "ended" });
      await log().append([recordAt(1)], { row, access: accessRows({ invites: ["h1", "h2"] }) });
      await log().append([recordAt(2)]);
      await underTest().reopen();
      assert.deepEqual(await underTest().stores.sessions.find("s1"), row);
      assert.equal(await underTest().stores.sessions.findByInvite("h2"), "s1");
    });

    it("[L5] agrees with a model under any mix of calls", async () => {
      const sessions = ["a", "b", "c"];
      const step = fc.record({
        session: fc.constantFrom(...sessions),
        offset: fc.integer({ min: -2, max: 2 }),
        count: fc.integer({ min: 1, max: 3 }),
        writer: fc.constantFrom("w", "x"),
        trim: fc.integer({ min: 0, max: 20 }),
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
          async (rounds) => {
            const prefix = `${run++}-`;
            const model = new Map<string, string[]>(sessions.map((session) => [session, []]));
            for (const round of rounds) {
              const together = round.map(({ session, offset, count, writer }) => {
                const held = model.get(session)!;
                const first = Math.max(1, held.length + 1 + offset);
                const records = Array.from({ length: count }, (_, i) =>
                  recordAt(first + i, { sessionId: prefix + session, writer }),
                );
                const taken = records.some((r) => held[r.pos - 1] !== undefined && held[r.pos - 1] !== r.id);
                const expected = taken ? "PositionTaken" : first > held.length + 1 ? "StoreUnavailable" : "stored";
                if (expected === "stored") for (const record of records) held[record.pos - 1] = record.id;
                return {
                  expected,
                  outcome: log()
                    .append(records)
                    .then(
                      () => "stored",
                      (error: Error) => error.name,
                    ),
                };
              });
              for (const { expected, outcome } of together) assert.equal(await outcome, expected);
            }
            for (const [session, held] of model) assert.deepEqual(await ids(prefix + session), held);
          },
        ),
        { numRuns: 40 },
      );
    });
  });
}
