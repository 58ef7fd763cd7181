import type { AuditEvent, CommandTrace, LogRecord } from "../../core/record.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import { PageSize } from "../log-page.ts";
import { parsed } from "../stored-record.ts";
import type { Standing } from "./admission.ts";
import { isDuplicate, reading, writing } from "./answer.ts";
import { commandTracesOf, eventsOf, recordsOf } from "./log-document.ts";
import type { LogDocument, Models, TrimDocument } from "./models.ts";
import { PART_BYTES, Parts } from "./parts.ts";

type Span = Pick<LogDocument, "pos" | "lastPos" | "records">;

/** The fields of a `Span`. */
const SPAN = { pos: 1, lastPos: 1, "records.id": 1 };

/** Documents asked for at once; the database sends 16 MB at most. */
const DOCUMENTS = 100;
/** Documents that a trim goes over in one command. */
const TRIM_STEP = 1_000;

/** Reading and trimming logs. All methods @throws StoreUnavailable; reads also StoredDataDamaged. */
export class LogTable {
  readonly #log: Models["log"];
  readonly #trims: Models["trims"];
  readonly #parts: Parts;

  constructor({ log, trims, logParts }: Models) {
    this.#log = log;
    this.#trims = trims;
    this.#parts = new Parts(logParts);
  }

  async read(sessionId: string, afterPos: number, limit: number): Promise<LogRecord[]> {
    let after = afterPos;
    for (;;) {
      const next = await this.#startingAfter(sessionId, after, limit);
      // Asked for later: whatever precedes what is in `next` was stored before it. And whatever is missing in the
      // documents was marked as trimmed before it was taken out.
      const [around, { through }] = await Promise.all([
        after === 0 ? null : this.around(sessionId, after),
        this.trimmed(sessionId),
      ]);
      if (through <= after) {
        const records = await this.#recordsOf(around === null ? next : [around, ...next], after, limit);
        if (records !== undefined) return records;
        if ((await this.trimmed(sessionId)).through <= after) {
          throw new StoredDataDamaged(`a record of ${sessionId} after ${after} has lost parts of its content`);
        }
      } else after = through;
    }
  }

  async events(sessionId: string, afterN: number, limit: number): Promise<AuditEvent[]> {
    const query = this.#log.find({ sessionId, lastN: { $gt: afterN } }, { sessionId: 1, "records.audit": 1 });
    const found = await reading(query.sort({ lastN: 1 }).limit(limit).lean<LogDocument[]>().exec());
    return found
      .flatMap(eventsOf)
      .filter((event) => event.n > afterN)
      .slice(0, limit);
  }

  async commands(sessionId: string, afterSeq: number, limit: number): Promise<CommandTrace[]> {
    const query = this.#log.find({ sessionId, lastSeq: { $gt: afterSeq } }, { sessionId: 1, "records.traces": 1 });
    const found = await reading(query.sort({ lastSeq: 1 }).limit(limit).lean<LogDocument[]>().exec());
    return found
      .flatMap(commandTracesOf)
      .filter((trace) => trace.seq > afterSeq)
      .slice(0, limit);
  }

  /** Up to where the log goes, and which records stand from one position to another. */
  async standing(sessionId: string, fromPos: number, throughPos: number): Promise<Standing> {
    // The end first: everything up to it is then there to be read.
    const end = await this.end(sessionId);
    const ids = new Map<number, string>();
    if (fromPos > end) return { end, ids };
    const which = { sessionId, pos: { $gte: fromPos, $lte: throughPos } };
    const [around, rest] = await Promise.all([
      this.around(sessionId, fromPos - 1, SPAN),
      reading(this.#log.find(which, SPAN).lean<Span[]>().exec()),
    ]);
    for (const { pos, records } of around === null ? rest : [around, ...rest]) {
      for (const [i, { id }] of records.entries()) ids.set(pos + i, id);
    }
    return { end, ids };
  }

  async trim(sessionId: string, throughPos: number): Promise<void> {
    // Never past the end: the mark would hide records that are still to come.
    const end = await this.end(sessionId);
    const through = Math.min(throughPos, end);
    const former = await this.trimmed(sessionId);
    // Hidden first, then gone: a reader never meets a hole that no mark explains.
    if (through > former.through) await this.mark(sessionId, "through", through);
    let cleared = former.cleared;
    for (;;) {
      const query = this.#log.find(
        { sessionId, pos: { $gt: cleared, $lte: through } },
        { pos: 1, lastPos: 1, parts: 1 },
      );
      const found = await reading(query.sort({ pos: 1 }).limit(TRIM_STEP).lean<LogDocument[]>().exec());
      const whole = found.filter(({ lastPos }) => lastPos <= through);
      const last = whole.at(-1);
      if (last === undefined) {
        await this.#clearFirst(found[0], through);
        // Where every document has lost its parts, what is left belongs to none: an append that was never stored.
        if (through === end) await this.#parts.dropOthers(sessionId, []);
        return;
      }
      const range = { sessionId, pos: { $gt: cleared, $lte: last.pos } };
      for (const { _id, parts = 0 } of whole) await this.#parts.drop(_id.toHexString(), parts);
      await writing(this.#log.updateMany(range, { $unset: { bodies: 1, parts: 1 } }).exec());
      cleared = last.lastPos;
      await this.mark(sessionId, "cleared", cleared);
    }
  }

  /** Clears the first records of a document of which only those are trimmed. One in parts waits until all of it is. */
  async #clearFirst(document: LogDocument | undefined, through: number): Promise<void> {
    if (document === undefined || document.parts !== undefined) return;
    const gone = Array.from({ length: through - document.pos + 1 }, (_, i) => [`bodies.${i}`, null]);
    await writing(
      this.#log.updateOne({ _id: document._id, bodies: { $exists: true } }, { $set: Object.fromEntries(gone) }).exec(),
    );
  }

  /** Raises a mark of a trim; one that is there already or higher stays. */
  async mark(sessionId: string, name: "through" | "cleared", value: number): Promise<void> {
    const lower = { _id: sessionId, [name]: { $lt: value } };
    const update = { $set: { [name]: value }, $setOnInsert: { [name === "through" ? "cleared" : "through"]: 0 } };
    for (;;) {
      try {
        await writing(this.#trims.updateOne(lower, update, { upsert: true, setDefaultsOnInsert: false }).exec());
        return;
      } catch (error) {
        // It is as high already; or somebody else's first mark came in between, which may be lower.
        if (!isDuplicate(error)) throw error;
        if ((await this.trimmed(sessionId))[name] >= value) return;
      }
    }
  }

  /** Up to where a log is trimmed; zeros where it is not. */
  async trimmed(sessionId: string): Promise<Pick<TrimDocument, "through" | "cleared">> {
    return (await reading(this.#trims.findById(sessionId).lean<TrimDocument>().exec())) ?? { through: 0, cleared: 0 };
  }

  /** The last position, 0 of an empty log. */
  async end(sessionId: string): Promise<number> {
    const last = this.#log.findOne({ sessionId }, { lastPos: 1 }).sort({ pos: -1 });
    return (await reading(last.lean<LogDocument>().exec()))?.lastPos ?? 0;
  }

  /** Documents from a position on, few at a time. */
  async *from(sessionId: string, afterPos: number, limit: number): AsyncGenerator<LogDocument> {
    const query = this.#log
      .find({ sessionId, pos: { $gt: afterPos } })
      .sort({ pos: 1 })
      .limit(limit);
    const cursor = query.lean<LogDocument>().cursor({ batchSize: DOCUMENTS });
    try {
      for (;;) {
        const document = (await reading(cursor.next())) as LogDocument | null;
        if (document === null) return;
        yield document;
      }
    } finally {
      await cursor.close();
    }
  }

  /** As many as a page can hold, each of one record or more. */
  async #startingAfter(sessionId: string, pos: number, limit: number): Promise<LogDocument[]> {
    const found: LogDocument[] = [];
    const page = new PageSize();
    for await (const document of this.from(sessionId, pos, limit)) {
      found.push(document);
      addTo(page, document);
      if (page.isFull) break;
    }
    return found;
  }

  /** The document that begins at or before a position and goes beyond it. */
  async around(sessionId: string, pos: number, fields = {}): Promise<LogDocument | null> {
    const query = this.#log.findOne({ sessionId, pos: { $lte: pos } }, fields).sort({ pos: -1 });
    const found = await reading(query.lean<LogDocument>().exec());
    return found !== null && found.lastPos > pos ? found : null;
  }

  /** @returns undefined where parts of what is asked for are gone */
  async #recordsOf(documents: readonly LogDocument[], after: number, limit: number): Promise<LogRecord[] | undefined> {
    const records: LogRecord[] = [];
    const page = new PageSize();
    for (const document of documents) {
      if (records.length >= limit || page.isFull) break;
      const bodies = await this.bodiesOf(document);
      if (bodies === undefined) return undefined;
      records.push(...recordsOf(document, bodies, after, limit - records.length, page));
    }
    return records;
  }

  /** @returns undefined where they are in parts that are gone */
  async bodiesOf({ _id, sessionId, pos, bodies, parts }: LogDocument): Promise<readonly (string | null)[] | undefined> {
    if (parts === undefined) return bodies ?? [];
    const bytes = await this.#parts.get(_id.toHexString(), parts);
    return bytes === undefined ? undefined : parsed(bytes.toString("utf8"), `the record of ${sessionId} at ${pos}`);
  }
}

/** Counts a document's records as part of a page; of one in parts those that are certainly full. */
export function addTo(page: PageSize, { records, bodies = [], parts = 1 }: LogDocument): void {
  page.add(...bodies, ...records.map(({ audit }) => audit));
  page.addBytes((parts - 1) * PART_BYTES);
}
