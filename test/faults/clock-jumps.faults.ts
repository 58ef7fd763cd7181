import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, pause } from "../support/eventually.ts";
import { Ordeal } from "../support/ordeal.ts";

const HOW_TO_GET_IT = "needs libfaketime: apt-get install faketime";
/** how long a changed offset may take to be seen, and then some play under it */
const PLAYED_MS = 2_500;
/** of the preloaded library: how often it looks into its file */
const LOOKS_EVERY_S = "1";

/** Where Debian's package has the library. */
function libfaketime(): string | undefined {
  try {
    const files = execFileSync("dpkg", ["-L", "libfaketime"], { encoding: "utf8", stdio: "pipe" });
    return files.split("\n").find((path) => path.endsWith("/libfaketimeMT.so.1"));
  } catch {
    return undefined;
  }
}

describe("a system clock that jumps under load", function () {
  this.timeout(120_000);
  let folder: string;
  let ordeal: Ordeal | undefined;
  before(function () {
    if (libfaketime() !== undefined) return;
    if (process.env.CI === "true") throw new Error(HOW_TO_GET_IT);
    console.log(`      skipped: ${HOW_TO_GET_IT}`);
    this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "clock-"));
  });
  afterEach(async () => {
    await ordeal?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sets the server's clock so many hours beside ours: at once, for a half-written file would be no time. */
  function setClock(hours: number): void {
    const file = join(folder, "time");
    writeFileSync(`${file}.new`, `${hours >= 0 ? "+" : ""}${hours}h\n`);
    renameSync(`${file}.new`, file);
  }

  const begin = async (name: string) => {
    setClock(0);
    ordeal = await Ordeal.begin({
      name,
      // an end of our tokens that no jump gets near: what a jump over it does is another rule's
      tokenHours: 100,
      env: {
        LD_PRELOAD: libfaketime()!,
        FAKETIME_TIMESTAMP_FILE: join(folder, "time"),
        FAKETIME_CACHE_DURATION: LOOKS_EVERY_S,
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    });
    return ordeal;
  };
  const serversClock = async () => Date.parse((await fetch(`${ordeal!.server.url}/healthz`)).headers.get("date") ?? "");
  const isAt = (hours: number) =>
    eventually(
      `the server's clock ${hours} h beside ours`,
      async () => Math.abs((await serversClock()) - Date.now() - hours * 3_600_000) < 5_000,
      5_000,
    );

  it("[X29] while it runs: nobody is disconnected, nobody loses a place, nothing is lost", async () => {
    const table = await begin("clock jumps while it runs");
    for (const hours of [3, -4, 0]) {
      await table.play(async () => {
        setClock(hours);
        await isAt(hours);
        await pause(PLAYED_MS);
        for (const seat of table.seats.values()) assert.equal(seat.closing, null, `${seat.userId} is still there`);
      });
      for (const userId of table.seats.keys()) {
        assert.equal(table.seats.get("gm")!.state.participants.get(userId)?.presence, "online");
      }
    }
    await table.judge();
  });

  it("[X29] across kills: places and order stay, windows are full ones, nothing is lost", async () => {
    const table = await begin("clock jumps across kills");
    for (const hours of [5, -5, 0]) {
      await table.play(async () => {
        await pause(700);
        await table.server.kill();
        setClock(hours);
        await table.server.start();
        await isAt(hours);
        await pause(1_200);
      });
    }
    await table.judge();
    const history = await table.evening.gm.get<{ liveSeconds: number; participants: { onlineSeconds: number }[] }>(
      "GET",
      `${table.evening.path}/history`,
    );
    for (const seconds of [history.liveSeconds, ...history.participants.map(({ onlineSeconds }) => onlineSeconds)]) {
      assert.ok(seconds >= 0, `${seconds} s`);
    }
  });
});
