import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Seat } from "../table/seat.ts";
import { SortedPaths } from "./path-order.ts";
import { type Row, rowsOf } from "./rows.ts";

/** The tree of what one sees, as rows, and what one has done to it: closed groups, a search, the row one is at. */
export class Shelf {
  readonly find = signal("");
  readonly closed = signal<ReadonlySet<string>>(new Set());
  /** the path of the row that the keyboard is at */
  readonly at = signal("");
  readonly rows: ReadonlySignal<readonly Row[]>;
  readonly size: ReadonlySignal<number>;

  constructor(seat: Seat) {
    const paths = new SortedPaths();
    const list = computed(() => {
      seat.beat.value;
      paths.become(pathsIn(seat));
      return paths.list;
    });
    this.size = computed(() => list.value.length);
    this.rows = computed(() => rowsOf(list.value, this.closed.value, this.find.value));
  }

  toggle(group: string, open = this.closed.value.has(group)): void {
    const closed = new Set(this.closed.value);
    if (open) closed.delete(group);
    else closed.add(group);
    this.closed.value = closed;
  }
}

function* pathsIn(seat: Seat): Iterable<string> {
  for (const [path] of seat.table.view().entries()) yield path;
}
