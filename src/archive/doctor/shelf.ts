import { readSnapshot } from "../../core/snapshot.ts";
import type { SessionState } from "../../core/state.ts";
import type { KeptSnapshot } from "../../ports/archive.ts";
import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";
import type { Stores } from "../../ports/stores.ts";
import { reasonWithoutContent } from "./finding.ts";

/** What became of a look at a snapshot: its state, or what is wrong with it. */
export type Judged =
  | { readonly state: SessionState }
  | { readonly wrong: "partial" | "damaged"; readonly says: string };

/**
 * A session's snapshots, in the order of their positions, one in memory at a time. What a running host drops or adds
 * meanwhile is no damage: the list is read again where one that stood on it is gone, or is needed.
 */
export class Shelf {
  readonly #sessionId: string;
  readonly #stores: Pick<Stores, "archive" | "snapshots">;
  /** not looked at yet, oldest first */
  #waiting: KeptSnapshot[] = [];
  /** up to where they were looked at */
  #passed = 0;

  private constructor(sessionId: string, stores: Pick<Stores, "archive" | "snapshots">) {
    this.#sessionId = sessionId;
    this.#stores = stores;
  }

  static async of(sessionId: string, stores: Pick<Stores, "archive" | "snapshots">): Promise<Shelf> {
    const shelf = new Shelf(sessionId, stores);
    await shelf.refresh();
    return shelf;
  }

  /** Takes in what has come and gone since. */
  async refresh(): Promise<void> {
    const kept = await this.#stores.archive.snapshots(this.#sessionId);
    this.#waiting = kept.filter(({ pos }) => pos > this.#passed).sort((a, b) => a.pos - b.pos);
  }

  /** The position of the next one to look at. */
  get nextPos(): number | undefined {
    return this.#waiting[0]?.pos;
  }

  /** Looks at the next one. @returns undefined where it is gone by now */
  async takeNext(): Promise<Judged | undefined> {
    const next = this.#waiting.shift();
    if (next === undefined) return undefined;
    this.#passed = next.pos;
    const judged = await this.#judge(next);
    if ("state" in judged || (await this.#isKept(next))) return judged;
    return undefined;
  }

  async #judge({ pos, isWhole }: KeptSnapshot): Promise<Judged> {
    const partial = { wrong: "partial", says: "the snapshot is not whole: parts of it are missing" } as const;
    if (!isWhole) return partial;
    try {
      const stored = await this.#stores.snapshots.load(this.#sessionId, pos);
      if (stored === undefined) return partial;
      const state = readSnapshot(stored.text, stored.sha256);
      if (state.sessionId !== this.#sessionId || state.pos !== pos)
        throw new Error("it is another session's or position's");
      return { state };
    } catch (error) {
      if (error instanceof StoreUnavailable || error instanceof OutcomeUnknown) throw error;
      return { wrong: "damaged", says: `the snapshot is damaged: ${reasonWithoutContent(error)}` };
    }
  }

  async #isKept({ pos, sha256 }: KeptSnapshot): Promise<boolean> {
    const kept = await this.#stores.archive.snapshots(this.#sessionId);
    return kept.some((one) => one.pos === pos && one.sha256 === sha256);
  }
}
