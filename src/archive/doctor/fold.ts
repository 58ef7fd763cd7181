import { isDeepStrictEqual } from "node:util";
import type { LogRecord } from "../../core/record.ts";
import { SessionState } from "../../core/state.ts";
import { misfitOf } from "../../core/succession.ts";
import { rowOf } from "../../live/row.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import { reasonWithoutContent } from "./finding.ts";

/** Kinds of records that change a session's row. */
const CHANGES_ROW: ReadonlySet<string> = new Set(["created", "status", "settings"]);

/**
 * The session as its log gives it, from the beginning or from a snapshot on. Where content is gone there is no state,
 * until a snapshot brings one again.
 */
export class Fold {
  #state: SessionState | undefined;
  /** whether the state comes from the first record on, with no snapshot in between */
  isFromStart = true;
  #row: SessionRow | undefined;
  /** whether the state was at some time as the row says that is looked for */
  hasBeenAsRow = false;

  /** @param row to be looked for on the way */
  constructor(sessionId: string, row: SessionRow | undefined) {
    this.#state = new SessionState(sessionId);
    this.#row = row;
  }

  /** After the last record; undefined while none is known. */
  get state(): SessionState | undefined {
    return this.#state;
  }

  /** The next record. @returns why it cannot follow, undefined where it does or where no state is known */
  apply(record: LogRecord): string | undefined {
    if (this.#state === undefined) return undefined;
    if (record.pos !== this.#state.pos + 1) {
      this.lose();
      return undefined;
    }
    try {
      const misfit = misfitOf(this.#state, record);
      if (misfit !== undefined) throw new Error(misfit);
      this.#state.apply(record);
    } catch (error) {
      this.lose();
      return reasonWithoutContent(error);
    }
    if (CHANGES_ROW.has(record.content.kind)) this.#compareRow();
    return undefined;
  }

  /** Content is gone from here on. */
  lose(): void {
    this.#state = undefined;
    this.isFromStart = false;
  }

  /** A snapshot's state is taken for the log's. */
  resume(state: SessionState): void {
    this.#state = state;
    this.isFromStart = false;
    this.#compareRow();
  }

  /** From here on another row is looked for. */
  lookFor(row: SessionRow | undefined): void {
    this.#row = row;
    this.hasBeenAsRow = false;
    this.#compareRow();
  }

  #compareRow(): void {
    if (this.#row !== undefined && this.#state !== undefined && isDeepStrictEqual(rowOf(this.#state), this.#row)) {
      this.hasBeenAsRow = true;
    }
  }
}
