import type { Clock } from "./clock.ts";
import type { Command } from "./command.ts";
import type { Json } from "./json.ts";
import { type Layer, predict } from "./prediction.ts";
import type { Entry, SessionState } from "./state.ts";
import { type Texts, valueAt } from "./subtree.ts";

/** An entry as it is seen: `pending` while it shows a command that was not answered yet. */
export interface SeenEntry extends Entry {
  readonly pending: boolean;
}

/** The entries that a person sees, `entries` and `hidden` together, with their own unanswered commands applied. */
export interface View {
  get(path: string): Json | undefined;
  entry(path: string): SeenEntry | undefined;
  entries(): IterableIterator<[string, SeenEntry]>;
}

export interface OptimisticViewOptions {
  readonly clock: Clock;
  readonly state: SessionState;
  /** user id of the predictions' `by` */
  readonly userId: () => string;
  /** commands that are not answered yet, in order; none where the view is not optimistic */
  readonly unanswered: () => readonly Command[];
  readonly onChange: () => void;
}

/**
 * A patch comes just before the answer to the command that it carries. To count that command twice in between would
 * make every increment flicker, so a patch that comes while commands are under way is held back until the answers
 * had time to follow.
 */
export class OptimisticView implements View {
  readonly #options: OptimisticViewOptions;
  /** for each path with a change held back: what is still seen there */
  readonly #held = new Map<string, Entry | undefined>();
  #cancelHold: (() => void) | undefined;
  #layer: Layer | undefined;

  constructor(options: OptimisticViewOptions) {
    this.#options = options;
  }

  /** The state changed; `before` is what stood at each changed path. `holdMs` 0: show it at once. */
  stateChanged(before: ReadonlyMap<string, Entry | undefined>, holdMs: number): void {
    if (before.size === 0) return;
    if (holdMs > 0) {
      for (const [path, entry] of before) if (!this.#held.has(path)) this.#held.set(path, entry);
      this.#cancelHold ??= this.#options.clock.after(holdMs, () => this.#showHeld());
    } else if (this.#cancelHold === undefined) {
      this.#changed();
    } else {
      for (const [path, entry] of before) if (!this.#held.has(path)) this.#held.set(path, entry);
    }
  }

  /** A command was added. */
  commandAdded(): void {
    this.#changed();
  }

  /** A command was answered or refused. What was held back for it is seen from now on. */
  commandGone(): void {
    if (this.#cancelHold === undefined) this.#changed();
    else this.#showHeld();
  }

  get(path: string): Json | undefined {
    return valueAt(this.#seen(), path);
  }

  entry(path: string): SeenEntry | undefined {
    const predicted = this.#predictions().get(path);
    const entry = this.#baseEntry(path);
    if (predicted === null) return undefined;
    if (predicted === undefined) return entry && { ...entry, pending: false };
    return { value: predicted, version: entry?.version ?? 0, by: this.#options.userId(), pending: true };
  }

  *entries(): IterableIterator<[string, SeenEntry]> {
    for (const path of this.#seen().paths()) {
      const entry = this.entry(path);
      if (entry !== undefined) yield [path, entry];
    }
  }

  stop(): void {
    this.#cancelHold?.();
  }

  #showHeld(): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#held.clear();
    this.#changed();
  }

  #changed(): void {
    this.#layer = undefined;
    this.#options.onChange();
  }

  #predictions(): Layer {
    this.#layer ??= predict(
      { get: (path) => this.#baseEntry(path)?.value, paths: () => this.#basePaths() },
      this.#options.unanswered(),
    );
    return this.#layer;
  }

  #baseEntry(path: string): Entry | undefined {
    if (this.#held.has(path)) return this.#held.get(path);
    const { entries, hidden } = this.#options.state;
    return entries.get(path) ?? hidden.get(path);
  }

  *#basePaths(): IterableIterator<string> {
    const { entries, hidden } = this.#options.state;
    yield* entries.keys();
    for (const path of hidden.keys()) if (!entries.has(path)) yield path;
    for (const path of this.#held.keys()) if (!entries.has(path) && !hidden.has(path)) yield path;
  }

  #seen(): Texts {
    const layer = this.#predictions();
    const paths = () => this.#basePaths();
    const baseEntry = (path: string) => this.#baseEntry(path);
    return {
      get(path) {
        const predicted = layer.get(path);
        return predicted === undefined ? baseEntry(path)?.value : (predicted ?? undefined);
      },
      *paths() {
        const base = new Set(paths());
        yield* base;
        for (const path of layer.keys()) if (!base.has(path)) yield path;
      },
    };
  }
}
