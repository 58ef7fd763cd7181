import assert from "node:assert/strict";
import {
  CLOSE_WORDS,
  CLOSINGS,
  CloseCode,
  closeWord,
  closing,
  closingOfRefusal,
  TOO_SLOW,
} from "../../src/room/close-codes.ts";

describe("close codes", () => {
  it("[C11] are the contract's, with its reasons", () => {
    const { consented, reconnectionFailed, comeBack, ...ours } = CloseCode;
    assert.deepEqual([consented, reconnectionFailed, comeBack], [4000, 4003, 4010]);
    assert.deepEqual(Object.fromEntries(Object.values(ours).map((code) => [code, closing(code).reason])), {
      4200: "session_ended",
      4201: "removed",
      4202: "banned",
      4203: "access_revoked",
      4204: "token_expired",
      4205: "protocol_error",
      4206: "replaced",
    });
    const { host_moved, idle, server_restarting, session_ended } = CLOSINGS;
    for (const frame of [host_moved, idle]) assert.deepEqual(frame, { code: 4010, reason: "host_moved" });
    assert.deepEqual(server_restarting, { code: 4010, reason: "server_restarting" });
    assert.deepEqual(TOO_SLOW, { code: 4010, reason: "too_slow" });
    assert.deepEqual(session_ended, { code: 4200, reason: "session_ended" });
  });

  it("[C11] a refused return is closed as its reason is, and may try again where only the moment is wrong", () => {
    const codes = (["session_ended", "banned", "unavailable", "rate_limited", "too_many_connections"] as const).map(
      (reason) => closingOfRefusal(reason).code,
    );
    assert.deepEqual(codes, [4200, 4202, 4010, 4010, 4010]);
    for (const reason of ["expired", "not_found", "unauthenticated", "forbidden", "bad_request"] as const) {
      assert.equal(closingOfRefusal(reason).code, 4003, reason);
    }
  });

  it("[C11] are a word of a closed list in figures, whatever a client closes with", () => {
    for (const code of [undefined, 0, 1000, 1006, 1009, 3000, 4000, 4010, 4100, 4206, 4999, Number.NaN]) {
      assert.ok(CLOSE_WORDS.includes(closeWord(code)), String(code));
      assert.ok(CLOSE_WORDS.includes(closeWord(code, "a reason of the client's own")), String(code));
    }
    assert.equal(closeWord(4010, "too_slow"), "too_slow");
    assert.equal(closeWord(4010), "come_back");
    assert.equal(closeWord(4999), "other");
  });
});
