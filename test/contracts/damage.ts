import assert from "node:assert/strict";
import { RECORD_FORMAT } from "../../src/core/record.ts";
import { StoredDataDamaged } from "../../src/ports/failures.ts";
import { commandsAt, eventNumber, recordAt } from "./records.ts";
import { eachTestWith, type Garbling, type OpenStores, type StoresUnderTest } from "./under-test.ts";

/** Changes a stored text of a session `s1` behind the stores' back. */
export async function garble(underTest: StoresUnderTest, garbling: Partial<Garbling> & Omit<Garbling, "sessionId">) {
  if (underTest.garble === undefined) throw new Error("Nothing can be garbled in these stores.");
  await underTest.garble({ sessionId: "s1", ...garbling });
}

/** Rule L17, and what of L16 is a record's, on stores that write to a disk. */
export function damageContract(name: string, open: OpenStores): void {
  describe(`damaged records: ${name}`, () => {
    const underTest = eachTestWith(open);
    const log = () => underTest().stores.log;
    const damaged = (pos: number) => (error: unknown) => {
      assert.ok(error instanceof StoredDataDamaged, String(error));
      assert.match(
        error.message,
        new RegExp(`^the record of s1 at ${pos} is damaged: its checksum is \\d+, should be`),
      );
      return true;
    };
    const records = [
      recordAt(1, { audit: [eventNumber(1)] }),
      commandsAt(2, [1, 2], { audit: [eventNumber(2)], sockets: { kim: 1 } }),
      commandsAt(3, [3]),
    ];

    for (const [where, pos, from, to] of [
      ["content", 2, "shared/n2", "shared/n6"],
      ["content", 2, '"seq":1', '"seq":3'],
      ["content", 2, `"v":${RECORD_FORMAT}`, '"v":9'],
      ["content", 2, '"sockets"', '"pockets"'],
      ["content", 3, "kim", "kin"],
      ["audit", 2, "participant.idle", "participant.idie"],
      ["at", 2, "17", "16"],
    ] as const) {
      it(`[L17] names a record whose ${where} is not what was written (${from}), and gives it to nobody`, async () => {
        // One by one, and all as one append: a store may keep them together then.
        for (const record of records) await log().append([record]);
        await log().append(records.map((record) => ({ ...record, sessionId: "s2" })));
        await garble(underTest(), { pos, where, from, to });
        await garble(underTest(), { sessionId: "s2", pos, where, from, to });
        await assert.rejects(log().read("s1", 0, 10), damaged(pos));
        await assert.rejects(log().read("s2", 0, 10), {
          message: new RegExp(`^the record of s2 at ${pos} is damaged`),
        });
        assert.deepEqual(await log().read("s1", 0, pos - 1), records.slice(0, pos - 1));
        assert.deepEqual(await log().read("s1", pos, 10), records.slice(pos));
      });
    }

    it("[L17] what stays after a trim is read without the content that its checksum was over", async () => {
      await log().append(records);
      await log().trim("s1", 2);
      assert.deepEqual(await log().events("s1", 0, 10), [eventNumber(1), eventNumber(2)]);
      assert.deepEqual(await log().read("s1", 0, 10), [records[2]]);
      await underTest().reopen();
      assert.deepEqual(await log().read("s1", 0, 10), [records[2]]);
    });

    it("[L16] refuses a record of a newer format in one sentence, and one that has none that can be", async () => {
      for (const [i, v] of [RECORD_FORMAT + 1, -1, 0.5, "1"].entries()) {
        const sessionId = `s${i}`;
        await log().append([recordAt(1, { sessionId }), recordAt(2, { sessionId, v: v as typeof RECORD_FORMAT })]);
        await assert.rejects(log().read(sessionId, 0, 10), {
          name: "StoredDataDamaged",
          message: `the record of ${sessionId} at 2: record format ${v} is unknown: this program knows 0 to ${RECORD_FORMAT}`,
        });
        assert.deepEqual(await log().read(sessionId, 0, 1), [recordAt(1, { sessionId })]);
      }
    });

    it("[L17] content in parts has a checksum, too", async () => {
      const big = recordAt(1, { content: { kind: "opened", process: `${"€".repeat(3_000_000)} to the end` } });
      await log().append([big, recordAt(2)]);
      assert.deepEqual(await log().read("s1", 0, 1), [big]);
      await garble(underTest(), { pos: 1, where: "content", from: "the end", to: "the And" });
      await assert.rejects(log().read("s1", 0, 1), damaged(1));
    });
  });
}
