import type { ListPosition } from "../cursor.ts";

/** What stands after a position in a list that is newest first, by `createdAt`, then by `_id`. */
export function olderThan({ createdAt, id }: ListPosition) {
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: id } }] };
}
