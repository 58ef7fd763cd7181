import assert from "node:assert/strict";
import { Heartbeat } from "../../src/live/heartbeat.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import type { ProcessBeat } from "../../src/ports/leases.ts";
import { HandClock } from "../support/hand-clock.ts";

describe("a heartbeat", () => {
  const scene = () => {
    const clock = new HandClock();
    const beats: ProcessBeat[] = [];
    const told: boolean[] = [];
    const state = { slowMs: 0, isDown: false, wasTakenForDead: false, sessions: 0 };
    const heartbeat = new Heartbeat({
      leases: {
        beat: async (beat) => {
          beats.push(beat);
          if (state.slowMs > 0) await new Promise<void>((resolve) => clock.after(state.slowMs, resolve));
          if (state.isDown) throw new StoreUnavailable("down");
          return state.wasTakenForDead;
        },
      },
      clock,
      process: { processId: "p1", internalUrl: "http://p1", publicAddress: null, version: "1" },
      load: () => ({ sessions: state.sessions, connections: 2 }),
      onBeat: (wasTakenForDead) => told.push(wasTakenForDead),
    });
    return { clock, beats, told, state, heartbeat };
  };

  it("[MP2] says every second what the process does, and what the store says of it is told", async () => {
    const { clock, beats, told, state, heartbeat } = scene();
    const startedAt = clock.now();
    await clock.advance(50);
    await heartbeat.start();
    state.sessions = 3;
    state.wasTakenForDead = true;
    await clock.advance(2_000);
    assert.deepEqual(
      beats.map(({ beatAt, sessions }) => [beatAt - startedAt, sessions]),
      [
        [50, 0],
        [1_050, 3],
        [2_050, 3],
      ],
    );
    assert.deepEqual(told, [false, true, true]);
    const { beatAt: _, sessions: __, ...rest } = beats[2]!;
    assert.deepEqual(rest, {
      ...{ processId: "p1", internalUrl: "http://p1", publicAddress: null, version: "1" },
      ...{ startedAt, isDraining: false, connections: 2 },
    });
  });

  it("[MP2] keeps its pace while the store is slow, with two beats under way at most", async () => {
    const { clock, told, beats, state, heartbeat } = scene();
    await heartbeat.start();
    state.slowMs = 1_900;
    await clock.advance(20_000);
    assert.ok(told.length >= 18, `${told.length} beats in 20 s`);
    state.slowMs = 60_000;
    const before = beats.length;
    await clock.advance(30_000);
    assert.ok(beats.length - before <= 2, `${beats.length - before} more beats to a store that does not answer`);
  });

  it("[MP2] goes on at its pace after a failure, and says at once that the process drains", async () => {
    const { clock, told, beats, state, heartbeat } = scene();
    await heartbeat.start();
    state.isDown = true;
    await clock.advance(5_000);
    assert.deepEqual([beats.length, told.length], [6, 1]);
    state.isDown = false;
    await heartbeat.drains();
    assert.deepEqual([beats.length, beats.at(-1)?.isDraining, told.length], [7, true, 2]);
    await heartbeat.stop();
    await clock.advance(10_000);
    assert.deepEqual([beats.length, clock.pending], [7, 0]);
  });

  it("[MP2] has no beat on its way any more when it has stopped", async () => {
    const { clock, told, state, heartbeat } = scene();
    await heartbeat.start();
    state.slowMs = 700;
    await clock.advance(1_100);
    let isStopped = false;
    void heartbeat.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(500);
    assert.equal(isStopped, false);
    await clock.advance(200);
    assert.deepEqual([isStopped, told.length], [true, 2]);
  });
});
