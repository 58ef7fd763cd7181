import assert from "node:assert/strict";
import { hash } from "node:crypto";
import fc from "fast-check";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { GM, LiveTable, seqOf, set } from "../support/live-table.ts";

const STEPS = ["play", "snapshot", "failSave", "failDrop", "failTrim", "crash", "damage", "overtake"] as const;

/** A table whose stores refuse trims and drops on demand, and look at each trim before they do it. */
class TrimmedTable {
  #table!: LiveTable;
  #session!: HostedSession;
  /** a host that was overtaken and does not know it yet */
  #stale: HostedSession | undefined;
  #process = 1;
  #commands = 0;
  #failing: (typeof STEPS)[number] | undefined;

  static async set(): Promise<TrimmedTable> {
    const table = new TrimmedTable();
    table.#table = await LiveTable.set({ settings: { snapshotEvery: 600 } });
    await table.#restart();
    return table;
  }

  async take(step: (typeof STEPS)[number]): Promise<void> {
    switch (step) {
      case "play":
        await seqOf(this.#session.desk.submit("kim", set(`c${++this.#commands}`, "shared/n", this.#commands)));
        return;
      case "snapshot":
        await this.#session.snapshot();
        await this.#stale?.snapshot();
        return;
      case "failSave":
      case "failDrop":
      case "failTrim":
        this.#failing = step;
        await this.#session.snapshot().catch((error) => assert.ok(error instanceof StoreUnavailable, `${error}`));
        this.#failing = undefined;
        return;
      case "damage":
        // One at a time: where nothing whole would be left there is nothing to prove.
        if (this.#isSafe()) this.#damage();
        await this.#restart();
        return;
      case "overtake":
        this.#stale = this.#session;
        await this.#restart();
        return;
      case "crash":
        await this.#restart();
        return;
      default:
        step satisfies never;
    }
  }

  /** Damage to the newest snapshot costs nothing, wherever two were kept. */
  async survivesDamage(): Promise<void> {
    if (!this.#isSafe()) return;
    this.#damage();
    const text = writeSnapshot(this.#session.committed).text;
    const state = await this.#table.startWith("reader", {}).hosting.read(this.#table.sessionId);
    assert.equal(state && writeSnapshot(state).text, text);
  }

  async #restart(): Promise<void> {
    this.#table.process = this.#table.startWith(`p${++this.#process}`, this.#ports());
    this.#session = await this.#table.open();
    if (this.#session.committed.status === "created") {
      await this.#session.step("start", GM, "");
    }
    await this.#table.sit(this.#session, "kim");
  }

  #ports(): Pick<Stores, "log" | "snapshots"> {
    const { log, snapshots } = openMemoryStores(this.#table.backing);
    const failIf = (step: (typeof STEPS)[number]) => {
      if (this.#failing === step) throw new StoreUnavailable("a fault that the test asked for");
    };
    return {
      log: {
        append: (records, projection) => log.append(records, projection),
        read: (sessionId, after, limit) => log.read(sessionId, after, limit),
        events: (sessionId, after, limit) => log.events(sessionId, after, limit),
        commands: (sessionId, after, limit) => log.commands(sessionId, after, limit),
        end: (sessionId) => log.end(sessionId),
        trim: async (sessionId, through) => {
          failIf("failTrim");
          const covering = this.#whole().filter((pos) => pos >= through);
          assert.ok(covering.length >= 2, `trimmed through ${through}, whole are ${this.#whole()}`);
          await log.trim(sessionId, through);
        },
      },
      snapshots: {
        save: async (snapshot) => {
          failIf("failSave");
          await snapshots.save(snapshot);
        },
        positions: (sessionId) => snapshots.positions(sessionId),
        load: (sessionId, pos) => snapshots.load(sessionId, pos),
        dropBefore: async (sessionId, pos) => {
          failIf("failDrop");
          await snapshots.dropBefore(sessionId, pos);
        },
      },
    };
  }

  #snapshots() {
    return this.#table.backing.snapshots.get(this.#table.sessionId) ?? new Map();
  }

  /** Positions of snapshots that are what was written, newest first. */
  #whole(): number[] {
    const stored = [...this.#snapshots().values()];
    return stored
      .filter(({ text, sha256 }) => hash("sha256", text, "hex") === sha256)
      .map(({ pos }) => pos)
      .sort((a, b) => b - a);
  }

  /** Whether there is a whole way back without the newest whole snapshot. One of an overtaken host may be of no use. */
  #isSafe(): boolean {
    const trimmed = this.#trimmedThrough();
    return trimmed === 0 || this.#whole().filter((pos) => pos >= trimmed).length >= 2;
  }

  #damage(): void {
    const [newest] = this.#whole();
    if (newest === undefined) return;
    const snapshot = this.#snapshots().get(newest);
    this.#snapshots().set(newest, { ...snapshot, text: snapshot.text.replace("Evening", "Morning") });
  }

  #trimmedThrough(): number {
    const log = this.#table.backing.logs.get(this.#table.sessionId) ?? [];
    return log.filter(({ json }) => json === null).length;
  }
}

describe("trimming", function () {
  this.timeout(20_000);

  it("[L19] the log is never trimmed beyond the older of two whole snapshots, whatever fails or is damaged", async () => {
    const steps = fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const table = await TrimmedTable.set();
        for (const step of steps) await table.take(step);
        await table.survivesDamage();
      }),
      { numRuns: 150 },
    );
  });
});
