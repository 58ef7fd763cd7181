import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { memoryOf } from "../support/memory-of.ts";
import { ServerProcess } from "../support/server.ts";
import { type CrowdReport, letLoose, sceneOn } from "./hostile-scene.ts";
import "../support/quiet.ts";

const SECONDS = Number(process.env.HOSTILE_SECONDS ?? 60);

/** As docs/operations.md says for small machines: what is free is given back to the system, not kept for the next time. */
const GIVES_MEMORY_BACK = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
  NODE_OPTIONS: "--max-semi-space-size=8",
};

/** The acceptance of issue 10. */
const P99_MS = 500;
const MOST_MIB = 600;
const GROWN_BY_MIB = 100;

describe("a hostile evening", function () {
  this.timeout(SECONDS * 1_000 + 180_000);
  // It measures times, and the machine may have been busy with something else: on a fresh server once more, and no oftener.
  this.retries(1);
  let server: ServerProcess;

  beforeEach(async () => {
    server = await ServerProcess.start({ env: { GUESTS: "on", RATE_WRITES: "10", ...GIVES_MEMORY_BACK } });
  });
  afterEach(async () => await server?.dispose());

  /**
   * What the process holds in its heap and outside of it. What is resident says less: both isolates and the C library
   * keep some of what was free before for the next time.
   */
  async function liveMiB(): Promise<number> {
    const figures = await (await fetch(`${server.url}/metrics`)).text();
    const bytesOf = (name: string) => Number(new RegExp(`^${name} (\\S+)`, "m").exec(figures)?.[1]);
    return Math.round((bytesOf("nodejs_heap_size_used_bytes") + bytesOf("nodejs_external_memory_bytes")) / 2 ** 20);
  }

  it("[X83] is one to them alone: a table beside plays on, memory stays bounded, and is free again", async () => {
    const scene = await sceneOn(server, SECONDS);
    const quiet = await Evening.prepare(server, { members: { zoe: "player" } });
    const gm = await quiet.gm.join(quiet.sessionId);
    const zoe = await quiet.person("zoe").join(quiet.sessionId);
    await pause(2_000);
    const before = memoryOf(server.pid);
    const liveBefore = await liveMiB();
    const took: number[] = [];
    const failed: string[] = [];
    let most = 0;
    let isOver = false;
    const playing = [gm, zoe].map(async (seat) => {
      while (!isOver) {
        const at = performance.now();
        const { kind } = await seat.attempt({
          id: randomUUID(),
          action: "increment",
          payload: { path: "shared/n", by: 1 },
        });
        if (kind !== "accepted") failed.push(kind);
        took.push(performance.now() - at);
        await pause(50);
      }
    });
    const watching = (async () => {
      while (!isOver) {
        most = Math.max(most, memoryOf(server.pid)?.now ?? 0);
        await pause(250);
      }
    })();
    let report: CrowdReport;
    try {
      report = await letLoose(scene);
    } finally {
      isOver = true;
    }
    await Promise.all([...playing, watching]);
    took.sort((a, b) => a - b);
    const at = (share: number) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))]!);
    for (const [name, { rounds, told }] of Object.entries(report)) {
      console.log(`      ${name}: ${rounds} rounds ${JSON.stringify(told)}`);
    }
    console.log(
      `      the quiet table: ${took.length} commands, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms`,
    );
    console.log(`      memory: ${before?.now} MiB before, ${most} MiB at most`);

    assert.deepEqual(failed, []);
    assert.deepEqual([gm.closing, zoe.closing], [null, null]);
    assert.equal(gm.value("shared/n"), took.length, "every command, once");
    assert.ok(at(0.99) < P99_MS, `p99 ${at(0.99)} ms`);
    if (before === undefined) return;
    assert.ok(most < MOST_MIB, `${most} MiB`);
    const after = await eventually(
      "memory is free again",
      async () => {
        const now = await liveMiB();
        return now <= liveBefore + GROWN_BY_MIB ? now : undefined;
      },
      90_000,
    );
    console.log(
      `      live: ${liveBefore} MiB before, ${after} MiB afterwards, ${memoryOf(server.pid)?.now} MiB resident`,
    );
  });
});
