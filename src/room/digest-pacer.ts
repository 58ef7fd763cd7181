import type { Clock } from "../ports/clock.ts";

/** While commits go on, a digest rides in the patch of one of them, so often. */
const DIGEST_EVERY_MS = 500;
/** Once they pause, it has a patch of its own: well within the contract's 1 s of the last commit. */
const QUIET_MS = 400;

/** When a room's digest is brought up to the entries as they stand, for everybody to check against. */
export class DigestPacer {
  readonly #clock: Clock;
  readonly #digest: () => void;
  readonly #show: () => void;
  #digestedAt = Number.NEGATIVE_INFINITY;
  #committedAt = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #cancel: (() => void) | undefined;

  /** @param digest brings it up to date  @param show has a patch sent soon */
  constructor(clock: Clock, digest: () => void, show: () => void) {
    this.#clock = clock;
    this.#digest = digest;
    this.#show = show;
  }

  /** Something was committed, and its patch is about to be sent. */
  committed(): void {
    const now = this.#clock.steady();
    this.#committedAt = now;
    this.#isDue = true;
    if (now - this.#digestedAt >= DIGEST_EVERY_MS) this.#bringUpToDate(now);
    else this.#cancel ??= this.#clock.after(QUIET_MS, () => this.#paused());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #paused(): void {
    const now = this.#clock.steady();
    this.#cancel = undefined;
    if (!this.#isDue) return;
    const left = this.#committedAt + QUIET_MS - now;
    if (left > 0) {
      this.#cancel = this.#clock.after(left, () => this.#paused());
      return;
    }
    this.#bringUpToDate(now);
    this.#show();
  }

  #bringUpToDate(now: number): void {
    this.#digestedAt = now;
    this.#isDue = false;
    this.#digest();
  }
}
