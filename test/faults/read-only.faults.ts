import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";
import { assertOutage, assertRecovered } from "../support/outage.ts";
import { assertRefused } from "../support/refused-start.ts";
import { ServerProcess } from "../support/server.ts";
import { SmallDisk } from "../support/small-disk.ts";

/** Modes are nothing to root, but for one who has given that up. */
const HUMBLE = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
const RATES = { RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" };

function chmodAll(folder: string, kind: "read-only" | "writable"): void {
  const [folderMode, fileMode] = kind === "read-only" ? [0o500, 0o400] : [0o700, 0o600];
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), fileMode);
  chmodSync(folder, folderMode);
}

describe("a data folder that is read-only", function () {
  this.timeout(120_000);
  let ordeal: Ordeal | undefined;
  afterEach(async () => {
    if (ordeal !== undefined && existsSync(ordeal.server.dataFolder)) chmodAll(ordeal.server.dataFolder, "writable");
    await ordeal?.dispose();
    ordeal = undefined;
  });

  it("[X26] is no place to start, in one sentence, empty or not; nor to start again; writable again, all is there", async () => {
    const server = await ServerProcess.start({ through: HUMBLE, env: RATES });
    const unwritable = /\/data(\/campaign-live-sessions\.sqlite(-wal)?)? cannot be written by this user/;
    await server.stop();
    const folder = server.dataFolder;
    chmodAll(folder, "read-only");
    assertRefused(await server.tryStart(), unwritable);
    chmodAll(folder, "writable");
    await server.start();
    ordeal = await Ordeal.begin({ name: "read-only folder", server });
    const { recorder } = ordeal;
    for (const end of ["kill", "stop"] as const) {
      await ordeal.play(async () => {
        // What is open stays open: either it works in full, or the judge finds what was lost.
        chmodAll(folder, "read-only");
        const before = recorder.commands.length;
        await pause(1_000);
        assert.ok(recorder.commands.length > before);
        await server[end]();
        assertRefused(await server.tryStart(), unwritable);
        chmodAll(folder, "writable");
        await server.start();
      });
    }
    await ordeal.judge();
  });

  it("[X26] that is empty is no place to start", async () => {
    const server = await ServerProcess.start({ through: HUMBLE });
    try {
      await server.stop();
      const folder = join(server.dataDir, "empty");
      mkdirSync(folder, { mode: 0o500 });
      const elsewhere = await ServerProcess.refusedStart({ through: HUMBLE, env: { DATA_DIR: folder } });
      assertRefused(elsewhere, /\/empty cannot be written by this user/);
    } finally {
      await server.dispose();
    }
  });

  it("[X26] by a remount while people play: refused in time or fully working, whichever the system allows", async function () {
    const disk = SmallDisk.mount(64);
    if (typeof disk === "string") {
      if (process.env.CI === "true") throw new Error(disk);
      console.log(`      skipped: ${disk}`);
      return this.skip();
    }
    try {
      const table = await Ordeal.begin({ name: "remounted read-only", env: { DATA_DIR: join(disk.path, "data") } });
      ordeal = table;
      await table.play(async () => {
        await pause(500);
        const refusal = disk.remount("ro");
        console.log(`      a remount: ${refusal ?? "done"}`);
        if (refusal === undefined) {
          await assertOutage(table, 1_000);
          disk.remount("rw");
        }
        await assertRecovered(table);
        await table.server.kill();
        // Nobody writes now, so that the system has nothing against it.
        assert.equal(disk.remount("ro"), undefined);
        assertRefused(await table.server.tryStart(), /cannot be written by this user/);
        assert.equal(disk.remount("rw"), undefined);
        await table.server.start();
      });
      await table.judge();
      await table.dispose();
      ordeal = undefined;
    } finally {
      disk.dispose();
    }
  });
});
