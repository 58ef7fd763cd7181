import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { RunningDigest } from "../../clients/js/src/digest.ts";
import { sha256Hex, sha256Words } from "../../clients/js/src/sha256.ts";
import type { Entry } from "../../clients/js/src/state.ts";
import { FakeState } from "./fakeRoom.ts";
import { openTable } from "./fakeTable.ts";

/** Contract, section 8, word for word, with Node's own SHA-256. */
function digestOf(entries: ReadonlyMap<string, Entry>): string {
  let sum = 0n;
  for (const [path, { version, value }] of entries) {
    sum += createHash("sha256").update(`${path}\n${version}\n${value}`).digest().readBigUInt64BE();
  }
  return BigInt.asUintN(64, sum).toString(16).padStart(16, "0");
}

const always = () => 0;

describe("js client: the digest", () => {
  it("[B12] SHA-256 gives the published answers", () => {
    // FIPS 180-2 appendix B and NIST's example of the empty message.
    assert.equal(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert.equal(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert.equal(
      sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
    assert.equal(sha256Hex("a".repeat(1_000_000)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  });

  it("[B12] SHA-256 agrees with Node's for every length around the block borders, also within a bigger buffer", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => (at * 37) & 255);
    for (let length = 0; length <= 260; length++) {
      const part = bytes.subarray(3, 3 + length);
      const own = Array.from(sha256Words(part), (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
      assert.equal(own, createHash("sha256").update(part).digest("hex"), `${length} bytes`);
    }
  });

  it("[B12] the running digest is section 8's, however the entries came, changed and went", () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.option(fc.string({ unit: "grapheme" })), fc.nat(9));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const running = new RunningDigest();
        const entries = new Map<string, Entry>();
        for (const [key, value, version] of steps) {
          const path = `shared/ключ${key}`;
          const entry = value === null ? undefined : { value: JSON.stringify(value), version, by: "kim" };
          if (entry === undefined) entries.delete(path);
          else entries.set(path, entry);
          running.note(path, entry);
          if (version % 2 === 0) running.catchUp(always, 1);
        }
        assert.equal(running.catchUp(always, 1), true);
        assert.equal(running.hex(), digestOf(entries));
      }),
      { numRuns: 200 },
    );
  });

  it("[B12] of 10,000 entries it hashes a few at a time, and each once", () => {
    const running = new RunningDigest();
    const entries = new Map<string, Entry>();
    for (let n = 0; n < 10_000; n++)
      entries.set(`shared/${n}`, { value: `"${"x".repeat(50)}"`, version: n, by: "kim" });
    for (const [path, entry] of entries) running.note(path, entry);
    let looks = 0;
    // A clock on which every look costs 1 ms.
    const slow = () => looks++;
    let slices = 0;
    while (!running.catchUp(slow, 5)) slices++;
    assert.ok(slices > 10, `${slices} slices`);
    assert.equal(running.hex(), digestOf(entries));
    looks = 0;
    assert.equal(running.catchUp(slow, 5), true);
    assert.equal(looks, 1, "nothing is left to hash");
  });

  it("[B13] a copy that differs is told and fetched anew, the place kept; an equal one is left alone", async () => {
    const { table, state, door, clock, named } = await openTable();
    const agreed: number[] = [];
    table.on("agreed", ({ seq }) => agreed.push(seq));
    state.write("shared/a", 1).write("shared/ü", "x");
    state.digest = digestOf(state.entries);
    state.digestSeq = state.seq;
    door.room.shows(state);
    await clock.turn(1000);
    assert.deepEqual(named("diverged"), []);
    assert.deepEqual(agreed, [2]);

    state.seq++;
    door.room.shows(state);
    state.digestSeq = state.seq;
    state.digest = "0123456789abcdef";
    door.room.shows(state);
    await clock.turn(0);
    assert.deepEqual(named("diverged"), [
      { seq: 3, serverDigest: "0123456789abcdef", ownDigest: digestOf(state.entries) },
    ]);
    assert.deepEqual(agreed, [2]);
    assert.equal(door.rooms[0]?.dropped, true);
    await clock.turn(500);
    assert.equal(door.joins.length, 2);
  });

  it("[B13] a digest for another seq says nothing", async () => {
    const { state, door, clock, named } = await openTable();
    state.write("shared/a", 1);
    state.digest = "0123456789abcdef";
    state.digestSeq = 0;
    door.room.shows(state);
    await clock.turn(100);
    assert.deepEqual(named("diverged"), []);
  });

  it("[B13] the full state after joining again is compared, too, but not fetched anew more than every 30 s", async () => {
    const { state, door, clock, named } = await openTable();
    state.write("shared/a", 1);
    state.digest = "0123456789abcdef";
    state.digestSeq = state.seq;
    door.room.shows(state);
    await clock.turn(500);
    door.room.shows(state);
    await clock.turn(1000);
    assert.equal(named("diverged").length, 2);
    assert.equal(door.joins.length, 2, "joined again once");
    await clock.turn(4000);
    door.room.closes(1006);
    await clock.turn(25_000);
    door.room.shows(state);
    await clock.turn(1000);
    assert.equal(named("diverged").length, 3);
    assert.equal(door.joins.length, 4);
  });

  it("[B13] hidden entries are not part of it", async () => {
    const { state, door, clock, named } = await openTable({}, new FakeState());
    state.hidden.set("private/kim/a", { value: "1", version: 1, by: "gm" });
    state.seq = 1;
    state.digest = "0000000000000000";
    state.digestSeq = 1;
    door.room.shows(state);
    await clock.turn(100);
    assert.deepEqual(named("diverged"), []);
  });
});
