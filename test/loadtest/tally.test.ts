import assert from "node:assert/strict";
import { Tally } from "../../loadtest/tally.ts";

function counted(): Tally {
  const tally = new Tally();
  tally.joinMs.record(3);
  tally.acknowledgedMs.record(2);
  tally.sent = 2;
  tally.delivered = 7;
  tally.countRefused("rate_limited");
  tally.countClosed(1006, "connection_closed");
  for (const reason of ["host_moved", "too_slow", "too_slow"]) tally.countClosed(4010, reason);
  return tally;
}

describe("the tally of a load test", () => {
  it("[Q1] adds up, code by code", () => {
    const tally = counted();
    tally.add(counted().data());
    tally.countRefused("conflict");
    assert.deepEqual(tally.refused, { rate_limited: 2, conflict: 1 });
    assert.deepEqual(tally.closed, { 1006: 2, "4010 host_moved": 2, "4010 too_slow": 4 });
    assert.deepEqual([tally.sent, tally.delivered, tally.joinMs.count], [4, 14, 2]);
  });

  it("[Q1] keeps what was told when it begins anew", () => {
    const tally = counted();
    const told = tally.data();
    tally.reset();
    assert.deepEqual(told, counted().data());
    assert.deepEqual(tally.data(), new Tally().data());
  });
});
