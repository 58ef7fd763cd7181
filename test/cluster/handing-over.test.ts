import assert from "node:assert/strict";
import {
  ANNOUNCED_MS,
  HandingOver,
  type HandingOverDeps,
  type MovableSession,
  TAKEN_WITHIN_MS,
} from "../../src/cluster/handing-over.ts";
import { inOrderOf } from "../../src/cluster/rendezvous.ts";
import type { ProcessBeat } from "../../src/ports/leases.ts";
import { beatOf } from "../support/beats.ts";
import { HandClock, settled } from "../support/hand-clock.ts";

/** A process with sessions, and others that it may hand them to. */
function scene(own: Partial<HandingOverDeps> = {}) {
  const clock = new HandClock();
  const living: ProcessBeat[] = ["b", "c"].map((id) => beatOf(id, 1));
  const sessions: MovableSession[] = [];
  const told: string[] = [];
  const asked: string[] = [];
  const handing = new HandingOver({
    processes: { living },
    clock,
    sessions: () => sessions,
    announce: async () => void told.push("announced"),
    nothingOpens: async () => undefined,
    ask: async (processId, sessionId) => void asked.push(`${sessionId} to ${processId}`),
    onMoved: (sessionId, to) => told.push(`${sessionId} at ${to}`),
    onSaved: (sessionId) => told.push(`${sessionId} saved`),
    onRefused: (_error, sessionId) => told.push(`${sessionId} refused`),
    ...own,
  });
  const session = (sessionId: string, more: Partial<MovableSession> = {}): MovableSession => {
    const one = {
      sessionId,
      isAwaited: true,
      handOver: async () => ({}),
      close: async (why: string) => void told.push(`${sessionId}: ${why}`),
      ...more,
    };
    sessions.push(one);
    return one;
  };
  const first = (sessionId: string): string => inOrderOf(sessionId, ["b", "c"])[0]!;
  return { clock, living, sessions, told, asked, handing, session, first };
}

describe("handing sessions over", () => {
  it("[MP65] [MP68] begins when the others know of it, and goes to each session's first by rendezvous hashing", async () => {
    const { clock, handing, session, asked, told, first } = scene();
    const ids = Array.from({ length: 30 }, (_, i) => `s${i}`);
    for (const id of ids) session(id);
    let isOver = false;
    void handing.run(20_000).then(() => {
      isOver = true;
    });
    await clock.advance(ANNOUNCED_MS - 1);
    assert.deepEqual([told, asked], [["announced"], []]);
    await clock.advance(1);
    await settled();
    assert.deepEqual(asked.toSorted(), ids.map((id) => `${id} to ${first(id)}`).toSorted());
    assert.equal(new Set(ids.map(first)).size, 2);
    for (const id of ids) assert.ok(told.indexOf(`${id}: host_moved`) < told.indexOf(`${id} at ${first(id)}`), id);
    assert.ok(isOver);
    assert.equal(clock.pending, 0);
  });

  it("[MP65] moves eight at the same time", async () => {
    let most = 0;
    let now = 0;
    const { clock, handing, session } = scene({
      ask: async () => {
        most = Math.max(most, ++now);
        await new Promise<void>((resolve) => clock.after(10, resolve));
        now--;
      },
    });
    for (let i = 0; i < 20; i++) session(`s${i}`);
    void handing.run(20_000);
    await clock.advance(1_000);
    assert.equal(most, 8);
  });

  it("[MP65] [MP67] asks one more where one refuses or hangs, and saves what nobody takes", async () => {
    const asked: string[] = [];
    const { clock, handing, session, told, first } = scene({
      ask: (processId, sessionId, _handover, withinMs) => {
        asked.push(`${sessionId} to ${processId}`);
        if (sessionId === "taken" && processId !== first("taken")) return Promise.resolve();
        if (sessionId !== "hangs") return Promise.reject(new Error("no"));
        return new Promise((_resolve, reject) => clock.after(withinMs, () => reject(new Error("late"))));
      },
    });
    for (const id of ["taken", "refused", "hangs"]) session(id);
    void handing.run(25_000);
    await clock.advance(ANNOUNCED_MS);
    const second = first("taken") === "b" ? "c" : "b";
    assert.ok(told.includes(`taken at ${second}`) && told.includes("refused saved"));
    assert.ok(told.includes("refused: server_restarting"));
    assert.ok(!told.includes("hangs saved"));
    await clock.advance(2 * TAKEN_WITHIN_MS);
    assert.ok(told.includes("hangs saved"));
    assert.equal(asked.length, 6);
  });

  it("[MP67] saves at once what nobody waits for, and leaves what is not moved in time to others", async () => {
    const { clock, handing, session, told, asked } = scene();
    session("empty", { isAwaited: false });
    session("stuck", { handOver: () => new Promise(() => undefined) });
    let isOver = false;
    void handing.run(4_000).then(() => {
      isOver = true;
    });
    await clock.advance(3_999);
    assert.deepEqual([told.slice(1), asked], [["empty: server_restarting", "empty saved"], []]);
    assert.equal(isOver, false);
    await clock.advance(1);
    await settled();
    assert.ok(isOver);
  });

  it("[MP67] waits for nothing where nobody else lives, or all others drain", async () => {
    const { clock, handing, session, living, told } = scene();
    living.splice(0, 2, beatOf("b", 1, { isDraining: true }));
    session("s");
    await handing.run(20_000);
    assert.deepEqual([told, clock.pending], [["announced"], 0]);
  });

  it("[MP68] takes a session that is just being opened, and a store that does not take the announcement holds nothing up", async () => {
    const opening = Promise.withResolvers<void>();
    const { clock, handing, session, told, first } = scene({
      announce: () => new Promise(() => undefined),
      nothingOpens: () => opening.promise,
    });
    void handing.run(20_000);
    await clock.advance(2 * ANNOUNCED_MS + 100);
    session("late");
    opening.resolve();
    await settled();
    await settled();
    assert.deepEqual(told, ["late: host_moved", `late at ${first("late")}`]);
  });
});
