import assert from "node:assert/strict";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { StoredDataDamaged } from "../../src/ports/failures.ts";
import type { StoredSnapshot } from "../../src/ports/snapshots.ts";
import { createdSession } from "../support/created-session.ts";
import { overlay } from "../support/faulty-stores.ts";
import { settled } from "../support/hand-clock.ts";
import { GM, LiveTable, type Process, seqOf, set } from "../support/live-table.ts";

describe("reading sessions that do not run here", () => {
  let table: LiveTable;
  let session: HostedSession;
  /** snapshots that the readers' store has been asked for and has not given yet */
  let held: (() => void)[];
  let loads: string[];
  let reader: Process;
  let n = 0;
  const play = () => seqOf(session.desk.submit("kim", set(`c${++n}`, "shared/n", n)));

  beforeEach(async () => {
    table = await LiveTable.set({ settings: { reconnectWindow: 3_600 } });
    ({ session } = await table.live());
    await table.sit(session, "kim");
    await play();
    await session.snapshot();
    [held, loads] = [[], []];
    const { snapshots } = table.stores;
    const slow = overlay(snapshots, {
      async load(sessionId: string, pos: number): Promise<StoredSnapshot | undefined> {
        loads.push(sessionId);
        await new Promise<void>((resolve) => held.push(resolve));
        return snapshots.load(sessionId, pos);
      },
    });
    reader = table.startWith("reader", { snapshots: slow });
  });
  /** Gives what was asked for so far, and whatever is asked for because of it. */
  const give = async () => {
    for (await settled(); held.length > 0; await settled()) held.shift()!();
  };

  it("[J20] those who ask at the same time share what is read", async () => {
    const asked = Array.from({ length: 50 }, () => reader.hosting.read(table.sessionId));
    await give();
    const states = new Set(await Promise.all(asked));
    assert.equal(states.size, 1);
    assert.equal(writeSnapshot([...states][0]!).text, writeSnapshot(session.committed).text);
    assert.equal(loads.length, 1);
  });

  it("[J20] so they do with what cannot be read, and who asks later tries anew", async () => {
    const log = table.backing.logs.get(table.sessionId)!;
    const last = log.length - 1;
    await play();
    log[last + 1] = { ...log[last + 1]!, json: "{}" };
    const asked = Array.from({ length: 5 }, () =>
      assert.rejects(reader.hosting.read(table.sessionId), StoredDataDamaged),
    );
    await give();
    await Promise.all(asked);
    assert.equal(loads.length, 1);
    log.length = last + 1;
    const again = reader.hosting.read(table.sessionId);
    await give();
    assert.equal((await again)?.pos, last + 1);
  });

  it("[J21] what was read is kept for 5 s after it was last asked for, and then let go", async () => {
    const before = table.clock.pending;
    const ask = async () => {
      const asked = reader.hosting.read(table.sessionId);
      await give();
      return await asked;
    };
    const first = await ask();
    await table.clock.advance(4_000);
    assert.equal(await ask(), first);
    await table.clock.advance(4_999);
    assert.equal(await ask(), first);
    await table.clock.advance(5_000);
    assert.equal(table.clock.pending, before);
    assert.notEqual(await ask(), first);
    assert.equal(loads.length, 2);
    await reader.hosting.stop();
    assert.equal(table.clock.pending, before);
  });

  it("[J21] it is never older than the call: what another process stored since is in it", async () => {
    const first = reader.hosting.read(table.sessionId);
    await settled();
    await play();
    const second = reader.hosting.read(table.sessionId);
    await give();
    assert.ok((await first)!.pos <= session.committed.pos);
    assert.equal((await second)?.pos, session.committed.pos);
    await play();
    const third = reader.hosting.read(table.sessionId);
    await give();
    assert.equal((await third)?.seq, session.committed.seq);
    assert.equal(writeSnapshot((await third)!).text, writeSnapshot(session.committed).text);
  });

  it("[J21] a session of which nothing is stored is undefined, and nothing is read for it", async () => {
    assert.equal(await reader.hosting.read("no such session"), undefined);
    assert.deepEqual([loads, held], [[], []]);
  });

  it("[J21] no more is kept than a few full sessions", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 8; i++) {
      const continued = Array.from(
        { length: 400 },
        (_, at) => [`shared/${at}`, `"${"x".repeat(9_000)}"`, "gm"] as const,
      );
      const input = { campaignId: "campaign", title: "Full", maxParticipants: 8, settings: session.committed.settings };
      ids.push((await createdSession(table.hosting, { ...input, continued }, GM)).sessionId);
    }
    const { hosting } = table.start("another");
    const states = await Promise.all(ids.map((id) => hosting.read(id)));
    const again = await Promise.all(ids.map((id) => hosting.read(id)));
    const kept = again.filter((state, i) => state === states[i]).length;
    assert.ok(kept >= 1 && kept <= 6, `${kept} are kept`);
  }).timeout(20_000);

  it("[J22] two are restored at a time, and one that people wait for comes before those that are only read", async () => {
    const ids = [table.sessionId];
    for (let i = 0; i < 4; i++) {
      const input = { campaignId: "campaign", title: `${i}`, maxParticipants: 8, settings: session.committed.settings };
      const { sessionId } = await createdSession(table.hosting, input, GM);
      await (await table.hosting.open(sessionId)).close("idle");
      ids.push(sessionId);
    }
    const asked = ids.slice(0, 4).map((id) => reader.hosting.read(id));
    await settled();
    const opened = reader.hosting.open(ids[4]!);
    await settled();
    assert.deepEqual(loads, ids.slice(0, 2));
    held.shift()!();
    await settled();
    assert.deepEqual(loads, [ids[0], ids[1], ids[4]]);
    await give();
    assert.deepEqual(
      (await Promise.all(asked)).map((state) => state?.sessionId),
      ids.slice(0, 4),
    );
    await (await opened).close("idle");
  });
});
