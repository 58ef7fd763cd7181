import { canRead, isHidden, type Reader } from "../../core/paths.ts";
import type { SessionState } from "../../core/state.ts";
import { encodeEvent, entryProperty, patchJson } from "./events.ts";

/** What became of one path: the entry there as a JSON property, null where it is gone. */
type Changed = readonly [path: string, set: string | null];

/**
 * What changed in a session's entries between two patches, for viewers with different rights: each entry is encoded
 * once, and so is what GMs see, and what those see who see nothing hidden of it.
 */
export class Change {
  readonly #seq: number;
  readonly #open: Changed[] = [];
  readonly #hidden: Changed[] = [];
  #forGms: Buffer | undefined;
  #forAll: Buffer | undefined;

  /** @param paths where something changed up to the state's `seq`; there may be none */
  constructor(state: Pick<SessionState, "seq" | "entries">, paths: Iterable<string>) {
    this.#seq = state.seq;
    for (const path of paths) {
      const entry = state.entries.get(path);
      const changed: Changed = [path, entry === undefined ? null : entryProperty(path, entry)];
      (isHidden(path) ? this.#hidden : this.#open).push(changed);
    }
  }

  /** The `patch` for one viewer: also where there is nothing in it for them, so that they can follow `seq`. */
  for(reader: Reader): Buffer {
    if (reader.role === "gm") {
      this.#forGms ??= this.#encode(this.#hidden);
      return this.#forGms;
    }
    const theirs = this.#hidden.filter(([path]) => canRead(path, reader));
    if (theirs.length > 0) return this.#encode(theirs);
    this.#forAll ??= this.#encode([]);
    return this.#forAll;
  }

  #encode(hidden: readonly Changed[]): Buffer {
    const set: string[] = [];
    const gone: string[] = [];
    for (const changes of [this.#open, hidden]) {
      for (const [path, property] of changes) {
        if (property === null) gone.push(JSON.stringify(path));
        else set.push(property);
      }
    }
    return encodeEvent("patch", patchJson(this.#seq, set, gone));
  }
}
