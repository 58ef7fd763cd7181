import type { SessionState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";

/** A state that nobody asks for is kept so long. */
const KEEP_MS = 5_000;
/** All of them together are kept as far as they come to this by `sizeOf`: a few full sessions. */
const KEEP_BYTES = 24 * 1024 * 1024;
/** What an entry, an answer or a person takes beside their texts. */
const AROUND_ITEM = 200;

interface Kept {
  readonly state: SessionState;
  readonly bytes: number;
  /** by the steady clock */
  until: number;
}

/** States that were read from the store a moment ago, for whoever asks next. What is in them is not to be changed. */
export class KeptStates {
  /** the one that was asked for last comes last */
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;
  #bytes = 0;
  #cancelSweep: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(sessionId: string): SessionState | undefined {
    const kept = this.#kept.get(sessionId);
    if (kept === undefined) return undefined;
    this.#kept.delete(sessionId);
    this.#kept.set(sessionId, kept);
    kept.until = this.#clock.steady() + KEEP_MS;
    return kept.state;
  }

  put(state: SessionState): void {
    this.drop(state.sessionId);
    const bytes = sizeOf(state);
    if (bytes > KEEP_BYTES) return;
    this.#bytes += bytes;
    this.#kept.set(state.sessionId, { state, bytes, until: this.#clock.steady() + KEEP_MS });
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= KEEP_BYTES) break;
      this.drop(oldest);
    }
    this.#cancelSweep ??= this.#clock.after(KEEP_MS, () => this.#sweep());
  }

  drop(sessionId: string): void {
    this.#bytes -= this.#kept.get(sessionId)?.bytes ?? 0;
    this.#kept.delete(sessionId);
  }

  /** Keeps nothing any more, and leaves no timer. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const now = this.#clock.steady();
    let next = Number.POSITIVE_INFINITY;
    for (const [sessionId, { until }] of this.#kept) {
      if (until <= now) this.drop(sessionId);
      else next = Math.min(next, until);
    }
    if (this.#kept.size > 0) this.#cancelSweep = this.#clock.after(next - now, () => this.#sweep());
  }
}

function sizeOf({ entries, answers, attendance, invites, invitees }: SessionState): number {
  const items = entries.size + answers.size + attendance.size + invites.size + invitees.size;
  return entries.bytes + items * AROUND_ITEM;
}
