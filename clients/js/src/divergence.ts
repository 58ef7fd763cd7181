import type { Clock } from "./clock.ts";
import { RunningDigest } from "./digest.ts";
import type { SessionState } from "./state.ts";

export interface Divergence {
  readonly seq: number;
  readonly serverDigest: string;
  readonly ownDigest: string;
}

const BUDGET_MS = 5;
/** Between two slices, so that the page breathes. */
const PAUSE_MS = 10;

/** Compares the copy with the server's digest, whenever that is for the entries as they stand. */
export class DivergenceWatch {
  readonly #clock: Clock;
  readonly #state: SessionState;
  readonly #onDiverged: (divergence: Divergence) => void;
  readonly #onAgreed: (seq: number) => void;
  readonly #digest = new RunningDigest();
  #cancel: (() => void) | undefined;
  #comparedSeq = -1;

  constructor(
    clock: Clock,
    state: SessionState,
    onDiverged: (divergence: Divergence) => void,
    onAgreed: (seq: number) => void,
  ) {
    this.#clock = clock;
    this.#state = state;
    this.#onDiverged = onDiverged;
    this.#onAgreed = onAgreed;
  }

  stateChanged(changedPaths: Iterable<string>): void {
    for (const path of changedPaths) this.#digest.note(path, this.#state.entries.get(path));
    this.#work();
  }

  /** A full state came: compares again, also a seq that was compared before. */
  restart(): void {
    this.#comparedSeq = -1;
  }

  stop(): void {
    this.#cancel?.();
  }

  #work(): void {
    if (this.#cancel !== undefined) return;
    if (!this.#digest.catchUp(() => this.#clock.now(), BUDGET_MS)) {
      this.#cancel = this.#clock.after(PAUSE_MS, () => {
        this.#cancel = undefined;
        this.#work();
      });
      return;
    }
    const { seq, digest, digestSeq } = this.#state;
    if (digestSeq !== seq || digest === "" || this.#comparedSeq === seq) return;
    this.#comparedSeq = seq;
    const ownDigest = this.#digest.hex();
    if (ownDigest === digest) this.#onAgreed(seq);
    else this.#onDiverged({ seq, serverDigest: digest, ownDigest });
  }
}
