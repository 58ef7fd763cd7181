import assert from "node:assert/strict";
import type { LogRecord } from "../../src/core/record.ts";
import { tracesOf } from "../../src/core/record.ts";
import type { DamagedRecord, KeptRecord } from "../../src/ports/archive.ts";
import { PositionTaken, StoreUnavailable } from "../../src/ports/failures.ts";
import { garble } from "./damage.ts";
import {
  AWKWARD_NAMES,
  accessRows,
  commandsAt,
  eventNumber,
  inviteOf,
  personRow,
  recordAt,
  sessionRow,
} from "./records.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

/** A record as an archive tells of it, with its content or without. */
export function keptOf(record: LogRecord, isTrimmed = false): KeptRecord {
  const { v, pos, id, epoch, at, content, audit, sockets } = record;
  const body = isTrimmed ? null : { v, content, ...(sockets === undefined ? {} : { sockets }) };
  return { pos, id, epoch, at, kind: content.kind, audit, traces: tracesOf(record), body };
}

/** Five records with everything that a record can have. */
function fiveRecords(sessionId = "s1"): LogRecord[] {
  return [
    recordAt(1, { sessionId, content: { kind: "opened", process: "p1" }, audit: [eventNumber(1), eventNumber(2)] }),
    commandsAt(2, [1, 2], { sessionId, sockets: { kim: 2, ["__proto__"]: 1 } }),
    recordAt(3, { sessionId, epoch: 7, content: { kind: "status", status: "paused", by: "kim", reason: "tea\0" } }),
    commandsAt(4, [3], { sessionId, epoch: 7, audit: [eventNumber(3)] }),
    recordAt(5, { sessionId, epoch: 7 }),
  ];
}

/** Rules E1 to E8, on any stores. @param onDisk false where nothing is: no parts, no damage */
export function archiveContract(name: string, open: OpenStores, onDisk: boolean): void {
  describe(`archive: ${name}`, () => {
    const underTest = eachTestWith(open);
    const stores = () => underTest().stores;
    const archive = () => underTest().stores.archive;

    /** All records of a session, in pages. */
    async function everything(sessionId: string, limit: number) {
      const found: (KeptRecord | DamagedRecord)[] = [];
      for (;;) {
        const page = await archive().records(sessionId, found.at(-1)?.pos ?? 0, limit);
        assert.ok(page.length <= limit);
        if (page.length === 0) return found;
        found.push(...page);
      }
    }

    it("[E1] tells every campaign and every session of which anything is kept, in pages", async () => {
      const members = [{ userId: "kim", name: null, role: "gm" }] as const;
      for (const id of ["c3", "c1", "c2"]) await stores().campaigns.create({ id, name: id, createdAt: 1, members });
      await stores().log.append([recordAt(1, { sessionId: "of-log" })]);
      await stores().log.append([recordAt(1, { sessionId: "of-both" })], { row: sessionRow("of-both") });
      await stores().snapshots.save({ sessionId: "of-snapshot", pos: 1, sha256: "00", text: "{}" });
      await archive().project("of-row", sessionRow("of-row"), accessRows({}), 1);
      await archive().project("of-invite", null, accessRows({ invites: ["h1", "h2"] }), 1);
      await archive().project("of-person", null, accessRows({ people: [personRow("kim")] }), 1);
      await stores().leases.claim({ sessionId: "of-lease", processId: "p", epoch: 1 });
      await underTest().reopen();
      // SQLite keeps leases in memory (K7).
      const leased = (await stores().leases.find("of-lease")) === undefined ? [] : ["of-lease"];
      const sessions = ["of-both", "of-invite", ...leased, "of-log", "of-person", "of-row", "of-snapshot"];
      for (const limit of [1, 2, 50]) {
        const seen: Record<"campaignIds" | "sessionIds", string[]> = { campaignIds: [], sessionIds: [] };
        for (const list of ["campaignIds", "sessionIds"] as const) {
          for (;;) {
            const page = await archive()[list](seen[list].at(-1) ?? "", limit);
            assert.ok(page.length <= limit);
            if (page.length === 0) break;
            seen[list].push(...page);
          }
        }
        assert.deepEqual(seen, { campaignIds: ["c1", "c2", "c3"], sessionIds: sessions });
      }
    });

    it("[E2] tells all records of a session, trimmed ones without their content", async () => {
      const records = fiveRecords();
      await stores().log.append(records.slice(0, 2));
      for (const record of records.slice(2)) await stores().log.append([record]);
      await stores().log.append([recordAt(1, { sessionId: "s10" })]);
      for (const limit of [1, 2, 3, 100]) {
        assert.deepEqual(
          await everything("s1", limit),
          records.map((record) => keptOf(record)),
        );
      }
      assert.equal(await stores().log.end("s1"), 5);
      assert.equal(await archive().trimmedThrough("s1"), 0);
      for (const through of [1, 3]) {
        await stores().log.trim("s1", through);
        assert.equal(await archive().trimmedThrough("s1"), through);
        const expected = records.map((record) => keptOf(record, record.pos <= through));
        for (const limit of [1, 2, 100]) assert.deepEqual(await everything("s1", limit), expected);
      }
      assert.deepEqual(await everything("nobody", 5), []);
      assert.equal(await stores().log.end("nobody"), 0);
      assert.equal(await archive().trimmedThrough("nobody"), 0);
    });

    it("[E2] ends a page early where records are large, and never with nothing while there is more", async () => {
      const large = "🐉".repeat(700_000);
      const records = Array.from({ length: 6 }, (_, i) =>
        recordAt(i + 1, { content: { kind: "opened", process: `${i}${large}` } }),
      );
      for (const record of records) await stores().log.append([record]);
      const found = await everything("s1", 100);
      assert.deepEqual(
        found.map(({ pos }) => pos),
        [1, 2, 3, 4, 5, 6],
      );
      assert.deepEqual(found[5], keptOf(records[5]!));
    }).timeout(10_000);

    if (onDisk) {
      it("[E2] tells of a damaged record by its position, and of those around it as they are", async () => {
        const records = fiveRecords();
        await stores().log.append(records);
        await garble(underTest(), { pos: 2, where: "content", from: "shared/n2", to: "shared/n6" });
        await garble(underTest(), { pos: 4, where: "audit", from: "participant.idle", to: "participant.idie" });
        for (const limit of [1, 2, 100]) {
          const found = await everything("s1", limit);
          for (const pos of [1, 3, 5]) assert.deepEqual(found[pos - 1], keptOf(records[pos - 1]!));
          for (const pos of [2, 4]) {
            const { damage } = found[pos - 1] as DamagedRecord;
            assert.match(damage, new RegExp(`^the record of s1 at ${pos} is damaged: its checksum`));
            assert.deepEqual(found[pos - 1], { pos, damage });
          }
          assert.equal(found.length, 5);
        }
      });
    }

    it("[E3] stores records as they were kept elsewhere, so that the log reads as it did there", async () => {
      const records = fiveRecords();
      const kept = records.map((record) => keptOf(record, record.pos <= 2));
      await archive().putRecords("s1", kept.slice(0, 3));
      await archive().putRecords("s1", kept.slice(3));
      await underTest().reopen();
      assert.deepEqual(await everything("s1", 2), kept);
      assert.deepEqual(await stores().log.read("s1", 0, 10), records.slice(2));
      assert.equal(await archive().trimmedThrough("s1"), 2);
      assert.deepEqual(await stores().log.events("s1", 0, 10), [eventNumber(1), eventNumber(2), eventNumber(3)]);
      assert.deepEqual(
        (await stores().log.commands("s1", 0, 10)).map(({ seq }) => seq),
        [1, 2, 3],
      );
      await stores().log.append([recordAt(6)]);
      await stores().log.trim("s1", 4);
      assert.deepEqual(
        (await stores().log.read("s1", 0, 10)).map(({ pos }) => pos),
        [5, 6],
      );
      assert.equal((await everything("s1", 100)).length, 6);
    });

    it("[E3] keeps text of any kind and size, and records of no content at all", async () => {
      for (const [i, text] of AWKWARD_NAMES.entries()) {
        const sessionId = `s-${i}-${text}`;
        const kept = keptOf(recordAt(1, { sessionId, content: { kind: "opened", process: text } }));
        await archive().putRecords(sessionId, [kept]);
        assert.deepEqual(await everything(sessionId, 5), [kept]);
      }
      const big = keptOf(recordAt(1, { content: { kind: "opened", process: "🐉".repeat(2_500_000) } }));
      await archive().putRecords("s1", [big]);
      assert.deepEqual(await everything("s1", 5), [big]);
      const gone = fiveRecords("s2").map((record) => keptOf(record, true));
      await archive().putRecords("s2", gone);
      assert.deepEqual(await everything("s2", 5), gone);
      assert.deepEqual(await stores().log.read("s2", 0, 10), []);
    }).timeout(10_000);

    it("[E4] takes the same records again and goes on after them", async () => {
      const kept = fiveRecords().map((record) => keptOf(record, record.pos <= 2));
      await archive().putRecords("s1", kept.slice(0, 1));
      await archive().putRecords("s1", kept.slice(0, 4));
      await archive().putRecords("s1", kept.slice(2, 4));
      await archive().putRecords("s1", kept);
      await archive().putRecords("s1", []);
      assert.deepEqual(await everything("s1", 100), kept);
      assert.equal(await archive().trimmedThrough("s1"), 2);
    });

    it("[E4] refuses another record at a position and a gap, and stores nothing of the call", async () => {
      const kept = fiveRecords().map((record) => keptOf(record));
      await archive().putRecords("s1", kept.slice(0, 2));
      const others = [keptOf(recordAt(2, { writer: "other" })), keptOf(recordAt(3, { writer: "other" }))];
      await assert.rejects(archive().putRecords("s1", others), PositionTaken);
      await assert.rejects(archive().putRecords("s1", kept.slice(3)), StoreUnavailable);
      await assert.rejects(archive().putRecords("s1", [kept[2]!, kept[4]!]), TypeError);
      assert.deepEqual(await everything("s1", 100), kept.slice(0, 2));
    });

    it("[E5] makes the projections of a session these and no others", async () => {
      const { sessions, log } = stores();
      await log.append([recordAt(1)], { row: sessionRow("s1"), access: accessRows({ invites: ["h1", "h2"] }) });
      await log.append([recordAt(1, { sessionId: "s2" })], {
        row: sessionRow("s2"),
        access: accessRows({ invites: ["h9"] }),
      });
      const kim = personRow("kim", { hasPlace: true });
      await log.append([recordAt(2)], { access: accessRows({ people: [kim, personRow("lee", { banned: true })] }) });
      const row = sessionRow("s1", { title: "mended", status: "live", startedAt: 3 });
      const lee = personRow("lee", { invitee: { inviteId: "i2", role: "player", used: ["i2"] } });
      await archive().project("s1", row, accessRows({ people: [lee], invites: ["h2", "h3"] }), 1);
      assert.deepEqual(await sessions.find("s1"), row);
      const { isLearned, people, lookups } = await archive().access("s1");
      assert.deepEqual([isLearned, people], [true, [{ ...lee, pos: 1 }]]);
      assert.deepEqual(
        [...lookups].sort((a, b) => (a.tokenHash < b.tokenHash ? -1 : 1)),
        ["h2", "h3"].map((tokenHash) => ({ tokenHash, pos: 1, invite: inviteOf(tokenHash) })),
      );
      assert.equal(await sessions.findByInvite("h1"), undefined);
      assert.equal(await sessions.findByInvite("h3"), "s1");
      await archive().project("s1", null, accessRows({}), 1);
      assert.equal(await sessions.find("s1"), undefined);
      assert.deepEqual(await archive().access("s1"), { isLearned: false, people: [], lookups: [] });
      assert.deepEqual(await sessions.find("s2"), sessionRow("s2"));
      assert.deepEqual(
        (await archive().access("s2")).lookups.map(({ tokenHash }) => tokenHash),
        ["h9"],
      );
      await log.append([recordAt(3)], { row: sessionRow("s1", { title: "later" }) });
      assert.equal((await sessions.find("s1"))?.title, "later");
    });

    it("[E6] tells of all snapshots, newest first, and drops the one that is named", async () => {
      const saved = (pos: number, text = "{}") =>
        stores().snapshots.save({ sessionId: "s1", pos, sha256: `${pos}`.repeat(64), text });
      for (const pos of [3, 9]) await saved(pos);
      await saved(5, "x".repeat(9 * 1024 * 1024));
      const whole = [9, 5, 3].map((pos) => ({ pos, sha256: `${pos}`.repeat(64), isWhole: true }));
      assert.deepEqual(await archive().snapshots("s1"), whole);
      if (onDisk) {
        await underTest().losePart?.("s1", 5);
        const expected = whole.map((snapshot) => ({ ...snapshot, isWhole: snapshot.pos !== 5 }));
        assert.deepEqual(await archive().snapshots("s1"), expected);
      }
      await archive().dropSnapshot("s1", 5);
      await archive().dropSnapshot("s1", 4);
      assert.deepEqual(await archive().snapshots("s1"), [whole[0], whole[2]]);
      assert.equal((await stores().snapshots.load("s1", 3))?.text, "{}");
      assert.deepEqual(await archive().leftovers(), []);
      assert.deepEqual(await archive().snapshots("nobody"), []);
    });

    it("[E7] finds nothing wrong and nothing left over where all is well", async () => {
      await stores().log.append(fiveRecords(), { row: sessionRow("s1"), access: accessRows({ invites: ["h1"] }) });
      await stores().snapshots.save({ sessionId: "s1", pos: 3, sha256: "00", text: "{}" });
      await stores().log.trim("s1", 3);
      assert.deepEqual(await archive().faults(), []);
      assert.deepEqual(await archive().leftovers(), []);
      await archive().dropLeftovers();
      assert.deepEqual(await stores().snapshots.positions("s1"), [3]);
      assert.equal((await stores().log.read("s1", 0, 10)).length, 2);
    });
  });
}
