import type { SessionState } from "../../core/state.ts";
import { StoredDataDamaged, StoreUnavailable } from "../../ports/failures.ts";
import type { Stores } from "../../ports/stores.ts";
import { figuresOf } from "./figures.ts";
import type { LineFile } from "./line-file.ts";
import type { Line } from "./lines.ts";
import { SessionCheck } from "./session-check.ts";

const RECORDS = 200;
const PIECE_CHARACTERS = 1024 * 1024;
/** How often a session is read again because its host forgot what was being read. */
const ATTEMPTS = 8;

/** A host trimmed the log, or dropped a snapshot, that was just being read. */
class Forgotten extends Error {
  override readonly name = "Forgotten";
}

/**
 * Writes a session as it stands now, up to its last record of this moment; its host may go on meanwhile.
 * @param onDamaged told of a snapshot that cannot be used, and is left out: another, or the log alone, gives the whole
 * @returns how many records
 * @throws StoredDataDamaged naming session and position, StoreUnavailable
 */
export async function exportSession(
  sessionId: string,
  stores: Stores,
  file: LineFile,
  onDamaged: (problem: StoredDataDamaged) => void,
): Promise<number> {
  const start = await file.mark();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      return await new SessionExport(sessionId, stores, file, onDamaged).run();
    } catch (error) {
      if (!(error instanceof Forgotten)) throw error;
      await file.goBack(start);
    }
  }
  throw new StoreUnavailable(
    `session ${sessionId} goes on faster than it can be read: try again when it is paused, or with a higher snapshotEvery`,
  );
}

/** One attempt. */
class SessionExport {
  readonly #sessionId: string;
  readonly #stores: Stores;
  readonly #file: LineFile;
  readonly #onDamaged: (problem: StoredDataDamaged) => void;

  constructor(sessionId: string, stores: Stores, file: LineFile, onDamaged: (problem: StoredDataDamaged) => void) {
    this.#sessionId = sessionId;
    this.#stores = stores;
    this.#file = file;
    this.#onDamaged = onDamaged;
  }

  async run(): Promise<number> {
    const { archive, log } = this.#stores;
    // The end before the snapshots, so that each of these has its record; those beyond it are left out.
    const throughPos = await log.end(this.#sessionId);
    if (throughPos === 0) throw this.#damaged(0, "there is no log, only a row");
    const trimmedThrough = await archive.trimmedThrough(this.#sessionId);
    if (trimmedThrough > throughPos) throw new Forgotten();
    await this.#write({ type: "session", sessionId: this.#sessionId, throughPos, trimmedThrough });
    const check = new SessionCheck(this.#sessionId, trimmedThrough);
    await this.#snapshots(check, trimmedThrough, throughPos);
    await this.#records(check, trimmedThrough, throughPos);
    await this.#end(check.finish(throughPos));
    return throughPos;
  }

  async #snapshots(check: SessionCheck, trimmedThrough: number, throughPos: number): Promise<void> {
    const kept = await this.#stores.archive.snapshots(this.#sessionId);
    const useful = kept.filter(({ pos }) => pos >= trimmedThrough && pos <= throughPos).reverse();
    let used = 0;
    for (const { pos, sha256 } of useful) {
      let text: string;
      try {
        const stored = await this.#stores.snapshots.load(this.#sessionId, pos);
        if (stored === undefined || stored.sha256 !== sha256) throw await this.#missing(pos);
        text = stored.text;
        check.snapshot(pos, text, sha256);
      } catch (error) {
        if (!(error instanceof StoredDataDamaged)) throw error;
        this.#onDamaged(error);
        continue;
      }
      used += 1;
      await this.#writeSnapshot(pos, sha256, text);
    }
    if (used > 0 || trimmedThrough === 0) return;
    await this.#retryIfTrimmedBeyond(trimmedThrough);
    throw this.#damaged(
      trimmedThrough,
      "the log is trimmed up to here, and no snapshot that can be read goes on from it",
    );
  }

  async #writeSnapshot(pos: number, sha256: string, text: string): Promise<void> {
    await this.#write({ type: "snapshot", pos, sha256, pieces: Math.ceil(text.length / PIECE_CHARACTERS) });
    for (let from = 0; from < text.length; from += PIECE_CHARACTERS) {
      await this.#write({ type: "piece", text: text.slice(from, from + PIECE_CHARACTERS) });
    }
  }

  async #records(check: SessionCheck, trimmedThrough: number, throughPos: number): Promise<void> {
    for (let pos = 0; pos < throughPos; ) {
      const page = await this.#stores.archive.records(this.#sessionId, pos, RECORDS);
      if (page.length === 0) throw this.#damaged(pos, `the log should go on to ${throughPos}`);
      for (const record of page) {
        if (record.pos > throughPos) return;
        if ("damage" in record) throw this.#damaged(record.pos, record.damage);
        if (record.body === null && record.pos > trimmedThrough) await this.#retryIfTrimmedBeyond(trimmedThrough);
        check.record(record);
        await this.#write({ type: "record", ...record });
        pos = record.pos;
      }
    }
  }

  async #end(state: SessionState): Promise<void> {
    const processId = state.process;
    const beatAt = processId === null ? undefined : await this.#stores.leases.lastBeat(processId);
    await this.#write({
      type: "session-end",
      sessionId: this.#sessionId,
      ...figuresOf(state),
      inviteHashes: Array.from(state.invites.values(), ({ tokenHash }) => tokenHash),
      lastBeat: processId === null || beatAt === undefined ? null : { processId, beatAt },
    });
  }

  /** Why a snapshot that was listed cannot be loaded. */
  async #missing(pos: number): Promise<Error> {
    const kept = await this.#stores.archive.snapshots(this.#sessionId);
    const isListed = kept.some((one) => one.pos === pos && !one.isWhole);
    return isListed ? this.#damaged(pos, "the snapshot is not whole: parts of it are missing") : new Forgotten();
  }

  async #retryIfTrimmedBeyond(trimmedThrough: number): Promise<void> {
    if ((await this.#stores.archive.trimmedThrough(this.#sessionId)) > trimmedThrough) throw new Forgotten();
  }

  #write(line: Line): Promise<void> {
    return this.#file.write(line);
  }

  #damaged(pos: number, why: string): StoredDataDamaged {
    return new StoredDataDamaged(`session ${this.#sessionId} at position ${pos}: ${why}`);
  }
}
