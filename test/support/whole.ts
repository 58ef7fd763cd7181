import assert from "node:assert/strict";
import type { Seat } from "./seat.ts";

/** That the seat holds exactly what the server says it should, of `entries` and of its own hidden ones. */
export async function assertWhole(seat: Seat): Promise<void> {
  const digest = await seat.room.request("digest", {});
  assert.deepEqual(digest, { seq: seat.state.seq, entries: seat.digest(), hidden: seat.hiddenDigest() }, seat.userId);
}
