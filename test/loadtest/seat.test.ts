import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { EveningResult } from "../../loadtest/result.ts";

const EVENING = fileURLToPath(new URL("../../loadtest/evening.ts", import.meta.url));
const SIZE = "--sessions 2 --players 3 --rate 10 --seconds 2 --churn 6 --seed 4".split(" ");

describe("the seats of a load test", () => {
  it("[Q11] come back after a goodbye and after a cut, and every command is answered and counts once", async function () {
    this.timeout(40_000);
    const folder = mkdtempSync(join(tmpdir(), "loadtest-result-"));
    const file = join(folder, "result.json");
    try {
      // In a process of its own: a seat takes the package `ws` for its socket, and so must nobody else here.
      const run = promisify(execFile)(process.execPath, [EVENING, ...SIZE, "--json", file], { timeout: 35_000 });
      assert.match((await run).stdout, /Nothing lost, nothing duplicated/);
      const { joins, commands, backMs, closed, faults } = JSON.parse(readFileSync(file, "utf8")) as EveningResult;
      assert.deepEqual(faults, []);
      assert.equal(joins.count, 8);
      assert.equal(commands.acknowledged, commands.sent);
      assert.ok(commands.sent > 20, `${commands.sent} sent`);
      assert.ok(backMs.count > 0);
      assert.equal(backMs.count, closed["1006"], "everybody who was cut is back");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
