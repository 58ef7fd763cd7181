/** The namespaces in the order in which people look for them. */
const NAMESPACES = ["shared", "players", "private", "table", "gm"];

/** Orders paths segment by segment, numbers by their value, what is above before what is below. */
export function comparePaths(one: string, other: string): number {
  const left = one.split("/");
  const right = other.split("/");
  const byNamespace = rank(left[0]) - rank(right[0]);
  if (byNamespace !== 0) return byNamespace;
  for (let at = 0; at < left.length && at < right.length; at++) {
    const order = compareNames(left[at]!, right[at]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function rank(namespace: string | undefined): number {
  const at = NAMESPACES.indexOf(namespace ?? "");
  return at < 0 ? NAMESPACES.length : at;
}

/** By hand: `Intl.Collator` takes ten times as long, which 10,000 entries would show. */
function compareNames(one: string, other: string): number {
  let left = 0;
  let right = 0;
  while (left < one.length && right < other.length) {
    const leftEnd = digitsEnd(one, left);
    const rightEnd = digitsEnd(other, right);
    if (leftEnd > left && rightEnd > right) {
      const order = Number(one.slice(left, leftEnd)) - Number(other.slice(right, rightEnd));
      if (order !== 0) return order;
      left = leftEnd;
      right = rightEnd;
    } else {
      const order = one.charCodeAt(left++) - other.charCodeAt(right++);
      if (order !== 0) return order;
    }
  }
  return one.length - left - (other.length - right) || (one < other ? -1 : one > other ? 1 : 0);
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

/** Few changes are put into their places; many are cheaper to sort. */
const FEW = 50;

/** Paths in their order, kept in order as they come and go. */
export class SortedPaths {
  #known = new Set<string>();
  #sorted: readonly string[] = [];

  get list(): readonly string[] {
    return this.#sorted;
  }

  /** @returns whether it is another list now */
  become(paths: Iterable<string>): boolean {
    const now = new Set(paths);
    const added = [...now].filter((path) => !this.#known.has(path));
    const removed = this.#known.size + added.length - now.size;
    if (added.length === 0 && removed === 0) return false;
    this.#known = now;
    const stayed = removed === 0 ? [...this.#sorted] : this.#sorted.filter((path) => now.has(path));
    if (added.length > FEW) this.#sorted = [...stayed, ...added].sort(comparePaths);
    else this.#sorted = added.reduce(insert, stayed);
    return true;
  }
}

function insert(sorted: string[], path: string): string[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comparePaths(sorted[middle]!, path) < 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, path);
  return sorted;
}
