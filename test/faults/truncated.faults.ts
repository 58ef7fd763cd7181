import assert from "node:assert/strict";
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markOf } from "../../src/stores/sqlite/in-use-mark.ts";
import { PAGE_BYTES } from "../../src/stores/sqlite/new-file.ts";
import { DATA_FILE } from "../../src/stores/sqlite/stores.ts";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";
import { assertRefused } from "../support/refused-start.ts";

const CUTS: Readonly<Record<string, (bytes: number) => number>> = {
  "by a page": (bytes) => bytes - PAGE_BYTES,
  "by 100 bytes": (bytes) => bytes - 100,
  "by half": (bytes) => Math.floor(bytes / 2),
  "to a page": () => PAGE_BYTES,
  "to 100 bytes": () => 100,
  "to nothing": () => 0,
};

describe("a data file that is not whole", function () {
  this.timeout(120_000);
  let ordeal: Ordeal;
  let kept: string;
  before(async () => {
    ordeal = await Ordeal.begin({ name: "truncated data file" });
    kept = mkdtempSync(join(tmpdir(), "kept-"));
    const { server } = ordeal;
    // A clean end brings everything into the data file; what comes after that stands in the log alone.
    await ordeal.play(async () => {
      await pause(1_500);
      await server.stop();
      await server.start();
    });
    await ordeal.play(async () => {
      await pause(1_000);
      await server.kill();
    });
    cpSync(server.dataFolder, kept, { recursive: true });
  });
  after(async () => {
    await ordeal?.dispose();
    rmSync(kept, { recursive: true, force: true });
  });

  /** The folder as the kill left it, with its damage. */
  async function damaged(damage: (file: string) => void) {
    const { server } = ordeal;
    await server.kill();
    rmSync(server.dataFolder, { recursive: true });
    cpSync(kept, server.dataFolder, { recursive: true });
    const file = join(server.dataFolder, DATA_FILE);
    damage(file);
    return { file, start: await server.tryStart() };
  }

  for (const [cut, bytesLeft] of Object.entries(CUTS)) {
    for (const log of ["with its log", "without its log"] as const) {
      it(`[X22] cut ${cut}, ${log}, has everything or is refused by name`, async () => {
        const { file, start } = await damaged((path) => {
          truncateSync(path, bytesLeft(statSync(path).size));
          if (log === "without its log") rmSync(`${path}-wal`);
        });
        if (start.isReady) {
          assert.equal(log, "with its log", "without it, something is gone");
          await ordeal.look(`cut ${cut}`);
          return;
        }
        assertRefused(start, /campaign-live-sessions\.sqlite(-wal)? (is (empty|gone)|has been cut short)/);
        assert.match(start.said, /restore it from a backup|put it back/);
        // Being refused changes nothing: put back, it is whole.
        copyFileSync(join(kept, DATA_FILE), file);
        copyFileSync(join(kept, `${DATA_FILE}-wal`), `${file}-wal`);
        await ordeal.server.start();
        await ordeal.look(`put back after it was cut ${cut}`);
      });
    }
  }

  for (const [cut, bytesLeft] of Object.entries(CUTS)) {
    it(`[X22] cut ${cut} after it was closed properly is refused by name`, async () => {
      const { start } = await damaged((path) => {
        rmSync(`${path}-wal`);
        rmSync(markOf(path));
        truncateSync(path, bytesLeft(statSync(path).size));
      });
      assertRefused(start, /campaign-live-sessions\.sqlite is (empty|damaged)|has been cut short/);
      assert.match(start.said, /restore it from a backup/);
    });
  }

  it("[X22] is missed when it, or its log alone, is gone; with the log put back all is there", async () => {
    const gone = await damaged((path) => rmSync(path));
    assertRefused(gone.start, /campaign-live-sessions\.sqlite is gone/);
    const lost = await damaged((path) => rmSync(`${path}-wal`));
    assertRefused(lost.start, /campaign-live-sessions\.sqlite-wal is gone, .* put it back/);
    const emptied = await damaged((path) => truncateSync(`${path}-wal`, 0));
    assertRefused(emptied.start, /sqlite-wal is gone/);
    const garbled = await damaged((path) => writeFileSync(`${path}-wal`, "no log at all, and long enough to be one"));
    assertRefused(garbled.start, /sqlite-wal is damaged from its beginning/);
    const { start } = await damaged(() => undefined);
    assert.ok(start.isReady);
    await ordeal.look("whole");
  });

  it("[X23] is opened by whoever says that what its log held is not to be had", async () => {
    const { file, start } = await damaged((path) => {
      rmSync(`${path}-wal`);
      rmSync(markOf(path));
    });
    assert.ok(start.isReady);
    assert.ok(existsSync(markOf(file)));
    await ordeal.server.stop();
    assert.ok(!existsSync(markOf(file)), "closed properly, it needs no log");
    assert.ok(!existsSync(`${file}-wal`));
  });

  it("[X22] holds all that was recorded, judged at last", async () => {
    const { start } = await damaged(() => undefined);
    assert.ok(start.isReady);
    await ordeal.judge();
  });
});
