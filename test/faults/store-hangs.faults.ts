import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";
import { assertOutage, assertRecovered } from "../support/outage.ts";

const SOURCE = fileURLToPath(new URL("../support/hanging-disk.c", import.meta.url));
const HANGS_MS = 30_000;

describe("a disk that does not answer", function () {
  this.timeout(120_000);
  let folder: string;
  let ordeal: Ordeal | undefined;
  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "hanging-"));
    const library = join(folder, "hanging-disk.so");
    try {
      execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], { stdio: "pipe" });
    } catch (error) {
      if (process.env.CI === "true") throw error;
      console.log(`      skipped: needs Linux and a C compiler: ${(error as Error).message.split("\n")[0]}`);
      return this.skip();
    }
    const env = { LD_PRELOAD: library, HANG_FILE: join(folder, "hang") };
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
