import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { StoredSnapshot } from "../../src/ports/snapshots.ts";
import { recordAt } from "./records.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

function snapshot(pos: number, text = `{"pos":${pos}}`, sessionId = "s1"): StoredSnapshot {
  return { sessionId, pos, sha256: createHash("sha256").update(text).digest("hex"), text };
}

/** 9 MiB and a bit of characters of one to four bytes, so that parts end within characters. */
const BIG = "a€🐉ß".repeat(Math.ceil((9 * 1024 * 1024 + 7) / 10));

/** Rules K9 to K11, on any stores. @param inParts whether a snapshot has parts that can get lost, which K10 is about */
export function snapshotsContract(name: string, open: OpenStores, inParts: boolean): void {
  describe(`snapshots: ${name}`, () => {
    const underTest = eachTestWith(open);
    const snapshots = () => underTest().stores.snapshots;

    it("[K9] loads what was saved, word for word, also after reopening", async () => {
      await snapshots().save(snapshot(3));
      await snapshots().save(snapshot(9, BIG));
      await snapshots().save(snapshot(5, ""));
      await snapshots().save(snapshot(4, "{}", "s2"));
      await underTest().reopen();
      assert.deepEqual(await snapshots().positions("s1"), [9, 5, 3]);
      assert.deepEqual(await snapshots().load("s1", 3), snapshot(3));
      assert.deepEqual(await snapshots().load("s1", 5), snapshot(5, ""));
      const big = await snapshots().load("s1", 9);
      assert.ok(big?.text === BIG && big.sha256 === snapshot(9, BIG).sha256);
      assert.equal(await snapshots().load("s1", 4), undefined);
      assert.deepEqual(await snapshots().positions("none"), []);
    });

    it("[K9] replaces a snapshot saved again at its position", async () => {
      await snapshots().save(snapshot(3, BIG));
      await snapshots().save(snapshot(3, "small"));
      assert.deepEqual(await snapshots().positions("s1"), [3]);
      assert.deepEqual(await snapshots().load("s1", 3), snapshot(3, "small"));
      await Promise.all(["one", "two", "three"].map((text) => snapshots().save(snapshot(3, text))));
      const last = await snapshots().load("s1", 3);
      assert.deepEqual(last, snapshot(3, last?.text));
    });

    if (inParts) {
      it("[K10] does not list a snapshot whose parts are not all there", async () => {
        const { losePart } = underTest();
        assert.ok(losePart, "these stores cannot lose a part");
        await snapshots().save(snapshot(3, BIG));
        await snapshots().save(snapshot(7, BIG));
        await losePart("s1", 7);
        assert.deepEqual(await snapshots().positions("s1"), [3]);
        assert.equal(await snapshots().load("s1", 7), undefined);
        await snapshots().save(snapshot(7, "whole again"));
        assert.deepEqual(await snapshots().positions("s1"), [7, 3]);
      });
    }

    it("[K11] drops what is older than a position, of that session alone", async () => {
      for (const pos of [1, 5, 9]) await snapshots().save(snapshot(pos));
      await snapshots().save(snapshot(2, "{}", "s2"));
      await snapshots().dropBefore("s1", 5);
      assert.deepEqual(await snapshots().positions("s1"), [9, 5]);
      assert.equal(await snapshots().load("s1", 1), undefined);
      assert.deepEqual(await snapshots().positions("s2"), [2]);
      await snapshots().dropBefore("s1", 100);
      assert.deepEqual(await snapshots().positions("s1"), []);
    });

    it("[K9] lets appends through while a large snapshot is saved", async () => {
      const saved = snapshots().save(snapshot(3, BIG));
      for (let pos = 1; pos <= 5; pos++) await underTest().stores.log.append([recordAt(pos)]);
      await saved;
      assert.deepEqual(await snapshots().positions("s1"), [3]);
      assert.equal((await underTest().stores.log.read("s1", 0, 10)).length, 5);
    });
  });
}
