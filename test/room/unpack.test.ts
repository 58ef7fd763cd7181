import assert from "node:assert/strict";
import fc from "fast-check";
import { isJson } from "../../src/core/json.ts";
import { NOT_JSON } from "../../src/room/packed-bytes.ts";
import { textUnder, unpack } from "../../src/room/unpack.ts";
import { packed, packedBySdk } from "../support/packed.ts";

const MAX_TEXT_BYTES = 256 * 1024;

function whole(value: unknown): unknown {
  const unpacked = unpack(packed(value), 0);
  assert.ok(unpacked !== undefined, "it can be decoded");
  return unpacked.value;
}

function raw(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

/** JSON values whose maps may have any keys, `__proto__` included. */
const json = fc.jsonValue({ maxDepth: 5, stringUnit: "binary" });

describe("decoding MessagePack", () => {
  it("[C45] gives back what the framework's encoder wrote, any JSON", () => {
    fc.assert(
      fc.property(json, (value) => {
        assert.deepEqual(whole(value), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("[C45] gives back what the SDK's encoder wrote, which names an object's keys once", () => {
    fc.assert(
      fc.property(json, (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        assert.deepEqual(unpack(packedBySdk(value), 0)?.value, plain);
        // several objects of one shape, beside numbers that could be taken for them
        const many = [plain, 64, 127, { a: plain, b: 65 }, { a: 66, b: plain }, [plain, plain], { a: 1, b: 2 }, 64];
        const unpacked = unpack(packedBySdk({ id: "c1", many }), 0, 10 * JSON.stringify(many).length);
        assert.deepEqual(unpacked, { value: { id: "c1", many }, keys: unpacked?.keys, isTooLong: false });
      }),
    );
    const shapes = Array.from({ length: 200 }, (_, i) => ({ [`k${i}`]: { [`${i}k`]: 1 }, same: 64 }));
    assert.deepEqual(unpack(packedBySdk([...shapes, ...shapes]), 0)?.value, [...shapes, ...shapes]);
    assert.equal(textUnder("id", packedBySdk({ payload: [{ id: 1 }, { id: 2 }, { id: 3 }], id: "c4" }), 0, 100), "c4");
  });

  it("[C45] counts names that are written once as often as they are meant", () => {
    // one name of 60,000 bytes, and 60,000 objects that have it: 7 GB of JSON
    const name = "x".repeat(60_000);
    const definition = Buffer.concat([raw("d4 72 40 91 da ea60"), Buffer.from(name), raw("01")]);
    const bomb = Buffer.concat([raw("dc ea61"), definition, Buffer.alloc(2 * 60_000, raw("40 01"))]);
    const unpacked = unpack(bomb, 0, MAX_TEXT_BYTES);
    assert.equal(unpacked?.isTooLong, true);
    assert.ok(unpacked.keys < 10);
    assert.equal(unpack(bomb.subarray(0, -1), 0, MAX_TEXT_BYTES), undefined);
  });

  it("[C45] gives back numbers of every size, and texts of every length", () => {
    const numbers = [0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -32, -33, -128];
    for (const value of [...numbers, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1, 0.1, -1e308]) {
      assert.equal(whole(value), value);
    }
    for (const length of [0, 1, 12, 13, 31, 32, 255, 256, 65_535, 65_536]) {
      for (const letter of ["a", "é", "\u{1f409}"]) {
        const text = letter.repeat(length);
        assert.equal(whole(text), text);
      }
    }
    assert.deepEqual(whole(new Array(70_000).fill(null)), new Array(70_000).fill(null));
  });

  it("[C45] [X70] gives a 64-bit integer as a number where that holds it, else as none of JSON", () => {
    const values: readonly (readonly [hex: string, value: unknown])[] = [
      ["cf 0000000000000007", 7],
      ["cf 001fffffffffffff", Number.MAX_SAFE_INTEGER],
      ["d3 ffe0000000000001", Number.MIN_SAFE_INTEGER],
      ["d3 ffffffffffffffff", -1],
      ["cf 0020000000000000", 2n ** 53n],
      ["d3 8000000000000000", -(2n ** 63n)],
      ["cf ffffffffffffffff", 2n ** 64n - 1n],
    ];
    for (const [hex, value] of values) assert.equal(unpack(raw(hex), 0)?.value, value, hex);
  });

  it("[C45] takes __proto__ as a key like any other, and whole numbers as their texts", () => {
    const odd = unpack(raw("82 a9 5f5f70726f746f5f5f 81 a1 61 01 a9 5f5f70726f746f5f00 02"), 0)?.value;
    assert.deepEqual(Object.keys(odd as object), ["__proto__", "__proto_\0"]);
    assert.equal(Object.getPrototypeOf(odd), Object.prototype);
    assert.equal(({} as { a?: unknown }).a, undefined);
    assert.deepEqual(unpack(raw("82 07 a1 61 d3 ffffffffffffffff a1 62"), 0)?.value, { 7: "a", "-1": "b" });
  });

  it("[C45] marks what JSON cannot say, wherever it is, and decodes what is beside it", () => {
    const foreign = {
      bytes: "c4 02 0102",
      "a date": "d6 ff 00000001",
      "a long date": "c7 0c ff 000000000000000000000001",
      "an unknown extension": "c7 02 70 0102",
      "an extension of 2": "d5 42 0102",
      "an extension of 16": "d8 72 00000000000000000000000000000000",
      "a large extension": "c9 00000001 05 00",
      "a lone surrogate": "a3 eda080",
      "no UTF-8": "a2 c328",
      "long no UTF-8": `b0 ${"61".repeat(15)} ff`,
      "a map with a list as key": "81 90 01",
    };
    for (const [what, hex] of Object.entries(foreign)) {
      const beside = unpack(raw(`82 a1 61 ${hex} a1 62 92 07 ${hex}`), 0);
      assert.deepEqual(beside?.value, { a: NOT_JSON, b: [7, NOT_JSON] }, what);
      assert.equal(isJson(beside?.value), false, what);
    }
    assert.equal(whole("\ufffd"), "\ufffd", "the letter itself is one");
    assert.equal(whole("\ufffd".repeat(20)), "\ufffd".repeat(20));
    assert.deepEqual(unpack(raw("81 a1 61 d4 00 00"), 0)?.value, { a: undefined }, "the SDK's undefined");
  });

  it("[C45] refuses what is not exactly one value: a byte too few, one too many, at every place", () => {
    const value = {
      id: "c1",
      list: [1, -1, 300, 70_000, 2 ** 40, 1.5, "é".repeat(40), null, true, [[]], {}],
      bytes: new Uint8Array(3),
      date: new Date(0),
      deep: { a: { b: "x".repeat(300) } },
    };
    const bytes = packed(value);
    assert.ok(unpack(bytes, 0));
    for (let end = 0; end < bytes.length; end++) assert.equal(unpack(bytes.subarray(0, end), 0), undefined, `${end}`);
    for (const more of [0x00, 0xc0, 0xc1, 0xff]) {
      assert.equal(unpack(Buffer.concat([bytes, Buffer.of(more)]), 0), undefined);
    }
    for (const hex of [
      "c1",
      "",
      "dd ffffffff",
      "df ffffffff",
      "db ffffffff",
      "c9 ffffffff 01",
      "dc ffff c0",
      "91 c1",
    ]) {
      assert.equal(unpack(raw(hex), 0), undefined, hex);
    }
  });

  it("[C45] never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.nat(50)), (noise, maxTextBytes) => {
        const bytes = Buffer.from(noise);
        const unpacked = unpack(bytes, 0, maxTextBytes ?? undefined);
        assert.ok(unpacked === undefined || unpacked.keys <= bytes.length);
        const id = textUnder("id", bytes, 0, 20);
        assert.ok(id === undefined || typeof id === "string");
      }),
      { numRuns: 2_000 },
    );
  });

  it("[C45] decodes nothing deeper than anything means, however deep it is", () => {
    for (const [open, close] of [
      ["91", "01"],
      ["81a161", "01"],
    ] as const) {
      const bomb = raw(open.repeat(100_000) + close);
      const unpacked = unpack(bomb, 0);
      assert.ok(unpacked !== undefined);
      assert.equal(isJson(unpacked.value), false);
      assert.ok(unpacked.keys < 200);
    }
  });

  it("[C45] ends early where the JSON text is longer than allowed, and never where it is not", () => {
    const tooLong = [
      new Array(140_000).fill(1),
      "x".repeat(MAX_TEXT_BYTES),
      Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, 1])),
      Array.from({ length: 90_000 }, () => ({})),
    ];
    for (const value of tooLong) {
      const unpacked = unpack(packed({ value, id: "at the end" }), 0, MAX_TEXT_BYTES);
      assert.equal(unpacked?.isTooLong, true);
      assert.ok(unpacked.keys < 140_000);
    }
    fc.assert(
      fc.property(json, (value) => {
        const textBytes = Buffer.byteLength(JSON.stringify(value));
        assert.equal(unpack(packed(value), 0, textBytes)?.isTooLong, false);
      }),
    );
  });

  it("[C45] finds a text under a key without decoding the rest", () => {
    const find = (value: unknown, maxTokens = 100) => textUnder("id", packed(value), 0, maxTokens);
    assert.equal(find({ id: "c1", payload: 1 }), "c1");
    assert.equal(find({ payload: { id: "inner", list: [1, [2]] }, id: "c2" }), "c2");
    assert.equal(find({ payload: { id: "inner" } }), undefined);
    assert.equal(find({ id: 7 }), undefined);
    assert.equal(find(["id", "c3"]), undefined);
    assert.equal(find({ payload: new Array(200).fill(1), id: "far" }), undefined);
    assert.equal(find({ payload: new Array(200).fill(1), id: "far" }, 1_000), "far");
  });
});
