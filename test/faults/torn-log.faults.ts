import assert from "node:assert/strict";
import { appendFileSync, closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DATA_FILE } from "../../src/stores/sqlite/stores.ts";
import { walContent } from "../../src/stores/sqlite/wal-file.ts";
import { pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";

const ROUNDS = 6;
const FRAME_HEADER_BYTES = 24;

describe("a write-ahead log with a torn end", function () {
  this.timeout(180_000);
  let ordeal: Ordeal;
  afterEach(async () => await ordeal?.dispose());

  const log = () => join(ordeal.server.dataFolder, `${DATA_FILE}-wal`);

  /** Kills the server under load, damages the log, and starts it again. */
  async function torn(damage: () => void, lost: { readonly mayLoseTail: boolean }): Promise<void> {
    const { server, random } = ordeal;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const life = async () => {
        await pause(random.between(100, 400));
        await server.kill();
        damage();
        await server.start();
      };
      await ordeal.play(life, { mayLoseTail: lost.mayLoseTail && round > 1 });
    }
  }

  it("[X24] loses nothing to garbage and half a frame behind its end", async () => {
    ordeal = await Ordeal.begin({ name: "garbage behind the log" });
    const { random } = ordeal;
    await torn(
      () => {
        const content = walContent(log());
        assert.ok(content !== undefined && content !== "damaged");
        const at = content.lastCommit.at(-1)!;
        const half = Buffer.alloc(FRAME_HEADER_BYTES + content.pageBytes / 2);
        const file = openSync(log(), "r");
        readSync(file, half, 0, half.length, at);
        closeSync(file);
        appendFileSync(log(), half);
        appendFileSync(log(), random.text(random.between(1, 9_000)));
      },
      { mayLoseTail: false },
    );
    const { lost } = await ordeal.judge();
    assert.deepEqual(lost, { commands: 0, views: 0 });
  });

  for (const [how, byte] of [
    ["flipped", (was: number) => was ^ 0xff],
    ["zeroed", () => 0],
  ] as const) {
    it(`[X20] loses whole commits from its end alone where frames that were on the disk are ${how}`, async () => {
      ordeal = await Ordeal.begin({ name: `log's last frames ${how}` });
      await torn(
        () => {
          const content = walContent(log());
          assert.ok(content !== undefined && content !== "damaged" && content.lastCommit.length > 0);
          const frame = Buffer.alloc(FRAME_HEADER_BYTES + content.pageBytes);
          const file = openSync(log(), "r+");
          for (const at of content.lastCommit) {
            readSync(file, frame, 0, frame.length, at);
            for (let i = 0; i < frame.length; i += 1) frame[i] = byte(frame[i]!);
            writeSync(file, frame, 0, frame.length, at);
          }
          closeSync(file);
        },
        { mayLoseTail: true },
      );
      const { lost } = await ordeal.judge({ mayLoseTail: true });
      assert.ok(lost.commands + lost.views > 0, "nothing was lost: nothing was torn");
    });
  }
});
