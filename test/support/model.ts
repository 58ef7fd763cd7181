import { asDigest, entryHash } from "./digest.ts";

export interface ModelEntry {
  /** JSON text */
  readonly value: string;
  readonly version: number;
  readonly by: string;
}

export interface ModelCommand {
  readonly seq: number;
  readonly userId: string;
  readonly action: string;
  readonly payload: unknown;
  readonly expect?: Readonly<Record<string, number>> | undefined;
}

/**
 * The entries of a session as the contract says that commands change them (section 5), written down a second time and as
 * plainly as possible, to compare the server with. It knows the actions that the tests' load uses; it decides no rights.
 */
export class Model {
  readonly entries = new Map<string, ModelEntry>();
  #sharedSum = 0n;

  /** The digest of what everybody sees: all but `gm/` and `private/`. */
  get digest(): string {
    return asDigest(this.#sharedSum);
  }

  /** Applies one accepted command. @returns its `result`. @throws where the command can never have been accepted */
  apply({ seq, userId, action, payload, expect }: ModelCommand): unknown {
    for (const [path, version] of Object.entries(expect ?? {})) this.#requireVersion(path, version);
    const stamp = { version: seq, by: userId };
    const given = payload as Record<string, unknown>;
    const path = String(given.path);
    switch (action) {
      case "set": {
        const leaves = leavesOf(path, given.value);
        for (const [below] of this.#subtree(path)) if (!leaves.has(below)) this.#write(below, null, stamp);
        for (const [leaf, value] of leaves) this.#write(leaf, value, stamp);
        return undefined;
      }
      case "delete":
        for (const [below] of this.#subtree(path)) this.#write(below, null, stamp);
        return undefined;
      case "increment": {
        const sum = Number(this.#read(path) ?? 0) + Number(given.by);
        this.#write(path, JSON.stringify(sum), stamp);
        return sum;
      }
      case "append": {
        const list = [...((this.#read(path) as unknown[] | undefined) ?? []), ...(given.values as unknown[])];
        const kept = given.max === undefined ? list : list.slice(-Number(given.max));
        this.#write(path, JSON.stringify(kept), stamp);
        return kept.length;
      }
      case "move": {
        const [from, to] = [String(given.from), String(given.to)];
        const moved = this.#subtree(from);
        if (moved.length === 0) throw new Error(`moved ${from}, where nothing was`);
        const target = new Map(moved.map(([at, { value }]) => [to + at.slice(from.length), value]));
        for (const [at] of moved) if (!target.has(at)) this.#write(at, null, stamp);
        for (const [at] of this.#subtree(to)) if (!target.has(at)) this.#write(at, null, stamp);
        for (const [at, value] of target) this.#write(at, value, stamp);
        return undefined;
      }
      default:
        throw new Error(`the model knows no action ${action}`);
    }
  }

  #requireVersion(path: string, version: number): void {
    const found = version === 0 ? this.#subtree(path).length : this.entries.get(path)?.version;
    if (found !== version) throw new Error(`expected ${path} at version ${version}, where ${found ?? "nothing"} was`);
  }

  #read(path: string): unknown {
    const entry = this.entries.get(path);
    return entry === undefined ? undefined : JSON.parse(entry.value);
  }

  /** An entry whose JSON text stays the same keeps its version and author. */
  #write(path: string, value: string | null, stamp: { version: number; by: string }): void {
    const before = this.entries.get(path);
    if (before?.value === value) return;
    if (before !== undefined) this.#sum(path, before, -1n);
    if (value === null) {
      this.entries.delete(path);
      return;
    }
    const entry = { value, ...stamp };
    this.entries.set(path, entry);
    this.#sum(path, entry, 1n);
  }

  #sum(path: string, entry: ModelEntry, sign: 1n | -1n): void {
    if (!isHidden(path)) this.#sharedSum += sign * entryHash({ path, ...entry });
  }

  #subtree(path: string): [string, ModelEntry][] {
    return [...this.entries].filter(([at]) => at === path || at.startsWith(`${path}/`));
  }
}

/** Whether only some may see the entry: contract, section 4. */
export function isHidden(path: string): boolean {
  return path.startsWith("gm/") || path.startsWith("private/");
}

function leavesOf(path: string, value: unknown): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return new Map([[path, JSON.stringify(value)]]);
  return new Map(Object.entries(value).flatMap(([key, below]) => [...leavesOf(`${path}/${key}`, below)]));
}
