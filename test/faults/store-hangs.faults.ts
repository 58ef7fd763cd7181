import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";
import { assertOutage, assertRecovered } from "../support/outage.ts";
import { preloaded } from "../support/preloaded.ts";

const HANGS_MS = 30_000;

describe("a disk that does not answer", function () {
  this.timeout(120_000);
  let folder: string;
  let ordeal: Ordeal | undefined;
  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "hanging-"));
    const hanging = preloaded("hanging-disk", folder);
    if ("missing" in hanging) {
      console.log(`      skipped: ${hanging.missing}`);
      return this.skip();
    }
    const env = { LD_PRELOAD: hanging.library, HANG_FILE: join(folder, "hang") };
    ordeal = await Ordeal.begin({ name: "a disk that hangs", env });
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await ordeal?.dispose();
  });

  it(`[X27] for ${HANGS_MS / 1_000} s: refuses in time, never stands still, and settles everything when it answers`, async () => {
    const table = ordeal!;
    const hang = join(folder, "hang");
    await table.play(async () => {
      await pause(500);
      writeFileSync(hang, "");
      await assertOutage(table, HANGS_MS, { reads: false });
      rmSync(hang);
      await assertRecovered(table);
    });
    // Killed while it hangs: what had no answer is there or not, and counts once.
    await table.play(async () => {
      await pause(500);
      writeFileSync(hang, "");
      await pause(1_000);
      // What sleeps in the kernel is gone at once; what it had begun may be on the disk or not.
      await table.server.kill();
      rmSync(hang);
      await table.server.start();
    });
    const { commands } = table.recorder;
    assert.ok(commands.some(({ answers }) => answers.some(({ duplicate }) => duplicate)));
    await table.judge();
  });
});
