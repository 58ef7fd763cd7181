import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { digestOf, entryDigest, PublicDigest } from "../../src/core/digest.ts";
import type { EntryPair } from "../../src/core/record.ts";
import type { Entry } from "../../src/core/session.ts";

function entry(value: string, version = 1): Entry {
  return { value, version, by: "kim" };
}

/** Contract section 8, word for word, with nothing of ours. */
function byHand(pairs: readonly EntryPair[]): string {
  let sum = 0n;
  for (const [path, { version, value }] of pairs) {
    const bytes = createHash("sha256")
      .update(Buffer.from(`${path}\n${version}\n${value}`, "utf8"))
      .digest();
    sum = (sum + bytes.readBigUInt64BE(0)) % 2n ** 64n;
  }
  return sum.toString(16).padStart(16, "0");
}

describe("the digest", () => {
  it("[D1] is a known figure for a known entry", () => {
    const bytes = createHash("sha256").update("shared/hp\n3\n12").digest("hex");
    assert.equal(digestOf([["shared/hp", entry("12", 3)]]), bytes.slice(0, 16));
    assert.equal(entryDigest("shared/hp", entry("12", 3)), BigInt(`0x${bytes.slice(0, 16)}`));
    assert.equal(digestOf([]), "0000000000000000");
  });

  it("[D1] is the sum modulo 2^64, in any order, in UTF-8", () => {
    const pairs: EntryPair[] = ["é", "🎲", "__proto__", "a b"].map((name, n) => [
      `shared/${name}`,
      entry(`"${name}"`, n),
    ]);
    assert.equal(digestOf(pairs), byHand(pairs));
    assert.equal(digestOf(pairs.toReversed()), byHand(pairs));
  });

  it("[D1] tells two paths of the same entry apart", () => {
    const shared = entry("1");
    const pairs: EntryPair[] = [
      ["shared/a", shared],
      ["shared/b", shared],
    ];
    assert.equal(digestOf(pairs), byHand(pairs));
    assert.equal(digestOf(pairs), byHand(pairs));
  });

  it("[D2] kept up change by change is the one computed anew, without what is hidden", () => {
    const paths = ["shared/a", "shared/b", "players/kim/hp", "table/map", "private/kim/a", "gm/plan"];
    const change = fc.record({ path: fc.constantFrom(...paths), value: fc.option(fc.string(), { freq: 3 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const entries = new Map<string, Entry>();
        const kept = new PublicDigest();
        changes.forEach(({ path, value }, index) => {
          const after = value === null ? undefined : entry(JSON.stringify(value), index + 1);
          kept.replace(path, entries.get(path), after);
          if (after === undefined) entries.delete(path);
          else entries.set(path, after);
          const visible = [...entries].filter(([at]) => !/^(private|gm)\//.test(at));
          assert.equal(kept.hex, byHand(visible));
        });
        assert.equal(new PublicDigest(entries).hex, kept.hex);
      }),
      { numRuns: 60 },
    );
  });
});
