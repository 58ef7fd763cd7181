import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { SNAPSHOT_FORMAT, writeSnapshot } from "../../src/core/snapshot.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { StoredDataDamaged } from "../../src/ports/failures.ts";
import type { SessionLog } from "../../src/ports/log.ts";
import { LiveTable, seqOf, set } from "../support/live-table.ts";
import { garble } from "./damage.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

/** Rule L18, and what L16 and L17 mean for whole sessions, on stores that write to a disk. */
export function damagedSnapshotsContract(name: string, open: OpenStores): void {
  describe(`damaged sessions: ${name}`, () => {
    const underTest = eachTestWith(open);
    let table: LiveTable;
    let session: HostedSession;
    let n: number;

    /** An evening that begins, of a process that shall not end it. @param log in place of the stores' own */
    async function begin(log: SessionLog = underTest().stores.log): Promise<void> {
      n = 0;
      table = await LiveTable.set({}, { ...underTest().stores, log });
      ({ session } = await table.live());
      await table.sit(session, "kim");
    }
    const play = () => seqOf(session.desk.submit("kim", set(`c${++n}`, "shared/n", n)));
    /** So many snapshots, a command before each and one after all. @returns their positions, newest first */
    async function snapshots(count: number): Promise<number[]> {
      for (let i = 0; i < count; i++) {
        await play();
        await session.snapshot();
      }
      await play();
      return underTest().stores.snapshots.positions(table.sessionId);
    }
    const garbleAt = (pos: number, where: "content" | "snapshot", from: string, to: string) =>
      garble(underTest(), { sessionId: table.sessionId, pos, where, from, to });
    /** Another process, on what is stored now. */
    const restart = (processId = "p2") => {
      table.process = table.startWith(processId, underTest().stores);
    };
    const nameOf = (pos: number) => `snapshot of session ${table.sessionId} at position ${pos}`;
    const badChecksum = (pos: number) =>
      new RegExp(`^${nameOf(pos)}: checksum is [0-9a-f]{64}, should be [0-9a-f]{64}$`);
    /** The state that this process held is read by the next, which is told so much of damage and no more. */
    async function assertRestored(told: readonly RegExp[]): Promise<void> {
      restart();
      const state = await table.hosting.read(table.sessionId);
      assert.equal(state && writeSnapshot(state).text, writeSnapshot(session.committed).text);
      for (const [i, problem] of told.entries()) assert.match(table.process.problems[i] ?? "nothing", problem);
      assert.equal(table.process.problems.length, told.length, `${table.process.problems}`);
    }

    it("[L18] a flipped byte in the newest snapshot is told; the one before and the log give the same", async () => {
      await begin();
      const [newer] = await snapshots(3);
      await garbleAt(newer!, "snapshot", '"kim"', '"kin"');
      await assertRestored([badChecksum(newer!)]);
      session = await table.open();
      await table.sit(session, "kim");
      await snapshots(2);
      await assertRestored([]);
    });

    it("[L18] with every snapshot damaged the whole log gives the same, where it is there", async () => {
      await begin();
      const [only] = await snapshots(1);
      await garbleAt(only!, "snapshot", '"kim"', '"kin"');
      await assertRestored([badChecksum(only!)]);
    });

    it("[L18] so it does with two, where nothing was trimmed", async () => {
      const log = () => underTest().stores.log;
      await begin({
        append: (records, projection) => log().append(records, projection),
        read: (sessionId, after, limit) => log().read(sessionId, after, limit),
        events: (sessionId, after, limit) => log().events(sessionId, after, limit),
        commands: (sessionId, after, limit) => log().commands(sessionId, after, limit),
        end: (sessionId) => log().end(sessionId),
        // As where the process ends between saving and trimming.
        trim: async () => {},
      });
      const [newer, older] = await snapshots(2);
      for (const pos of [newer!, older!]) await garbleAt(pos, "snapshot", '"kim"', '"kin"');
      await assertRestored([badChecksum(newer!), badChecksum(older!)]);
    });

    it("[L18] with every snapshot damaged and a trimmed log it is an error that names the place", async () => {
      await begin();
      const [newer, older] = await snapshots(2);
      for (const pos of [newer!, older!]) await garbleAt(pos, "snapshot", '"kim"', '"kin"');
      restart();
      const first = older! + 1;
      const message = new RegExp(
        `^log of session ${table.sessionId} at position ${first}: .* ${first} does not follow 0`,
      );
      await assert.rejects(table.hosting.read(table.sessionId), { name: "StoredDataDamaged", message });
      await assert.rejects(table.open(), StoredDataDamaged);
      for (const [i, pos] of [newer!, older!].entries()) assert.match(table.process.problems[i]!, badChecksum(pos));
    });

    it("[L16] a snapshot of a newer format is told by its number; the one before and the log give the same", async () => {
      await begin();
      const [newer] = await snapshots(2);
      const { sessionId } = table;
      const stored = await underTest().stores.snapshots.load(sessionId, newer!);
      const text = stored!.text.replace(`"format":${SNAPSHOT_FORMAT}`, `"format":${SNAPSHOT_FORMAT + 1}`);
      await underTest().stores.snapshots.save({ sessionId, pos: newer!, text, sha256: hash("sha256", text, "hex") });
      await assertRestored([new RegExp(`^${nameOf(newer!)}: snapshot format ${SNAPSHOT_FORMAT + 1} is unknown`)]);
    });

    it("[L17] a session with a damaged record does not open; that is told once, by name", async () => {
      await begin();
      await snapshots(2);
      const { pos } = session.committed;
      await garbleAt(pos, "content", "shared/n", "shared/m");
      restart();
      const message = new RegExp(`^the record of ${table.sessionId} at ${pos} is damaged`);
      await assert.rejects(table.open(), { name: "StoredDataDamaged", message });
      assert.equal(table.process.problems.length, 1);
      assert.match(table.process.problems[0]!, message);
    });
  });
}
