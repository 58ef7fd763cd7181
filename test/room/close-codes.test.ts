import assert from "node:assert/strict";
import { CLOSE_WORDS, CloseCode, closeReason, closeWord } from "../../src/room/close-codes.ts";

describe("close codes", () => {
  it("[C11] are the contract's, with its reasons", () => {
    const { consented, ...ours } = CloseCode;
    assert.equal(consented, 4000);
    assert.deepEqual(Object.fromEntries(Object.values(ours).map((code) => [code, closeReason(code)])), {
      4100: "host_moved",
      4101: "server_restarting",
      4102: "too_slow",
      4200: "session_ended",
      4201: "removed",
      4202: "banned",
      4203: "access_revoked",
      4204: "token_expired",
      4205: "protocol_error",
      4206: "replaced",
    });
  });

  it("[C11] are a word of a closed list in figures, whatever a client closes with", () => {
    for (const code of [undefined, 0, 1000, 1006, 1009, 3000, 4000, 4100, 4206, 4999, Number.NaN]) {
      assert.ok(CLOSE_WORDS.includes(closeWord(code)), String(code));
    }
    assert.equal(closeWord(4102), "too_slow");
    assert.equal(closeWord(4999), "other");
  });
});
