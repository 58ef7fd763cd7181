import type { DamagedRecord, KeptRecord } from "../../ports/archive.ts";
import { OutcomeUnknown, PositionTaken, StoredDataDamaged, StoreUnavailable } from "../../ports/failures.ts";
import { PageSize } from "../log-page.ts";
import { ANSWER_WITHIN_MS, isDuplicate, reading, writing } from "./answer.ts";
import { barrier, DURABLE } from "./durable.ts";
import { documentOfKept, keptRecordsOf } from "./log-document.ts";
import { addTo, type LogTable } from "./log-table.ts";
import type { LogDocument, Models } from "./models.ts";
import { Parts } from "./parts.ts";
import { storable } from "./storable.ts";

type Bodies = readonly (string | null)[];

/** Logs as they are kept: reading all that stands there, and writing what another store kept. */
export class KeptLog {
  readonly #models: Models;
  readonly #table: LogTable;
  readonly #parts: Parts;

  constructor(models: Models, table: LogTable) {
    this.#models = models;
    this.#table = table;
    this.#parts = new Parts(models.logParts);
  }

  /** Trimmed and damaged ones too. At most `limit`, fewer where they are large. @throws StoreUnavailable */
  async read(sessionId: string, afterPos: number, limit: number): Promise<(KeptRecord | DamagedRecord)[]> {
    const around = afterPos === 0 ? null : await this.#table.around(sessionId, afterPos);
    const documents: { readonly document: LogDocument; readonly bodies: Bodies | undefined }[] = [];
    let records = 0;
    const page = new PageSize();
    for await (const document of this.#from(around, sessionId, afterPos, limit)) {
      documents.push({ document, bodies: await this.#bodiesOf(document) });
      records += document.lastPos - Math.max(document.pos - 1, afterPos);
      addTo(page, document);
      if (records >= limit || page.isFull) break;
    }
    // Asked for later: what is missing in the documents was marked as trimmed before it was taken out.
    const { through } = await this.#table.trimmed(sessionId);
    const found: (KeptRecord | DamagedRecord)[] = [];
    for (const { document, bodies } of documents) {
      found.push(...keptRecordsOf(document, bodies, found.at(-1)?.pos ?? afterPos, through));
    }
    return found.slice(0, limit);
  }

  /**
   * Stores what does not stand there yet, as one document: as `SessionLog.append` does.
   * @throws PositionTaken | StoreUnavailable | OutcomeUnknown
   */
  async put(sessionId: string, records: readonly KeptRecord[]): Promise<void> {
    const [first, last] = [records[0]!.pos, records.at(-1)!.pos];
    const deadline = performance.now() + ANSWER_WITHIN_MS;
    do {
      const { end, ids } = await this.#table.standing(sessionId, first, last);
      if (first > end + 1) throw new StoreUnavailable(`${sessionId} has nothing before ${first}`);
      const taken = records.find(({ pos, id }) => pos <= end && ids.get(pos) !== id);
      if (taken !== undefined) throw new PositionTaken(`${sessionId} at ${taken.pos}`);
      const fresh = records.filter(({ pos }) => pos > end);
      if (fresh.length === 0) return await barrier(this.#models);
      if (await this.#insert(sessionId, fresh)) return;
    } while (performance.now() < deadline);
    throw new OutcomeUnknown("what stands in this log is not settled yet");
  }

  /** Where two documents of a log hold the same position, in words. @throws StoreUnavailable */
  async overlaps(sessionId: string): Promise<string[]> {
    const found: string[] = [];
    let [after, last] = [0, 0];
    for (;;) {
      const query = this.#models.log.find({ sessionId, pos: { $gt: after } }, { pos: 1, lastPos: 1 });
      const spans = await reading(query.sort({ pos: 1 }).limit(1_000).lean<LogDocument[]>().exec());
      if (spans.length === 0) return found;
      for (const { pos, lastPos } of spans) {
        if (pos <= last) found.push(`two documents of the log of ${sessionId} hold position ${pos}`);
        last = Math.max(last, lastPos);
        after = pos;
      }
    }
  }

  /** @returns whether it is stored; else another document came first */
  async #insert(sessionId: string, fresh: readonly KeptRecord[]): Promise<boolean> {
    const trimmed = fresh.findLast(({ body }) => body === null);
    // The mark first: a reader never meets a hole that no mark explains.
    if (trimmed !== undefined) await this.#table.mark(sessionId, "through", trimmed.pos);
    const document = await storable(documentOfKept(sessionId, fresh), this.#parts);
    try {
      await writing(this.#models.log.collection.insertOne(document, { writeConcern: DURABLE }));
      return true;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      await this.#parts.drop(document._id.toHexString(), document.parts ?? 0);
      return false;
    }
  }

  /** @returns undefined where parts are gone, or are not what was written */
  async #bodiesOf(document: LogDocument): Promise<Bodies | undefined> {
    try {
      return await this.#table.bodiesOf(document);
    } catch (error) {
      if (error instanceof StoredDataDamaged) return undefined;
      throw error;
    }
  }

  /** A document and those after a position, few at a time. */
  async *#from(
    first: LogDocument | null,
    sessionId: string,
    afterPos: number,
    limit: number,
  ): AsyncGenerator<LogDocument> {
    if (first !== null) yield first;
    yield* this.#table.from(sessionId, afterPos, limit);
  }
}
