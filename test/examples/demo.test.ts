import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const DEMO = fileURLToPath(new URL("../../demo/evening.ts", import.meta.url));

describe("the demo", () => {
  it("[Q12] goes well, its crash included", async function () {
    this.timeout(40_000);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [DEMO], { timeout: 35_000 });
    assert.match(stdout, /everybody is back by themselves after/);
    assert.match(stdout, /All of it as it should be\.\s*$/);
    assert.equal(stderr, "");
  });
});
