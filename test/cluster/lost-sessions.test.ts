import assert from "node:assert/strict";
import { LostSessions } from "../../src/cluster/lost-sessions.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import { emptyBacking } from "../../src/stores/memory/backing.ts";
import { MemoryLeases } from "../../src/stores/memory/leases.ts";
import { settled } from "../support/hand-clock.ts";

describe("a process that was taken for dead and is there", () => {
  const scene = async (count: number) => {
    const leases = new MemoryLeases(emptyBacking());
    const closed: string[] = [];
    const lost: string[] = [];
    const failures: unknown[] = [];
    const state = { looks: 0, isDown: false };
    const open = new Map<string, { sessionId: string; committed: { epoch: number }; close(): Promise<void> }>();
    const runs = async (sessionId: string, epoch: number) => {
      await leases.claim({ sessionId, processId: "me", epoch });
      const close = async (): Promise<void> => {
        closed.push(sessionId);
        open.delete(sessionId);
      };
      open.set(sessionId, { sessionId, committed: { epoch }, close });
    };
    for (let i = 0; i < count; i++) await runs(`s${i}`, 4);
    const lostSessions = new LostSessions({
      leases: {
        heldBy: async (...asked) => {
          state.looks++;
          if (state.isDown) throw new StoreUnavailable("down");
          return await leases.heldBy(...asked);
        },
      },
      processId: "me",
      sessions: () => open.values(),
      onLost: (sessionId) => lost.push(sessionId),
      onFailed: (error) => failures.push(error),
    });
    const beaten = async (wasTakenForDead = false) => {
      lostSessions.beaten(wasTakenForDead);
      await settled();
    };
    return { leases, closed, lost, failures, state, runs, beaten };
  };

  it("[MP10] moves the clients of sessions that others have opened, and keeps the rest", async () => {
    const { leases, closed, lost, beaten } = await scene(1_203);
    await leases.claim({ sessionId: "s7", processId: "other", epoch: 5 });
    await leases.claim({ sessionId: "s1100", processId: "me", epoch: 9 });
    await leases.release("s1202", 4);
    await beaten(true);
    assert.deepEqual(closed, ["s7", "s1100", "s1202"]);
    assert.deepEqual(lost, closed);
  });

  it("[MP10] goes on looking for ten beats: others may still be opening them", async () => {
    const { leases, closed, state, beaten, runs } = await scene(3);
    await beaten();
    assert.equal(state.looks, 0, "a beat costs nothing as a rule");
    await beaten(true);
    assert.deepEqual(closed, []);
    await leases.claim({ sessionId: "s2", processId: "other", epoch: 5 });
    for (let beat = 2; beat <= 9; beat++) await beaten();
    assert.deepEqual(closed, ["s2"]);
    await leases.claim({ sessionId: "s1", processId: "other", epoch: 5 });
    await runs("s3", 1);
    await beaten();
    assert.deepEqual(closed, ["s2", "s1"]);
    assert.equal(state.looks, 10);
    await beaten();
    assert.equal(state.looks, 10);
  });

  it("[MP10] looks again where the store failed, and closes nothing meanwhile", async () => {
    const { leases, closed, failures, state, beaten } = await scene(2);
    await leases.claim({ sessionId: "s0", processId: "other", epoch: 5 });
    state.isDown = true;
    await beaten(true);
    assert.deepEqual(closed, []);
    assert.equal(failures.length, 1);
    state.isDown = false;
    await beaten();
    assert.deepEqual(closed, ["s0"]);
  });

  it("[MP10] asks nothing where nothing runs", async () => {
    const { state, beaten } = await scene(0);
    await beaten(true);
    assert.equal(state.looks, 0);
  });
});
