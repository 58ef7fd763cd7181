import { Types } from "mongoose";
import { reading } from "./answer.ts";
import type { Models } from "./models.ts";
import { Parts } from "./parts.ts";

const PAGE = 500;

/** Parts of snapshots and of log documents to which the document that should name them never came. */
export class StrayParts {
  readonly #models: Models;

  constructor(models: Models) {
    this.#models = models;
  }

  /** @throws StoreUnavailable */
  async count(): Promise<{ readonly snapshots: number; readonly log: number }> {
    const [snapshots, log] = [await this.#each("snapshots", async () => {}), await this.#each("log", async () => {})];
    return { snapshots, log };
  }

  /** @throws as `writing` */
  async drop(): Promise<void> {
    await this.#each("snapshots", (ids, parts) => parts.dropThese(ids));
    await this.#each("log", (ids, parts) => parts.dropThese(ids));
  }

  /** Does something with the ids of stray parts, page by page. @returns how many there were */
  async #each(of: "snapshots" | "log", work: (ids: string[], parts: Parts) => Promise<void>): Promise<number> {
    const parts = new Parts(of === "log" ? this.#models.logParts : this.#models.snapshotParts);
    let count = 0;
    for (let after = ""; ; ) {
      const page = await parts.old(after, PAGE);
      if (page.length === 0) return count;
      const named = of === "log" ? await this.#documents(page) : await this.#saves(page);
      const stray = page.filter(({ whole }) => !named.has(whole)).map(({ _id }) => _id);
      await work(stray, parts);
      count += stray.length;
      after = page.at(-1)!._id;
    }
  }

  async #documents(page: readonly { readonly whole: string }[]): Promise<Set<string>> {
    const ids = page.map(({ whole }) => whole).filter((whole) => Types.ObjectId.isValid(whole));
    const query = this.#models.log.find({ _id: { $in: ids }, parts: { $gt: 0 } }, { _id: 1 });
    return new Set((await reading(query.lean().exec())).map(({ _id }) => _id.toHexString()));
  }

  async #saves(page: readonly { readonly sessionId: string }[]): Promise<Set<string>> {
    const sessionIds = [...new Set(page.map(({ sessionId }) => sessionId))];
    const query = this.#models.snapshots.find({ sessionId: { $in: sessionIds } }, { saveId: 1 });
    return new Set((await reading(query.lean().exec())).map(({ saveId }) => saveId));
  }
}
