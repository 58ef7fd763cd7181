import assert from "node:assert/strict";
import fc from "fast-check";
import {
  EVENING_FLAGS,
  eveningOptions,
  mixOf,
  readFlags,
  UsageError,
  WHERE_FLAGS,
  whereOf,
} from "../../loadtest/options.ts";
import { EVENING_DEFAULTS } from "../../loadtest/play.ts";
import { slowAt } from "../../loadtest/stage.ts";

const evening = (...args: string[]) => eveningOptions(readFlags(args, EVENING_FLAGS).values);
const where = (...args: string[]) => whereOf(readFlags(args, WHERE_FLAGS).values);

describe("the command line of a load test", () => {
  it("[Q6] fills what is not given from the defaults", () => {
    assert.deepEqual(evening(), EVENING_DEFAULTS);
    assert.deepEqual(evening("--sessions", "3", "--rate=0.5"), { ...EVENING_DEFAULTS, sessions: 3, rate: 0.5 });
  });

  it("[Q6] refuses a flag that it does not know", () => {
    assert.throws(() => evening("--session", "3"), UsageError);
  });

  it("[Q6] refuses what is no number or out of bounds, and names the flag", () => {
    for (const wrong of ["many", "", "0", "-1", "NaN"]) {
      assert.throws(() => evening(`--players=${wrong}`), { message: /^--players is a number from 1 to 490/ });
    }
  });

  it("[Q6] reads a mix, and refuses one without an action", () => {
    assert.deepEqual(mixOf("set=2,append"), { set: 2, increment: 0, append: 1 });
    for (const wrong of ["", "sets=1", "set=x", "set=0", "set=-1"])
      assert.throws(() => mixOf(wrong), UsageError, wrong);
  });

  it("[Q6] takes an endpoint by HTTP, and means nothing by a secret without one", () => {
    assert.deepEqual(where("--endpoint", "http://127.0.0.1:2567/").endpoints, ["http://127.0.0.1:2567"]);
    assert.deepEqual(where().endpoints, []);
    assert.throws(() => where("--endpoint", "127.0.0.1:2567"), UsageError);
    assert.throws(() => where("--secret", "x"), UsageError);
    assert.throws(() => where("--server-pid", "1"), UsageError);
  });

  it("[MP96] takes several endpoints with the processes behind them, and none of them twice", () => {
    const both = where("--endpoint", "http://a:1/", "--endpoint", "http://b:1", "--server-pid", "7", "--server-pid=8");
    assert.deepEqual(both.endpoints, ["http://a:1", "http://b:1"]);
    assert.deepEqual(both.serverPids, [7, 8]);
    for (const wrong of [
      "--endpoint=b:1",
      "--endpoint=http://a:1",
      "--server-pid=x",
      "--server-pid=7",
      "--endpoint=",
    ]) {
      assert.throws(() => where("--endpoint", "http://a:1/", "--server-pid=7", wrong), UsageError, wrong);
    }
  });

  it("[Q10] seats every slow reader, as evenly as it goes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(200), (sessions, slow) => {
        const seated = Array.from({ length: sessions }, (_, table) => slowAt(table, { sessions, players: 1, slow }));
        assert.equal(
          seated.reduce((sum, count) => sum + count, 0),
          slow,
        );
        assert.ok(Math.max(...seated) - Math.min(...seated) <= 1);
      }),
    );
  });
});
