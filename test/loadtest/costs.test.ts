import assert from "node:assert/strict";
import { costs, grownKib } from "../../loadtest/costs.ts";

const at = (cpuMs: number, rssMiB: number) => ({ cpuMs, rssMiB, peakRssMiB: rssMiB + 1 });

describe("what the servers of a load test cost", () => {
  it("[MP97] is told of each process and of all together", () => {
    const { server, servers } = costs([at(100, 50), at(0, 60)], [at(300, 51), at(50, 61)], 10, 1000);
    assert.deepEqual(
      servers.map(({ cpuMs }) => cpuMs),
      [200, 50],
    );
    assert.deepEqual(server, { cpuMs: 250, cpuShare: 0.025, cpuMsPer1000Delivered: 250, rssMiB: 112, peakRssMiB: 114 });
  });

  it("[MP97] is not told where one process is not known: the others would be taken for all", () => {
    const none = { server: null, servers: [] };
    assert.deepEqual(costs([at(0, 1), at(0, 1)], [at(1, 1), null], 1, 1), none);
    assert.deepEqual(costs([at(0, 1), null], [at(1, 1), at(1, 1)], 1, 1), none);
    assert.deepEqual(costs([], [], 1, 1), none);
    assert.equal(grownKib(null, at(0, 1), 3), null);
  });
});
