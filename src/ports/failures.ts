/** The three ways in which a store says no. Everything else that a store throws is treated as `OutcomeUnknown`. */

/** Another record stands at that position: somebody else writes this log. Nothing of the call was stored. */
export class PositionTaken extends Error {
  override readonly name = "PositionTaken";
}

/** Failed for certain: nothing of the call is stored, and nothing of it will be. Trying again may succeed. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** No answer, or one cut off: the call may have been stored, or may yet be. Only the identical call settles it. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/** What is stored cannot be what was written: a gap, a bad checksum, a format from the future. Names the place. */
export class StoredDataDamaged extends Error {
  override readonly name = "StoredDataDamaged";
}
