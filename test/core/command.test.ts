import assert from "node:assert/strict";
import { parseCommand, usableId } from "../../src/core/command.ts";
import { isRefusal } from "../../src/core/refusal.ts";

const whole = { id: "1", action: "set", payload: { path: "shared/a", value: 1 } };

function refuses(code: string, message: unknown): void {
  const parsed = parseCommand(message);
  assert.ok(isRefusal(parsed), "accepted");
  assert.equal(parsed.code, code);
}

describe("command", () => {
  it("[A1] is read with and without expect", () => {
    assert.deepEqual(parseCommand(whole), { ...whole, expect: new Map() });
    assert.deepEqual(parseCommand({ ...whole, expect: undefined }), { ...whole, expect: new Map() });
    assert.deepEqual(parseCommand({ ...whole, expect: null }), { ...whole, expect: new Map() });
    const expect = JSON.parse('{"shared/a": 3, "__proto__": 0}');
    assert.deepEqual(parseCommand({ ...whole, expect }), {
      ...whole,
      expect: new Map([
        ["shared/a", 3],
        ["__proto__", 0],
      ]),
    });
    for (const payload of [null, 0, "", false, [], {}]) {
      assert.deepEqual(parseCommand({ ...whole, payload }), { ...whole, payload, expect: new Map() });
    }
  });

  it("[A1] takes ids of 1 to 64 code points", () => {
    for (const id of ["x", "x".repeat(64), "🎲".repeat(64)]) assert.ok(!isRefusal(parseCommand({ ...whole, id })), id);
    for (const id of ["", "x".repeat(65), "🎲".repeat(65), "\ud800", 1, null, undefined]) {
      refuses("bad_request", { ...whole, id });
    }
  });

  it("[A1] refuses other shapes", () => {
    for (const message of [null, undefined, 1, "x", [], [whole], {}, new Date(), new Map(), Buffer.from("x")]) {
      refuses("bad_request", message);
    }
    const { payload, ...without } = whole;
    refuses("bad_request", without);
    refuses("bad_request", { ...whole, more: 1 });
    refuses("bad_request", { ...whole, userId: "gm" });
    refuses("bad_request", JSON.parse(`{"id":"1","action":"set","payload":1,"__proto__":{}}`));
    for (const action of [1, null, undefined, "\udfff"]) refuses("bad_request", { ...whole, action, payload });
    for (const expect of [1, [], "x", { a: -1 }, { a: 1.5 }, { a: "1" }, { a: null }, { "\ud800": 1 }, new Map()]) {
      refuses("bad_request", { ...whole, expect });
    }
  });

  it("[A1] refuses what JSON cannot say, wherever it is", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const wrong = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      new Date(),
      new Uint8Array(2),
      undefined,
      "\ud800",
      cyclic,
    ];
    for (const value of [...wrong, new Map(), Symbol("x"), () => 1, { "\udc00": 1 }]) {
      refuses("bad_request", { ...whole, payload: value });
      refuses("bad_request", { ...whole, payload: { path: "shared/a", value } });
      refuses("bad_request", { ...whole, payload: { path: "shared/a", value: [[value]] } });
    }
  });

  it("[A1] takes 256 KiB of JSON text in all, and refuses a byte more", () => {
    const empty = Buffer.byteLength(JSON.stringify({ id: "1", action: "set", payload: "", expect: {} }));
    const room = 256 * 1024 - empty;
    assert.ok(!isRefusal(parseCommand({ ...whole, payload: "x".repeat(room) })));
    refuses("limit_exceeded", { ...whole, payload: "x".repeat(room + 1) });
    refuses("limit_exceeded", { ...whole, payload: "é".repeat(room / 2 + 1) });
    refuses("limit_exceeded", { ...whole, payload: "", expect: { ["x".repeat(room)]: 1 } });
  });

  it("[A2] has a usable id even where the rest is wrong", () => {
    for (const message of [{ id: "7" }, { id: "7", action: 5 }, { ...whole, id: "7", more: Number.NaN }]) {
      assert.equal(usableId(message), "7");
    }
    for (const message of [null, "7", [], {}, { id: 7 }, { id: "" }, { id: "x".repeat(65) }, { id: "\ud800" }]) {
      assert.equal(usableId(message), undefined);
    }
    assert.equal(usableId(Object.create({ id: "7" })), undefined);
  });
});
