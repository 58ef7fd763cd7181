import type { Expect } from "../../../clients/js/src/index.ts";
import type { Seat } from "../table/seat.ts";
import { expectFor } from "./expecting.ts";

/** What must still be there when a value is set at a path: what the confirmed state has there now. */
export function expectNow(seat: Seat, path: string): Expect {
  return expectFor(path, seat.table.entry(path)?.version, below(seat, path));
}

function* below(seat: Seat, path: string): Iterable<readonly [string, number]> {
  const { entries, hidden } = seat.table.state;
  for (const map of [entries, hidden]) {
    for (const [at, { version }] of map) if (at.startsWith(`${path}/`)) yield [at, version];
  }
}
